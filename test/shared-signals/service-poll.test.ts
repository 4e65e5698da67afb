import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { describe, it } from 'node:test'
import { type Behaviour, json, type Provider, startProvider } from '../identity/provider.ts'
import { EC, jwk, token } from '../identity/tokens.ts'
import { ISSUER } from '../service/asking.ts'
import { startAuditWorld } from '../service/audit-world.ts'
import { RISC, STREAM } from './sets.ts'

const POLICY = `
version: 1
assurance: [{ level: password, acr: { idp: ["1"] } }]
rules:
  - { id: read, when: subject.authenticated, effect: allow }
  - { id: disabled, when: subject.disabled, effect: deny, reason: account-disabled }
`

function signalsOf({ url }: Provider): string {
  return `
shared_signals:
  streams:
    okta:
      issuer: ${STREAM.issuer}
      audience: ${STREAM.audience}
      keys: { jwks_uri: "${url}/keys" }
      poll: { url: "${url}/poll", token: env:TOKEN, every: 1s }
`
}

/** A transmitter that has these SETs at every visit. */
function transmitting(sets: Record<string, string>): Behaviour {
  return (path, response) => {
    if (path === '/keys') json(response, { keys: [jwk(EC)] })
    else json(response, { sets })
  }
}

function disabled(): string {
  const seconds = Math.floor(Date.now() / 1000)
  const claims = {
    iss: STREAM.issuer,
    aud: STREAM.audience,
    jti: randomUUID(),
    iat: seconds,
    sub_id: { format: 'iss_sub', iss: ISSUER, sub: 'ada' },
    events: { [`${RISC}account-disabled`]: {} },
  }
  return token(claims, { typ: 'secevent+jwt' })
}

describe('a service that fetches events', () => {
  it('refuses an account from the moment that it heard of it', async () => {
    await using transmitter = await startProvider()
    transmitter.behave = transmitting({})
    await using world = await startAuditWorld(POLICY, { audit: signalsOf(transmitter) })
    assert.equal((await world.ask({ path: '/v1' })).said, 'allow')
    transmitter.behave = transmitting({ a: disabled() })
    await world.logged('security-event')
    transmitter.behave = transmitting({})
    assert.equal((await world.ask({ path: '/v1' })).said, 'account-disabled')
  })
})
