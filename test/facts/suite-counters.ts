import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { count, counter, learn, see } from './sightings.ts'
import type { OpenStore } from './store-suite.ts'

/** How every store counts. */
export function describeCounters(open: OpenStore): void {
  describe('a counter', () => {
    it('counts attempts and what may be allowed with the request at hand, refused ones without', async () => {
      const store = await open()
      for (const kind of ['attempts', 'allowed'] as const) {
        const use = counter({ id: kind, of: kind })
        assert.deepEqual([await count(store, 0, use), await count(store, 1, use)], [1, 2])
      }
      const refused = counter({ of: 'refused' })
      assert.deepEqual([await count(store, 0, refused), await count(store, 1, refused)], [0, 0])
      await learn(store, 2, { count: [refused] })
      assert.equal(await count(store, 3, refused), 1)
    })

    it('keeps counters, their keys and their windows apart, in the order they are asked for', async () => {
      const store = await open()
      const uses = [
        counter({ amount: 5 }),
        counter({ key: 'other', amount: 7 }),
        counter({ id: 'other', amount: 11 }),
        counter({ window: 30_000, amount: 13 }),
        counter({ amount: 100 }),
      ]
      assert.deepEqual((await see(store, 0, { counters: uses })).counters, [5, 7, 11, 13, 105])
    })

    it('slides: what leaves the window is not counted, what has partly left it is', async () => {
      const store = await open()
      const use = counter()
      await count(store, 500, use)
      await count(store, 30_000, use)
      assert.equal(await count(store, 60_999, counter({ amount: 0 })), 2)
      assert.equal(await count(store, 61_000, counter({ amount: 0 })), 1)
      assert.equal(await count(store, 91_000, counter({ amount: 0 })), 0)
    })

    it('shows parallel requests to each other', async () => {
      const store = await open()
      const values = await Promise.all(Array.from({ length: 50 }, () => count(store, 0, counter())))
      assert.deepEqual(
        values.sort((a, b) => a - b),
        Array.from({ length: 50 }, (_, at) => at + 1),
      )
    })

    it('counts one stream once within a minute, read or not', async () => {
      const store = await open()
      const use = counter({ window: 3_600_000 })
      assert.equal(await count(store, 0, use, 'a'), 1)
      assert.equal(await count(store, 59_999, use, 'a'), 1)
      await learn(store, 59_999, { stream: 'a', count: [use] })
      assert.equal(await count(store, 59_999, use, 'b'), 2)
      await learn(store, 59_999, { stream: 'c', count: [use] })
      await learn(store, 59_999, { stream: 'c', count: [use] })
      assert.equal(await count(store, 59_999, counter({ ...use, amount: 0 })), 3)
      assert.equal(await count(store, 60_000, use, 'a'), 4)
    })

    it('counts again what was given back and is tried again', async () => {
      const store = await open()
      const use = counter({ of: 'allowed', amount: 10 })
      for (const stream of ['a', null]) {
        assert.equal(await count(store, 0, use, stream), 10)
        await learn(store, 0, { stream, giveBack: [use] })
        assert.equal(await count(store, 1, counter({ ...use, amount: 0 })), 0)
        assert.equal(await count(store, 2, use, stream), 10)
        await learn(store, 2, { stream, giveBack: [use] })
      }
    })

    it('gives nothing back that was not reserved, nor twice', async () => {
      const store = await open()
      const use = counter({ of: 'allowed' })
      await count(store, 0, use, 'a')
      await count(store, 0, use, 'b')
      for (const stream of ['a', 'a', 'c']) await learn(store, 0, { stream, giveBack: [use] })
      assert.equal(await count(store, 1, counter({ ...use, amount: 0 })), 1)
    })

    it('keeps what one attempt of a stream was allowed, when another attempt gives it back', async () => {
      const store = await open()
      const use = counter({ of: 'allowed', amount: 10 })
      await count(store, 0, use, 'a')
      await count(store, 1, use, 'a')
      await learn(store, 0, { stream: 'a', giveBack: [use] })
      assert.equal(await count(store, 2, counter({ ...use, amount: 0 })), 10)
      await learn(store, 1, { stream: 'a', giveBack: [use] })
      assert.equal(await count(store, 3, counter({ ...use, amount: 0 })), 0)
    })

    it('gives back from the time at which it was reserved', async () => {
      const store = await open()
      const use = counter({ of: 'allowed', amount: 10 })
      await count(store, 0, use)
      await count(store, 5_000, use)
      await learn(store, 0, { giveBack: [use] })
      assert.equal(await count(store, 61_000, counter({ ...use, amount: 0 })), 10)
    })

    it('adds and gives back exactly, however large the amount is beside what was there', async () => {
      const store = await open()
      const huge = counter({ of: 'allowed', amount: 1e12 })
      for (let n = 0; n < 10; n += 1) await count(store, 0, counter({ of: 'allowed', amount: 0.1 }))
      await count(store, 0, huge)
      await learn(store, 0, { giveBack: [huge] })
      assert.equal(await count(store, 0, counter({ of: 'allowed', amount: 0 })), 1)
    })

    it('counts thousandths: what is less counts as one, what is below nothing as nothing', async () => {
      const store = await open()
      assert.equal(await count(store, 0, counter({ amount: -1000 })), 0)
      assert.equal(await count(store, 0, counter({ amount: 0.000_01 })), 0.001)
      assert.equal(await count(store, 0, counter({ amount: 8.2 })), 8.201)
      assert.equal(await count(store, 0, counter({ amount: 1.1 })), 9.301)
    })

    for (const amount of [null, Number.NaN, Number.POSITIVE_INFINITY, 1e13]) {
      it(`is unavailable when ${amount} is to be added, and nothing is counted`, async () => {
        const store = await open()
        const uses = [counter({ id: 'fine' }), counter({ amount })]
        await assert.rejects(async () => await see(store, 0, { counters: uses }), /cannot count/)
        assert.equal(await count(store, 0, counter({ id: 'fine' })), 1)
      })
    }

    it('counts what is too much as the most, when the answer was given already', async () => {
      const store = await open()
      const amounts = [1e13, Number.POSITIVE_INFINITY, Number.NaN]
      for (const amount of amounts) await learn(store, 0, { count: [counter({ amount })] })
      assert.equal(await count(store, 0, counter()), 3e12 + 1)
    })

    it('is unavailable when it is full, rather than begin again', async () => {
      const store = await open()
      const use = counter({ amount: 1e12 })
      for (let n = 0; n < 9; n += 1) await count(store, 0, use)
      await assert.rejects(async () => await count(store, 0, use), /full/)
      assert.equal(await count(store, 0, counter()), 9e12 + 1)
      await learn(store, 0, { count: [use, counter({ id: 'other' })] })
      assert.ok((await count(store, 1000, counter())) > 9e12 + 1)
      assert.equal(await count(store, 0, counter({ id: 'other' })), 2)
    })
  })
}
