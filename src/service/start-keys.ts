import { keysChangedEntry } from '../audit/service-entries.ts'
import { needsKeys } from '../identity/issuer.ts'
import type { KeyedIssuer, KeySource } from '../identity/key-source.ts'
import {
  createKeyStore,
  type KeyStore,
  type KeyStoreOptions,
  type KeyTiming,
} from '../identity/key-store.ts'
import type { Lifecycle } from '../runtime/lifecycle.ts'
import { readRegularFile } from '../runtime/read-regular-file.ts'
import type { Settings } from '../settings/read-settings.ts'
import type { Events } from '../telemetry/events.ts'
import type { RunningRecords } from './start-records.ts'

/** What the keys need of the world around the service. */
export type KeyDeps = {
  readonly settings: Settings
  readonly lifecycle: Lifecycle
  readonly events: Events
  readonly records: Pick<RunningRecords, 'tell'>
  readonly fetch: typeof globalThis.fetch
  /** Milliseconds on a clock that never goes back. */
  readonly clock: () => number
  readonly random: () => number
  /** Replaces single values; all have a default. */
  readonly keyTiming?: Partial<KeyTiming>
}

/** Starts to load every issuer's keys; `changed` is called after each load. */
export function startKeys(
  { settings, lifecycle, events, records, fetch, clock, random, keyTiming = {} }: KeyDeps,
  changed: () => void,
): KeyStore {
  const issuers = settings.issuers.filter(needsKeys)
  const report = createKeyReport(issuers, { events, records })
  const onRefresh: KeyStoreOptions['onRefresh'] = (refresh, durationMs) => {
    report(refresh, durationMs)
    changed()
  }
  const keys = createKeyStore({
    issuers,
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

/** Reports each load of these issuers' keys: in the log and as a span, and a change of them in the audit record. */
export function createKeyReport(
  issuers: readonly KeyedIssuer[],
  { events, records }: Pick<KeyDeps, 'events' | 'records'>,
): KeyStoreOptions['onRefresh'] {
  const fetched = new Set(issuers.flatMap(({ name, keys }) => (isRemote(keys) ? [name] : [])))
  return (refresh, durationMs) => {
    const { issuer } = refresh
    const waited = fetched.has(issuer) ? durationMs : undefined
    if (refresh.result === 'ok') events.keysRefreshed(issuer, refresh.changed, waited)
    else events.keysFailed(issuer, refresh.error, waited)
    if (refresh.result === 'ok' && refresh.changed) records.tell(keysChangedEntry(issuer))
  }
}

function isRemote({ from }: KeySource): boolean {
  return from === 'discovery' || from === 'jwks_uri'
}
