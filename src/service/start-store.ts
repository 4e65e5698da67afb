import { readFileSync } from 'node:fs'
import { createMemoryJournal, type Journal } from '../facts/journal.ts'
import type { LoopLimit } from '../facts/loop.ts'
import { createMemoryStore } from '../facts/memory-store.ts'
import { createRedisJournal } from '../facts/redis-journal.ts'
import { createRedisStore } from '../facts/redis-store.ts'
import { EVENT_LIFE } from '../facts/standings.ts'
import type { Store, Uses } from '../facts/store.ts'
import type { GivenLimits } from '../facts/store-limits.ts'
import type { Lifecycle } from '../runtime/lifecycle.ts'
import type { Secrets } from '../settings/read-secrets.ts'
import type { Settings } from '../settings/read-settings.ts'
import type { Events } from '../telemetry/events.ts'

/** What the store needs of the world around the service. */
export type StoreDeps = {
  readonly settings: Settings
  readonly secrets: Secrets
  readonly lifecycle: Lifecycle
  readonly events: Pick<Events, 'storeState' | 'storeWarning' | 'storeFailed'>
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Milliseconds on a clock that never goes back. */
  readonly clock: () => number
}

/** A store, and whether it has been reached once. */
export type RunningStore = {
  readonly store: Store & Uses
  readonly isReached: () => boolean
  /** Opens the journal of security events that is kept beside it. */
  readonly openJournal: () => Journal
}

/** Starts the store that the settings name, without waiting for it; `changed` is called when it is reached or lost. */
export function startStore(deps: StoreDeps, changed: () => void): RunningStore {
  const { settings, secrets } = deps
  const limits = limitsOf(settings)
  const { state } = settings
  if (!('redis' in state) || secrets.redisUrl === null) {
    deps.events.storeState('ready', '')
    return {
      store: createMemoryStore(limits),
      isReached: () => true,
      openJournal: createMemoryJournal,
    }
  }
  return startRedis({ ...state.redis, url: secrets.redisUrl }, limits, deps, changed)
}

type RedisSettings = Omit<Extract<Settings['state'], { redis: unknown }>['redis'], 'url'> & {
  readonly url: string
}

function startRedis(
  { url, prefix, ca, deadline, cluster }: RedisSettings,
  limits: GivenLimits,
  { lifecycle, events, now, clock }: StoreDeps,
  changed: () => void,
): RunningStore {
  let reached = false
  const authority = ca === undefined ? undefined : readFileSync(ca, 'utf8')
  const address = { url, ca: authority, isCluster: cluster }
  const store = createRedisStore({
    ...limits,
    ...address,
    prefix,
    deadline: deadline * 1000,
    clock,
    onState: (state, reason) => {
      reached ||= state === 'ready'
      events.storeState(state, reason)
      changed()
    },
    onWarning: events.storeWarning,
  })
  void store.start()
  lifecycle.started({ name: 'store', stop: store.stop, deadline: 1000 })
  const { call } = store
  const failed = events.storeFailed
  return {
    store,
    isReached: () => reached,
    openJournal: () =>
      createRedisJournal({ address, prefix, call, now, clock, life: EVENT_LIFE, failed }),
  }
}

function limitsOf({ challenge, device }: Settings): GivenLimits {
  const { attempts, window } = challenge.loop
  const loop: LoopLimit = { attempts, window: window * 1000 }
  return { loop, deviceLife: device.remember * 1000 }
}
