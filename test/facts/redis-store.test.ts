import { after, describe } from 'node:test'
import { type FollowedStore, openFollowedStore } from '../support/followed-store.ts'
import { findRedis } from '../support/redis-binary.ts'
import { startRedis } from '../support/redis-server.ts'
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
  }
}
