import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createMemoryStore } from '../../src/facts/memory-store.ts'
import { LOOP, settlement } from './settlements.ts'
import { count, counter, learn, see } from './sightings.ts'
import { describeStore } from './store-suite.ts'
import { use } from './suite-uses.ts'

describeStore('a store in memory', async (limits) =>
  createMemoryStore({ loop: LOOP, capacity: 1_000, ...limits }),
)

describe('a store in memory that is full', () => {
  it('fails rather than forget a spent login, and has room again when they expire', () => {
    const store = createMemoryStore({ loop: LOOP, capacity: 2, challengeLife: 10_000 })
    const once = (at: number, subject: string) => {
      store.settle(settlement({ at, login: at - 9, subject }))
      return store.settle(settlement({ at: at + 2, login: at + 1, subject }))
    }
    assert.deepEqual([once(0, 'a'), once(0, 'b')], ['spent', 'spent'])
    assert.throws(() => once(0, 'c'), /no room/)
    assert.equal(store.settle(settlement({ at: 3, login: 1, subject: 'a' })), 'challenged')
    assert.equal(once(13, 'c'), 'spent')
  })

  it('fails rather than forget what was used, and has room again when it is good for nothing', () => {
    const { useOnce } = createMemoryStore({ loop: LOOP, capacity: 2 })
    assert.deepEqual(
      [use('a', 0), use('b', 30), use('a', 30)].map((one) => useOnce(one)),
      [true, true, false],
    )
    assert.throws(() => useOnce(use('c', 59)), /no room/)
    assert.equal(useOnce(use('c', 60)), true)
    assert.equal(useOnce(use('b', 89)), false)
  })

  it('keeps a bounded number of challenges: one that is pushed out is given again', () => {
    const store = createMemoryStore({ loop: LOOP, capacity: 2 })
    for (const subject of ['a', 'b', 'c']) store.settle(settlement({ at: 0, login: -9, subject }))
    assert.equal(store.settle(settlement({ at: 3, login: 2, subject: 'a' })), 'challenged')
    assert.equal(store.settle(settlement({ at: 3, login: 2, subject: 'c' })), 'spent')
  })

  it('takes what it has dropped of a subject as new', async () => {
    const store = createMemoryStore({ loop: LOOP, capacity: 2 })
    await learn(store, 0, { device: 'x' })
    for (const id of ['b', 'c'])
      await see(store, 1, { subject: { issuer: 'idp', id }, device: 'x' })
    assert.equal((await see(store, 2, { device: 'x' })).device?.learnt, false)
  })

  it('fails rather than begin a count again, and has room again when windows have passed', async () => {
    const store = createMemoryStore({ loop: LOOP, capacity: 2 })
    await count(store, 0, counter({ key: 'a' }))
    await count(store, 0, counter({ key: 'b', window: 600_000 }))
    await assert.rejects(count(store, 60_000, counter({ key: 'c' })), /no room/)
    assert.equal(await count(store, 30_000, counter({ key: 'a' })), 2)
    assert.equal(await count(store, 91_000, counter({ key: 'c' })), 1)
    assert.equal(await count(store, 91_000, counter({ key: 'b', window: 600_000 })), 2)
  })

  it('counts what it has room for', async () => {
    const store = createMemoryStore({ loop: LOOP, capacity: 2 })
    await count(store, 0, counter({ key: 'a' }))
    await count(store, 0, counter({ key: 'b' }))
    const uses = [counter({ key: 'c' }), counter({ key: 'b' })]
    await assert.rejects(async () => await learn(store, 0, { count: uses }), /no room/)
    assert.equal(await count(store, 0, counter({ key: 'b' })), 3)
  })

  it('counts a stream twice rather than not at all when it has forgotten it', async () => {
    const store = createMemoryStore({ loop: LOOP, capacity: 2 })
    for (const stream of ['a', 'b', 'c', 'a']) await count(store, 0, counter(), stream)
    assert.equal(await count(store, 0, counter({ amount: 0 })), 4)
  })
})
