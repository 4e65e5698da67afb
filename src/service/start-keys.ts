import { needsKeys } from '../identity/issuer.ts'
import {
  createKeyStore,
  type KeyRefresh,
  type KeyStore,
  type KeyTiming,
} from '../identity/key-store.ts'
import type { Lifecycle } from '../runtime/lifecycle.ts'
import { readRegularFile } from '../runtime/read-regular-file.ts'
import type { Settings } from '../settings/read-settings.ts'
import type { Events } from '../telemetry/events.ts'

/** What the keys need of the world around the service. */
export type KeyDeps = {
  readonly settings: Settings
  readonly lifecycle: Lifecycle
  readonly events: Events
  readonly fetch: typeof globalThis.fetch
  /** Milliseconds on a clock that never goes back. */
  readonly clock: () => number
  readonly random: () => number
  /** Replaces single values; all have a default. */
  readonly keyTiming?: Partial<KeyTiming>
}

/** Starts to load every issuer's keys; `changed` is called after each load. */
export function startKeys(
  { settings, lifecycle, events, fetch, clock, random, keyTiming = {} }: KeyDeps,
  changed: () => void,
): KeyStore {
  const onRefresh = (refresh: KeyRefresh) => {
    if (refresh.result === 'ok') events.keysRefreshed(refresh.issuer, refresh.changed)
    else events.keysFailed(refresh.issuer, refresh.error)
    changed()
  }
  const keys = createKeyStore({
    issuers: settings.issuers.filter(needsKeys),
    fetch,
    readFile: readRegularFile,
    now: clock,
    random,
    onRefresh,
    timing: keyTiming,
  })
  keys.start()
  lifecycle.started({ name: 'keys', stop: keys.stop, deadline: 1000 })
  return keys
}
