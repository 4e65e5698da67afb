import assert from 'node:assert/strict'
import { after, suite, test } from 'node:test'
import { createMemoryStore } from '../../src/facts/memory-store.ts'
import type { UseOnce } from '../../src/identity/dpop.ts'
import { createNonces } from '../../src/identity/dpop-nonce.ts'
import { openFollowedStore } from '../support/followed-store.ts'
import { findRedis } from '../support/redis-binary.ts'
import { startRedis } from '../support/redis-server.ts'
import {
  asking,
  BOUND,
  boundTo,
  dpopWorld,
  outcomeOf,
  proof,
  proofClaims,
  THIEF,
} from './dpop-world.ts'
import { NOW } from './tokens.ts'

const DPOP = `DPoP ${BOUND}`
const redis = await findRedis()
const server = 'missing' in redis ? null : await startRedis(redis)
after(() => server?.kill())

const stores: readonly (readonly [string, () => Promise<UseOnce>])[] = [
  [
    'in memory',
    async () => createMemoryStore({ loop: { attempts: 3, window: 1 }, capacity: 100 }).useOnce,
  ],
  ...(server === null ? [] : [['in Redis', inRedis] as const]),
]

for (const [where, open] of stores) {
  suite(`a proof, remembered ${where}`, () => {
    test('is good once, though its token stays known', async () => {
      const { identify, results } = dpopWorld({ useOnce: await open() })
      const [one, other] = [proof(), proof()]
      for (const each of [one, one, other, other]) await identify(asking(DPOP, [each]))
      assert.deepEqual(results, ['ok', 'proof-replayed', 'cached', 'proof-replayed'])
    })

    test('is good once among many at the same time, at two replicas', async () => {
      const useOnce = await open()
      const replicas = [dpopWorld({ useOnce }), dpopWorld({ useOnce })]
      const same = proof()
      const all = Array.from({ length: 40 }, (_, at) =>
        replicas[at % 2]?.identify(asking(DPOP, [same])),
      )
      const outcomes = (await Promise.all(all)).map((one) => one && outcomeOf(one))
      assert.equal(outcomes.filter((outcome) => outcome === 'authenticated').length, 1)
      assert.equal(outcomes.filter((outcome) => outcome === 'proof-replayed').length, 39)
    })

    test('may be shown again by the attempt that used it, and by no other', async () => {
      const { identify } = dpopWorld({ useOnce: await open() })
      const same = proof()
      const attempts = ['7', '7', '8', ''].map((id) => asking(DPOP, [same], { id }))
      const outcomes: string[] = []
      for (const attempt of attempts) outcomes.push(outcomeOf(await identify(attempt)))
      const replayed = 'proof-replayed'
      assert.deepEqual(outcomes, ['authenticated', 'authenticated', replayed, replayed])
    })

    test('is known by its key and its jti together', async () => {
      const { identify } = dpopWorld({ useOnce: await open() })
      const theirs = boundTo(THIEF.pair.publicKey)
      const jti = 'the same'
      const first = await identify(asking(DPOP, [proof({ jti })]))
      const ofAnother = proof({ ...proofClaims(theirs), jti }, {}, THIEF)
      const second = await identify(asking(`DPoP ${theirs}`, [ofAnother]))
      const third = await identify(asking(DPOP, [proof({ jti, iat: NOW })]))
      const outcomes = [first, second, third].map(outcomeOf)
      assert.deepEqual(outcomes, ['authenticated', 'authenticated', 'proof-replayed'])
    })

    test('is remembered for as long as it is in date', async () => {
      const { identify, state, results } = dpopWorld({ useOnce: await open() })
      const ahead = proof({ iat: NOW + 10 })
      for (const second of [0, 69, 70]) {
        state.now = (NOW + second) * 1000
        await identify(asking(DPOP, [ahead]))
      }
      assert.deepEqual(results, ['ok', 'proof-replayed', 'proof-too-old'])
    })

    test('is not used up by a request that is refused', async () => {
      const { identify, results } = dpopWorld({ useOnce: await open() })
      const same = proof()
      await identify(asking(DPOP, [same], { method: 'DELETE' }))
      await identify(asking(DPOP, [`${same.slice(0, -8)}AAAAAAAA`]))
      await identify(asking(DPOP, [same]))
      assert.deepEqual(results, ['proof-method', 'proof-signature', 'cached'])
    })
  })
}

suite('when nobody can tell whether a proof was used', () => {
  const failing: readonly (readonly [string, UseOnce])[] = [
    ['the store rejects', () => Promise.reject(new Error('down'))],
    [
      'the store throws',
      () => {
        throw new Error('full')
      },
    ],
  ]
  for (const [name, useOnce] of failing) {
    test(`${name}: the request is not let through`, async () => {
      const { identify, results, failures } = dpopWorld({ useOnce })
      const identity = await identify(asking(DPOP, [proof()]))
      assert.deepEqual(identity, { kind: 'unavailable', issuer: 'idp' })
      assert.deepEqual(results, ['unavailable'])
      assert.equal(failures.length, 1)
    })
  }

  test('nor does a bad proof ask the store', async () => {
    const { identify, failures } = dpopWorld({ useOnce: () => assert.fail('asked') })
    for (const bad of [proof({ htm: 'GET' }), proof({}, {}, THIEF), 'x']) {
      assert.equal((await identify(asking(DPOP, [bad]))).kind, 'rejected')
    }
    assert.equal(failures.length, 0)
  })
})

suite('a nonce', () => {
  const key = Buffer.alloc(32, 1)
  const life = 300_000
  const at = (second: number, other = key) =>
    createNonces({ key: other, life, now: () => (NOW + second) * 1000 }).current()
  const cases: readonly (readonly [string, unknown, 'ok' | 'proof-nonce'])[] = [
    ['of now', at(0), 'ok'],
    ['of the period before', at(-300), 'ok'],
    ['of the period before that', at(-600), 'proof-nonce'],
    ['of the next period', at(300), 'proof-nonce'],
    ['under another key', at(0, Buffer.alloc(32, 2)), 'proof-nonce'],
    ['missing', undefined, 'proof-nonce'],
    ['empty', '', 'proof-nonce'],
    ['in a list', [at(0)], 'proof-nonce'],
  ]
  for (const [name, nonce, expected] of cases) {
    test(`${name}: ${expected}`, async () => {
      const nonces = createNonces({ key, life, now: () => NOW * 1000 })
      const { identify, results } = dpopWorld({ nonces })
      await identify(asking(DPOP, [proof({ nonce })]))
      assert.deepEqual(results, [expected])
    })
  }

  test('is the same for replicas with one key, and lasts from one to two periods', () => {
    const state = { now: 0 }
    const [one, other] = [0, 1].map(() => createNonces({ key, life, now: () => state.now }))
    const nonce = one?.current()
    const good = [0, life - 1, life, 2 * life - 1, 2 * life].map((now) => {
      state.now = now
      return other?.accepts(nonce)
    })
    assert.deepEqual(good, [true, true, true, true, false])
  })
})

async function inRedis(): Promise<UseOnce> {
  const store = await openFollowedStore({ url: server?.url ?? '', deadline: 2_000 })
  after(() => store.stop())
  return store.useOnce
}
