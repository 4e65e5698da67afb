import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Identity } from '../../src/domain/identity.ts'
import { createIdentify } from '../../src/identity/identify.ts'
import { createTokenCache, type TokenCacheBounds } from '../../src/identity/token-cache.ts'
import { CLAIMS, EC, EC_OTHER, ISSUER, keySet, NOW, request, token } from './tokens.ts'

const KEYS = await keySet(EC, EC_OTHER)
const ADA: Identity = { kind: 'anonymous' }
const PLACE = 'here'

/** A cache whose clock and key set the test moves. */
function cacheWorld(bounds?: TokenCacheBounds) {
  const state = { now: NOW * 1000, keys: KEYS }
  const cache = createTokenCache(
    () => state.keys,
    () => state.now,
    bounds,
  )
  const keep = (text: string, seconds = 60) => {
    const expires = state.now + seconds * 1000
    cache.set(text, { identity: ADA, issuer: 'idp', place: PLACE, keys: state.keys, expires })
  }
  const has = (text: string) => cache.get(text, PLACE) !== undefined
  return { cache, state, keep, has }
}

suite('the cache of verified tokens', () => {
  test('knows a token by all of it, the signature too', () => {
    const { keep, has } = cacheWorld()
    const good = token()
    keep(good)
    const changes = [...good].map(
      (letter, at) => good.slice(0, at) + (letter === 'A' ? 'B' : 'A') + good.slice(at + 1),
    )
    assert.ok(has(good))
    assert.deepEqual(
      [...changes, good.slice(0, -1), `${good}A`, `${good} `, ''].filter((other) => has(other)),
      [],
    )
  })

  test('keeps no more than so many, and drops what was used least recently', () => {
    const { keep, has } = cacheWorld({ tokens: 3, bytes: 1e6 })
    for (const text of ['a', 'b', 'c']) keep(text)
    assert.ok(has('a'))
    keep('d')
    assert.deepEqual(['a', 'b', 'c', 'd'].map(has), [true, false, true, true])
  })

  test('forgets every token of a subject, and of nobody else', () => {
    const { cache, has, state } = cacheWorld({ tokens: 4, bytes: 1e6 })
    const keep = (text: string, issuer: string, id: string) => {
      const subject = { issuer, id, workload: false, claims: {} }
      const login = { proof: 'acr', tolerance: { ahead: 10, leeway: 0 } } as const
      const identity: Identity = { kind: 'authenticated', subject, login }
      const expires = state.now + 60_000
      cache.set(text, { identity, issuer, place: PLACE, keys: state.keys, expires })
    }
    keep('gone', 'idp', 'ada')
    keep('a', 'idp', 'ada')
    keep('a', 'idp', 'ada')
    keep('b', 'idp', 'ada')
    keep('c', 'idp', 'bob')
    keep('d', 'okta', 'ada')
    cache.forget('idp', 'ada')
    assert.deepEqual(['gone', 'a', 'b', 'c', 'd'].map(has), [false, false, false, true, true])
    keep('a', 'idp', 'ada')
    assert.ok(has('a'))
    for (const nobody of ['', 'adabob', 'ad']) cache.forget('idp', nobody)
    assert.ok(has('a'))
  })

  test('forgets every token of a session, whoever has it, and of no other', () => {
    const { cache, has, state } = cacheWorld({ tokens: 9, bytes: 1e6 })
    const keep = (text: string, issuer: string, id: string, sessionId?: string) => {
      const subject = { issuer, id, workload: false, claims: {} }
      const session = sessionId === undefined ? {} : { sessionId }
      const login = { proof: 'acr', tolerance: { ahead: 10, leeway: 0 }, ...session } as const
      const identity: Identity = { kind: 'authenticated', subject, login }
      const expires = state.now + 60_000
      cache.set(text, { identity, issuer, place: PLACE, keys: state.keys, expires })
    }
    keep('a', 'idp', 'ada', 's')
    keep('b', 'idp', 'bob', 's')
    keep('c', 'idp', 'ada', 't')
    keep('d', 'okta', 'ada', 's')
    keep('e', 'idp', 's')
    const before = cache.forgotten()
    cache.forgetSession('idp', 's')
    assert.deepEqual(['a', 'b', 'c', 'd', 'e'].map(has), [false, false, true, true, true])
    assert.ok(cache.forgotten() > before, 'what was asked before is not to be kept')
    cache.forget('idp', 'ada')
    assert.deepEqual(['c', 'd', 'e'].map(has), [false, true, true])
  })

  test('keeps no more than so many bytes, and nothing that is too long for it', () => {
    const long = (letter: string) => letter.repeat(1000)
    const { keep, has } = cacheWorld({ tokens: 100, bytes: 16_000 })
    for (const letter of ['a', 'b', 'c']) keep(long(letter))
    assert.deepEqual(['a', 'b', 'c'].map(long).map(has), [false, true, true])
    keep('x'.repeat(16_000))
    assert.equal(has('x'.repeat(16_000)), false)
    assert.ok(has(long('c')))
  })

  test('keeps a token until it expires, and not a millisecond longer', () => {
    const { state, keep, has } = cacheWorld()
    keep('a', 10)
    keep('late', -1)
    state.now += 9999
    assert.deepEqual([has('a'), has('late')], [true, false])
    state.now += 1
    assert.equal(has('a'), false)
    state.now -= 5000
    assert.equal(has('a'), false, 'also when the clock goes back')
  })

  test('forgets what was verified under other keys, also when one was only withdrawn', async () => {
    const { state, keep, has } = cacheWorld()
    keep('a')
    state.keys = await keySet(EC)
    assert.equal(has('a'), false)
    state.keys = KEYS
    assert.equal(has('a'), false, 'also when the keys come back')
  })
})

suite('tokens that were looked at', () => {
  const problems: [string, string][] = [
    ['forged', token(CLAIMS, { kid: EC.kid }, EC_OTHER)],
    ['expired', token({ ...CLAIMS, exp: NOW - 100 })],
    ['for another audience', token({ ...CLAIMS, aud: 'x' })],
    ['malformed', 'a.b.c'],
    ['of an unknown key', token(CLAIMS, { kid: 'nobody' })],
  ]
  for (const [name, bad] of problems) {
    test(`${name}: is looked at again each time`, async () => {
      const { identify, results } = looking()
      for (let i = 0; i < 3; i++) {
        assert.equal((await identify(request(`Bearer ${bad}`))).kind, 'rejected')
      }
      assert.equal(results.length, 3)
      assert.ok(!results.includes('cached'))
    })
  }

  test('a token within the leeway after its end is verified each time', async () => {
    const { identify, results } = looking()
    const late = token({ ...CLAIMS, exp: NOW - 2 })
    for (let i = 0; i < 2; i++) await identify(request(`Bearer ${late}`))
    assert.deepEqual(results, ['ok', 'ok'])
  })

  test('what is kept of a token holds no part of the request it came in', async () => {
    const count = 1000
    const { identify } = looking()
    const padding = 'p'.repeat(7000)
    const signed = Array.from({ length: count }, (_, at) =>
      Buffer.from(
        `Bearer ${token({ ...CLAIMS, sub: `subject-of-this-token-${at}` }, { x: padding })}`,
      ),
    )
    assert.ok(signed.every(({ length }) => length > 9000))
    const before = heapUsed()
    for (const bytes of signed) {
      // A text of its own for each, as gRPC makes it.
      assert.equal((await identify(request(bytes.toString('latin1')))).kind, 'authenticated')
    }
    const kept = (heapUsed() - before) / count
    assert.ok(kept < 4000, `${Math.round(kept)} bytes a token`)
    const [first] = signed
    assert.ok(!(identify(request(first?.toString('latin1') ?? '')) instanceof Promise))
  })
})

function looking() {
  const results: string[] = []
  const identify = createIdentify({
    issuers: [ISSUER],
    keysOf: () => KEYS,
    missed: () => undefined,
    now: () => NOW * 1000,
    maxTokenLength: 16_000,
    onVerified: (result) => results.push(result),
  })
  return { identify, results }
}

function heapUsed(): number {
  setFlagsFromString('--expose-gc')
  const collect: () => void = runInNewContext('gc')
  collect()
  collect()
  return process.memoryUsage().heapUsed
}
