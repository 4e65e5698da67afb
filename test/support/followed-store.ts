import { randomUUID } from 'node:crypto'
import type { RedisWarning } from '../../src/facts/redis-inspection.ts'
import {
  createRedisStore,
  type RedisStore,
  type RedisStoreOptions,
} from '../../src/facts/redis-store.ts'

/** A store in Redis whose states are followed. */
export type FollowedStore = RedisStore & {
  /** Resolves when the store is in that state, with the reason; at once if it is. */
  readonly until: (state: 'ready' | 'down') => Promise<string>
  readonly warnings: readonly RedisWarning[]
}

/** Creates and starts a store under a prefix of its own, three rounds in five minutes. */
export async function openFollowedStore(
  options: Pick<RedisStoreOptions, 'url'> & Partial<RedisStoreOptions>,
): Promise<FollowedStore> {
  let last = { state: 'down', reason: '' }
  const waiting = new Set<() => void>()
  const warnings: RedisWarning[] = []
  const store = createRedisStore({
    loop: { attempts: 3, window: 300_000 },
    prefix: `${randomUUID()}:`,
    clock: () => performance.now(),
    onState: (state, reason) => {
      last = { state, reason }
      for (const look of waiting) look()
    },
    onWarning: (warning) => warnings.push(warning),
    ...options,
  })
  const until = (state: 'ready' | 'down') =>
    new Promise<string>((resolve) => {
      const look = () => {
        if (last.state !== state) return
        waiting.delete(look)
        resolve(last.reason)
      }
      waiting.add(look)
      look()
    })
  await store.start()
  return { ...store, until, warnings }
}
