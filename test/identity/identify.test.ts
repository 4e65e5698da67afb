import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import fc from 'fast-check'
import type { Identity } from '../../src/domain/identity.ts'
import { createIdentify } from '../../src/identity/identify.ts'
import {
  CLAIMS,
  EC,
  EC_OTHER,
  ISSUER,
  keySet,
  NOW,
  part,
  RSA,
  request,
  signed,
  token,
} from './tokens.ts'
import { identityOf, KEYS, shared, world } from './world.ts'

suite('what is kept', () => {
  const good = `Bearer ${token()}`

  test('only the first sight of a token takes a promise', async () => {
    const { identify, results } = world()
    const first = identify(request(good))
    assert.ok(first instanceof Promise)
    const again = [await first, identify(request(good))]
    assert.equal(again[0], again[1])
    assert.deepEqual(results, ['ok', 'cached'])
  })

  test('no credential and a malformed one are answered at once', () => {
    const { identify, results } = world()
    assert.deepEqual(identify(request()), { kind: 'anonymous' })
    const { kind } = identify(request('Bearer x')) as Identity
    assert.deepEqual([kind, results], ['rejected', ['malformed']])
  })

  test('a kept token still expires', async () => {
    const { identify, state } = world()
    await identify(request(good))
    state.now = (CLAIMS.exp + ISSUER.leeway) * 1000
    assert.deepEqual(await identify(request(good)), { kind: 'rejected', problem: 'expired' })
  })

  test('a kept token goes with the key that signed it', async () => {
    const { identify, state } = world()
    await identify(request(good))
    state.keys = await keySet(RSA)
    assert.deepEqual(await identify(request(good)), { kind: 'rejected', problem: 'unknown-key' })
  })

  test('a failure is not kept: the token passes as soon as its key is there', async () => {
    const { identify, state, missed } = world({ keys: await keySet(RSA) })
    assert.equal((await identify(request(good))).kind, 'rejected')
    assert.deepEqual(missed, ['idp'])
    state.keys = KEYS
    assert.equal((await identify(request(good))).kind, 'authenticated')
  })

  test('the same claims under a bad signature do not profit from a kept token', async () => {
    const { identify } = world()
    await identify(request(good))
    const forged = await identify(request(`${good.slice(0, -8)}AAAAAAAA`))
    assert.deepEqual(forged, { kind: 'rejected', problem: 'bad-signature' })
  })

  test('before the first keys, the issuer is unavailable, but nonsense is still nonsense', () => {
    const { identify, results } = world({ keys: null })
    assert.deepEqual(identify(request(good)), { kind: 'unavailable', issuer: 'idp' })
    assert.deepEqual(identify(request('Bearer x')), { kind: 'rejected', problem: 'malformed' })
    assert.deepEqual(results, ['unavailable', 'malformed'])
  })

  test('each issuer’s tokens are verified with its own keys and rules', async () => {
    const other = { ...ISSUER, name: 'other', issuer: 'https://other.example' }
    const otherKeys = await keySet(EC_OTHER)
    const identify = createIdentify({
      issuers: [ISSUER, other],
      keysOf: (name) => (name === 'other' ? otherKeys : KEYS),
      missed: () => undefined,
      now: () => NOW * 1000,
    })
    const claims = { ...CLAIMS, iss: other.issuer }
    const right = await identify(request(`Bearer ${token(claims, {}, EC_OTHER)}`))
    assert.equal(right.kind === 'authenticated' && right.subject.issuer, 'other')
    const wrong = await identify(request(`Bearer ${token(claims, {}, EC)}`))
    assert.equal(wrong.kind, 'rejected')
  })
})

suite('whatever comes', () => {
  const good = token({ ...CLAIMS, roles: ['a'], acr: '2' })
  const alphabet = 'ABab01-_.=~+/ ,"{\u0000\u00e9'

  test('no change to a token is authenticated, and nothing throws', async () => {
    const position = fc.nat({ max: good.length - 1 })
    const change = fc.record({
      position,
      length: fc.nat({ max: 3 }),
      text: fc.string({ unit: fc.constantFrom(...alphabet), maxLength: 3 }),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 3 }), async (changes) => {
        const changed = changes.reduce(
          (text, { position, length, text: put }) =>
            text.slice(0, position) + put + text.slice(position + length),
          good,
        )
        fc.pre(changed.trim() !== good)
        const identity = await shared.identify(request(`Bearer ${changed}`))
        assert.equal(identity.kind, 'rejected')
      }),
      { numRuns: 500 },
    )
  })

  test('no header value throws, and none is authenticated', async () => {
    const value = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string().map((text) => `Bearer ${text}`),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(value, { minLength: 1, maxLength: 2 }), async (values) => {
        assert.equal((await shared.identify(request(...values))).kind, 'rejected')
      }),
      { numRuns: 500 },
    )
  })

  test('no signed header or claims throw, however odd', async () => {
    await fc.assert(
      fc.asyncProperty(fc.json({ maxDepth: 4 }), fc.jsonValue(), async (header, value) => {
        const claims = JSON.stringify({
          ...CLAIMS,
          sub: value,
          aud: value,
          exp: value,
          scope: value,
        })
        const input = `${part(header)}.${part(claims)}`
        assert.equal((await identityOf(signed(input, EC))).kind, 'rejected')
        const odd = {
          ...CLAIMS,
          roles: value,
          acr: value,
          amr: value,
          auth_time: value,
          azp: value,
        }
        assert.match((await identityOf(token(odd))).kind, /authenticated|rejected/)
      }),
      { numRuns: 200 },
    )
  })
})
