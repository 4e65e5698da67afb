import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import fc from 'fast-check'
import type { Identity } from '../../src/domain/identity.ts'
import type { Issuer } from '../../src/identity/issuer.ts'
import { CLAIMS, ISSUER, NOW, request } from './tokens.ts'
import { world } from './world.ts'

const FILTER = 'envoy.filters.http.jwt_authn'
const BEHIND_ENVOY: Issuer = { ...ISSUER, token: { metadata: FILTER } }

/** Who calls with these claims in metadata, verified by Envoy; no keys are there, since none are needed. */
function identityOf(payload: object, issuer = BEHIND_ENVOY): Identity | Promise<Identity> {
  const { identify } = world({ issuers: [issuer], keys: null })
  return identify({ ...request(), metadata: new Map([[FILTER, { payload }]]) })
}

suite('claims that Envoy has verified', () => {
  test('are known at once, and read like those of a token', () => {
    const claims = { acr: '2', amr: ['otp'], auth_time: NOW - 9.5, scope: ['read'], azp: 'web' }
    const identity = identityOf({ ...CLAIMS, ...claims })
    assert.partialDeepStrictEqual(identity, {
      kind: 'authenticated',
      subject: { issuer: 'idp', id: 'ada', clientId: 'web', scopes: ['read'], workload: false },
      login: { acr: '2', amr: ['otp'], authTime: NOW - 10, issuedAt: NOW - 60 },
    })
  })

  const cases: [string, object, string][] = [
    ['another audience', { aud: 'payments' }, 'wrong-audience'],
    ['no audience', { aud: undefined }, 'wrong-audience'],
    ['expired at the leeway', { exp: NOW - 5 }, 'expired'],
    ['expired within the leeway', { exp: NOW - 4 }, 'authenticated'],
    ['no exp', { exp: undefined }, 'claims-invalid'],
    ['an exp without end', { exp: Number.POSITIVE_INFINITY }, 'claims-invalid'],
    ['an exp that is no number', { exp: Number.NaN }, 'claims-invalid'],
    ['an nbf in the future', { nbf: NOW + 6 }, 'not-yet-valid'],
    ['an iat in the future', { iat: NOW + 6 }, 'not-yet-valid'],
    ['an ID token', { at_hash: 'x' }, 'wrong-type'],
    ['an ID token of Keycloak', { typ: 'ID' }, 'wrong-type'],
    ['a security event', { events: {} }, 'wrong-type'],
    ['bound to a key', { cnf: { jkt: 'x' } }, 'key-bound'],
    ['no sub', { sub: undefined }, 'claims-invalid'],
    ['another issuer', { iss: 'https://eve.example' }, 'unknown-issuer'],
    ['a thousand claims', { x: Array(1000).fill(0) }, 'claims-invalid'],
  ]
  for (const [name, more, expected] of cases) {
    test(`${name}: ${expected}`, async () => {
      const whole = Object.entries({ ...CLAIMS, ...more }).filter(
        ([, value]) => value !== undefined,
      )
      const identity = await identityOf(Object.fromEntries(whole))
      assert.equal(identity.kind === 'rejected' ? identity.problem : identity.kind, expected)
    })
  }

  test('are never kept: they are judged anew for each request', () => {
    const { identify, state, results } = world({ issuers: [BEHIND_ENVOY], keys: null })
    const asked = { ...request(), metadata: new Map([[FILTER, { payload: CLAIMS }]]) }
    identify(asked)
    state.now = (CLAIMS.exp + BEHIND_ENVOY.leeway) * 1000
    assert.deepEqual(identify(asked), { kind: 'rejected', problem: 'expired' })
    assert.deepEqual(results, ['ok', 'expired'])
  })

  test('whatever a filter leaves, nothing throws, and nobody is known without claims that say so', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (left) => {
        const { identify } = world({ issuers: [BEHIND_ENVOY], keys: null })
        const identity = identify({ ...request(), metadata: new Map([[FILTER, left]]) })
        assert.match((identity as Identity).kind, /anonymous|rejected/)
      }),
      { numRuns: 300 },
    )
  })
})
