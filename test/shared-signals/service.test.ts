import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { EC, EC_OTHER, jwk, token } from '../identity/tokens.ts'
import { bearer, ISSUER } from '../service/asking.ts'
import { type AuditWorld, startAuditWorld, until } from '../service/audit-world.ts'
import { valueIn } from '../telemetry/exposition.ts'
import { CAEP, RISC, STREAM } from './sets.ts'

const POLICY = `
version: 1
assurance: [{ level: password, acr: { idp: ["1"] } }]
rules:
  - { id: read, when: subject.authenticated, effect: allow }
  - { id: revoked, when: session.revoked, effect: deny, reason: session-over }
  - { id: disabled, when: subject.disabled, effect: deny, reason: account-disabled }
`

/** YAML beside the rest of the settings; every secret of that world has a value. */
const SIGNALS = `
shared_signals:
  listen: 127.0.0.1:0
  streams:
    okta:
      issuer: ${STREAM.issuer}
      audience: ${STREAM.audience}
      keys: { static: ${JSON.stringify({ keys: [jwk(EC_OTHER)] })} }
      subjects: idp
      push: { path: /events, authorization: env:TOKEN }
`
const AUTHORIZATION = 'an-admin-token-of-tests'

async function push(
  world: AuditWorld,
  type: string,
  event: object = {},
  signer = EC_OTHER,
  sub_id: object = { format: 'iss_sub', iss: ISSUER, sub: 'ada' },
) {
  const { address } = await world.logged('signals-listening')
  const seconds = Math.floor(Date.now() / 1000)
  const claims = {
    iss: STREAM.issuer,
    aud: STREAM.audience,
    jti: `${type} ${JSON.stringify(event)}`,
    iat: seconds,
    sub_id,
    events: { [type]: { event_timestamp: seconds, ...event } },
  }
  const answer = await fetch(`http://${address}/events`, {
    method: 'POST',
    headers: { 'content-type': 'application/secevent+jwt', authorization: AUTHORIZATION },
    body: token(claims, { typ: 'secevent+jwt' }, signer),
  })
  return answer.status
}

const READ = { path: '/v1/licenses' }

describe('a service that is told of events', () => {
  it('refuses a session from the moment that it was revoked, though its token was good', async () => {
    await using world = await startAuditWorld(POLICY, { audit: SIGNALS })
    assert.equal((await world.ask(READ)).said, 'allow')
    assert.equal(await push(world, `${CAEP}session-revoked`), 202)
    assert.equal((await world.ask(READ)).said, 'session-over')
    assert.equal((await world.ask({ ...READ, claims: { sub: 'bob' } })).said, 'allow')
    const later = { auth_time: Math.floor(Date.now() / 1000) + 5 }
    assert.equal((await world.ask({ ...READ, claims: later })).said, 'allow')
  })

  it('forgets the tokens of the subject, and of nobody else', async () => {
    await using world = await startAuditWorld(POLICY, { audit: SIGNALS })
    const tokens = ['ada', 'bob'].map((sub) => bearer({ sub }))
    const askAll = async () => {
      for (const token of tokens) await world.ask({ ...READ, token })
      const samples = await world.samples()
      const count = (result: string) =>
        valueIn(samples, 'stepgate_token_verifications_total', { result })
      return [count('ok'), count('cached')]
    }
    await askAll()
    assert.deepEqual(await askAll(), [2, 2])
    await push(world, `${CAEP}session-revoked`)
    assert.deepEqual(await askAll(), [3, 3])
    await push(world, `${CAEP}credential-change`, { change_type: 'create' })
    assert.deepEqual(await askAll(), [4, 4])
  })

  it('refuses every token of a session that ended, whosever it is, and forgets it', async () => {
    await using world = await startAuditWorld(POLICY, { audit: SIGNALS })
    const later = { auth_time: Math.floor(Date.now() / 1000) + 5 }
    const tokens = ['s-1', 's-2'].map((sid) => bearer({ sid, ...later }))
    const askAll = async () => {
      const said = []
      for (const token of tokens) said.push((await world.ask({ ...READ, token })).said)
      const labels = { result: 'cached' }
      const samples = await world.samples()
      return [...said, valueIn(samples, 'stepgate_token_verifications_total', labels)]
    }
    await askAll()
    assert.deepEqual(await askAll(), ['allow', 'allow', 2])
    const session = { format: 'opaque', id: 's-1' }
    assert.equal(await push(world, `${CAEP}session-revoked`, {}, EC_OTHER, session), 202)
    assert.deepEqual(await askAll(), ['session-over', 'allow', 3])
    const told = (await world.stop()).filter(({ event }) => event === 'security-event')
    assert.deepEqual(
      told.map(({ effect, issuer, subject }) => [effect, issuer, subject === null]),
      [
        ['revoked', 'idp', false],
        ['revoked', 'idp', true],
      ],
    )
    assert.doesNotMatch(JSON.stringify(told), /s-1/)
  })

  it('refuses a disabled account, until it is enabled again', async () => {
    await using world = await startAuditWorld(POLICY, { audit: SIGNALS })
    const before = Math.floor(Date.now() / 1000) - 30
    assert.equal(await push(world, `${RISC}account-disabled`, { event_timestamp: before }), 202)
    assert.equal((await world.ask(READ)).said, 'account-disabled')
    assert.equal(await push(world, `${RISC}account-enabled`, { event_timestamp: before + 1 }), 202)
    assert.equal((await world.ask(READ)).said, 'allow')
    assert.equal(await push(world, `${RISC}account-disabled`, { event_timestamp: before }), 202)
    assert.equal((await world.ask(READ)).said, 'allow')
    const samples = await world.samples()
    const count = (result: string) =>
      valueIn(samples, 'stepgate_security_events_total', {
        stream: 'okta',
        type: 'account-disabled',
        result,
      })
    assert.deepEqual([count('applied'), count('replayed')], [1, 1])
  })

  it('is not moved by a SET that is signed by the provider of the tokens, nor by none', async () => {
    await using world = await startAuditWorld(POLICY, { audit: SIGNALS })
    assert.equal(await push(world, `${RISC}account-disabled`, {}, EC), 400)
    assert.equal((await world.ask(READ)).said, 'allow')
    const { reason } = await world.logged('signals-failed')
    assert.equal(reason, 'the SET is signed with an unknown key')
  })

  it('says what it heard: in the log, the record and the readiness of its streams', async () => {
    await using world = await startAuditWorld(POLICY, { audit: SIGNALS })
    await push(world, `${CAEP}session-revoked`)
    const { stream, type, result, issuer } = await world.logged('security-event')
    assert.deepEqual([stream, type, result, issuer], ['okta', 'session-revoked', 'applied', 'idp'])
    const ready = await until(async () => {
      const { streams } = JSON.parse((await world.admin('/readyz')).text)
      return streams.okta.keys ? streams : undefined
    })
    assert.deepEqual(ready, { okta: { keys: true } })
    const { id } = await world.ask(READ)
    const lines = await world.stop()
    const told = lines.find(({ event }) => event === 'security-event') ?? assert.fail()
    const decision = lines.find(({ decision_id }) => decision_id === id) ?? assert.fail()
    assert.equal(told.subject, decision.subject)
    assert.deepEqual([told.effect, told.stream], ['revoked', 'okta'])
    assert.doesNotMatch(JSON.stringify(world.lines()), /"ada"|an-admin-token/)
  })
})
