import type { SecurityEvent } from '../domain/security-event.ts'
import { createDevice } from '../facts/device.ts'
import { type DeviceFile, openDeviceFile } from '../facts/device-file.ts'
import type { StandingSource } from '../facts/device-standing.ts'
import { createFacts, type FactSource } from '../facts/facts.ts'
import { createFingerprint } from '../facts/fingerprint.ts'
import { type LocationSource, openLocation } from '../facts/location.ts'
import type { Locate } from '../facts/shown.ts'
import { createStandings, type Standings } from '../facts/standings.ts'
import type { Store, Uses } from '../facts/store.ts'
import type { Lifecycle } from '../runtime/lifecycle.ts'
import { readRegularFile } from '../runtime/read-regular-file.ts'
import type { Secrets } from '../settings/read-secrets.ts'
import type { Settings } from '../settings/read-settings.ts'
import type { Events } from '../telemetry/events.ts'
import { type RunningStore, type StoreDeps, startStore } from './start-store.ts'
import { watchedStore } from './watched-store.ts'

/** What the facts need of the world around the service. */
export type FactsDeps = {
  readonly settings: Settings
  readonly secrets: Secrets
  readonly lifecycle: Lifecycle
  readonly events: StoreDeps['events'] &
    Pick<Events, 'storeAnswered' | 'dataLoaded' | 'dataFailed' | 'challengeSatisfied'>
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Milliseconds on a clock that never goes back. */
  readonly clock: () => number
  /** Told in every replica of each security event that changed something there. */
  readonly onSecurityEvent?: (event: SecurityEvent) => void
}

/** Where facts come from, once it has been started. */
export type RunningFacts = {
  readonly facts: FactSource
  readonly store: Store & Uses
  /** What security events came to; null without shared signals. */
  readonly standings: Standings | null
  /** False while a file or journal is still being read for the first time, or the store has not been reached yet. */
  readonly ready: () => boolean
}

/** Starts the store and the data files, without waiting for either; `changed` is called when one of them is there. */
export function startFacts(deps: FactsDeps, changed: () => void): RunningFacts {
  const { settings, secrets, events } = deps
  const { store, isReached, openJournal } = startStore(deps, changed)
  const signals = startStandings(deps, openJournal, changed)
  const location = startLocation(deps, changed)
  const device = startDevice(deps, changed)
  const { fingerprint } = settings.session
  const facts = createFacts({
    store: watchedStore(store, events.storeAnswered),
    locate: location.locate,
    device: device.find,
    fingerprint:
      fingerprint && secrets.fingerprintKey
        ? createFingerprint(fingerprint.of, secrets.fingerprintKey)
        : null,
    standings: signals.standings,
    loopWindow: settings.challenge.loop.window * 1000,
    satisfied: events.challengeSatisfied,
    failed: events.storeFailed,
  })
  const all = [location, device, signals]
  const ready = () => isReached() && all.every((one) => one.ready())
  return { facts, store, standings: signals.standings, ready }
}

/** Nobody is told of anything without shared signals. */
function startStandings(
  { settings, lifecycle, events, now, onSecurityEvent = () => {} }: FactsDeps,
  openJournal: RunningStore['openJournal'],
  changed: () => void,
) {
  if (settings.shared_signals === undefined) return { standings: null, ready: () => true }
  let isRead = false
  const standings = createStandings({
    journal: openJournal(),
    now,
    onEvent: onSecurityEvent,
    onCurrent: () => {
      isRead = true
      changed()
    },
    overflowed: () => events.storeWarning('standings-overflowed'),
    failed: events.storeFailed,
  })
  lifecycle.started({ name: 'security events', stop: standings.stop, deadline: 3000 })
  return { standings, ready: () => isRead }
}

function startLocation({ settings, lifecycle, events, now }: FactsDeps, changed: () => void) {
  const { location: files, max_age: maxAge } = settings.data
  if (files.length === 0) return { locate: null, ready: () => true }
  let source: LocationSource | null = null
  const opening = openLocation({
    files,
    maxAge: maxAge === undefined ? null : maxAge * 1000,
    now,
    onLoaded: events.dataLoaded,
    onFailed: events.dataFailed,
  }).then((opened) => {
    source = opened
    changed()
    return opened
  })
  lifecycle.started({
    name: 'location files',
    stop: async () => (await opening).stop(),
    deadline: 2000,
  })
  const locate: Locate = (ip) => source?.find(ip) ?? NOWHERE_YET
  return { locate, ready: () => source !== null }
}

const NOWHERE_YET: ReturnType<Locate> = {
  country: 'unavailable',
  asn: 'unavailable',
  point: 'unavailable',
}

function startDevice(deps: FactsDeps, changed: () => void) {
  const { from, trusted, reputation } = deps.settings.device
  if (from.length === 0) return { find: null, ready: () => true }
  const asked = (source: typeof trusted) => (source ? startStanding(source, deps, changed) : null)
  const standings = [asked(trusted), asked(reputation)]
  const [isTrusted, score] = standings.map((one) => one?.source ?? null)
  const find = createDevice({
    from: deps.secrets.deviceSources,
    trusted: isTrusted ?? null,
    reputation: score ?? null,
  })
  return { find, ready: () => standings.every((one) => one === null || one.ready()) }
}

type Standing = NonNullable<Settings['device']['trusted']>

/** A claim or a header is there at once, a list once it has been read. */
function startStanding(
  source: Standing,
  { lifecycle, events }: FactsDeps,
  changed: () => void,
): { readonly source: StandingSource; readonly ready: () => boolean } {
  if (!('file' in source)) return { source, ready: () => true }
  const { file } = source
  let list: DeviceFile | null = null
  const opening = openDeviceFile({
    file,
    readFile: readRegularFile,
    onLoaded: () => events.dataLoaded({ file, built: null }),
    onFailed: events.dataFailed,
  }).then((opened) => {
    list = opened
    changed()
    return opened
  })
  const stop = async () => (await opening).stop()
  lifecycle.started({ name: `device list ${file}`, stop, deadline: 2000 })
  return { source: { find: (id) => list?.find(id) }, ready: () => list !== null }
}
