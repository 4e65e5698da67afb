import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { type FollowedStore, openFollowedStore } from '../support/followed-store.ts'
import { findRedis } from '../support/redis-binary.ts'
import { startRedis } from '../support/redis-server.ts'
import { settlement } from './settlements.ts'
import { count, counter, learn, see } from './sightings.ts'
import { describeStore } from './store-suite.ts'

const redis = await findRedis()

if ('missing' in redis) describe('a store in Redis', { skip: redis.missing })
else {
  const alone = await startRedis(redis)
  const cluster = await startRedis(redis, { isCluster: true })
  const opened: FollowedStore[] = []
  after(async () => {
    await Promise.all(opened.map((store) => store.stop()))
    await Promise.all([alone.kill(), cluster.kill()])
  })

  for (const [name, server, isCluster] of [
    ['a store in Redis', alone, false],
    ['a store in a Redis cluster', cluster, true],
  ] as const) {
    describeStore(name, async (limits) => {
      // This is about what it says, not about how fast a busy machine says it.
      const store = await openFollowedStore({
        ...limits,
        url: server.url,
        isCluster,
        deadline: 2_000,
      })
      opened.push(store)
      return store
    })

    it(`${name} is the same for two replicas`, async () => {
      const prefix = `shared-${name}:`
      const replica = () =>
        openFollowedStore({ url: server.url, isCluster, deadline: 2_000, prefix })
      const [one, other] = [await replica(), await replica()]
      opened.push(one, other)
      const fifty = <T>(ask: (store: FollowedStore, at: number) => Promise<T> | T) =>
        Promise.all(
          [one, other].flatMap((store) => Array.from({ length: 50 }, (_, at) => ask(store, at))),
        )
      await one.settle(settlement({ at: 0, login: -9 }))
      const settled = await fifty((store) => store.settle(settlement({ at: 5, login: 4 })))
      assert.equal(settled.filter((outcome) => outcome === 'spent').length, 1)
      const counts = await fifty((store) => count(store, 0, counter()))
      assert.deepEqual(
        counts.toSorted((a, b) => a - b),
        Array.from({ length: 100 }, (_, at) => at + 1),
      )
      const sums = await fifty((store, at) =>
        count(store, 0, counter({ key: 'retried' }), `stream-${at}`),
      )
      assert.equal(Math.max(...sums), 50)
      await learn(one, 0, { device: 'x' })
      assert.equal((await see(other, 1, { device: 'x' })).device?.learnt, true)
    })
  }
}
