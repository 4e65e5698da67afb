import { type KeySet, sameKeys } from './key-set.ts'
import { type KeyAccess, type KeyedIssuer, type KeySource, loadKeys } from './key-source.ts'
import { type Schedule, scheduleQuietly } from './schedule.ts'

/** The keys of every issuer, loaded and refreshed in the background; whoever asks gets what is there, at once. */
export type KeyStore = {
  /** Begins to load; call once. */
  readonly start: () => void
  /** Ends every timer and every load under way. */
  readonly stop: () => void
  /** True once the keys of every issuer have been there; it never turns false again. */
  readonly ready: () => boolean
  /** The last good keys of an issuer, by its name; null while there have been none. */
  readonly keysOf: (issuer: string) => KeySet | null
  /** Tells that a token named a key that the issuer does not have: asks for a load, at most one a cool-down. */
  readonly missed: (issuer: string) => void
}

/** How one load ended. */
export type KeyRefresh =
  | { readonly issuer: string; readonly result: 'ok'; readonly changed: boolean }
  | { readonly issuer: string; readonly result: 'failed'; readonly error: string }

/** The world around a key store. Times in milliseconds. */
export type KeyStoreOptions = KeyAccess & {
  readonly issuers: readonly KeyedIssuer[]
  /** On a clock that never goes back. */
  readonly now: () => number
  /** From 0 to below 1: spreads the retries of replicas. */
  readonly random: () => number
  readonly onRefresh: (event: KeyRefresh, durationMs: number) => void
  readonly timing?: Partial<KeyTiming>
}

/** When keys are loaded again. Times in milliseconds. */
export type KeyTiming = {
  readonly schedule: Schedule
  /** From one good load to the next. */
  readonly interval: number
  /** From the begin of a load to the begin of one that an unknown key asks for. */
  readonly cooldown: number
  /** The same two for files, which cost less to look at. */
  readonly fileInterval: number
  readonly fileCooldown: number
  /** For one load, with metadata and keys together. */
  readonly timeout: number
}

const DEFAULTS: KeyTiming = {
  schedule: scheduleQuietly,
  interval: 600_000,
  cooldown: 30_000,
  fileInterval: 10_000,
  fileCooldown: 1000,
  timeout: 5000,
}

const FIRST_RETRY = 500
const LAST_RETRY = 30_000

/** Makes a store that knows no keys yet. */
export function createKeyStore(options: KeyStoreOptions): KeyStore {
  const timing = { ...DEFAULTS, ...options.timing }
  const issuers = new Map(
    options.issuers.map((issuer) => [issuer.name, createIssuerKeys(issuer, options, timing)]),
  )
  const all = [...issuers.values()]
  return {
    start: () => {
      for (const issuer of all) void issuer.refresh()
    },
    stop: () => {
      for (const issuer of all) issuer.stop()
    },
    ready: () => all.every((issuer) => issuer.current() !== null),
    keysOf: (name) => issuers.get(name)?.current() ?? null,
    missed: (name) => issuers.get(name)?.missed(),
  }
}

type IssuerKeys = {
  readonly current: () => KeySet | null
  readonly refresh: () => Promise<void>
  readonly missed: () => void
  readonly stop: () => void
}

/** The last good keys, and how many loads have failed since. */
type Held = { keys: KeySet | null; failures: number }

/** One issuer's keys: a load is under way, or one timer is armed for the next, or there is no next. */
function createIssuerKeys(
  issuer: KeyedIssuer,
  options: KeyStoreOptions,
  timing: KeyTiming,
): IssuerKeys {
  const { interval, cooldown } = paceOf(issuer.keys, timing)
  const stopped = new AbortController()
  const held: Held = { keys: null, failures: 0 }
  let begun = 0
  let due = Number.POSITIVE_INFINITY
  let disarm = (): void => undefined

  async function refresh(): Promise<void> {
    begun = options.now()
    due = begun
    const loaded = await tryLoad(issuer, options, timing.timeout, stopped.signal)
    if (stopped.signal.aborted) return
    const durationMs = options.now() - begun
    const event = hold(held, issuer.name, loaded)
    arm(held.failures === 0 ? interval : retryDelay(held.failures, interval, options.random()))
    options.onRefresh(event, durationMs)
  }

  function arm(delay: number): void {
    disarm()
    due = options.now() + delay
    if (Number.isFinite(delay)) disarm = timing.schedule(delay, () => void refresh())
  }

  function missed(): void {
    const delay = Math.max(0, begun + cooldown - options.now())
    if (!stopped.signal.aborted && options.now() + delay < due) arm(delay)
  }

  function stop(): void {
    stopped.abort()
    disarm()
  }

  return { current: () => held.keys, refresh, missed, stop }
}

/** Inline keys are loaded once, and no token can ask for more. */
function paceOf(keys: KeySource, timing: KeyTiming): Pick<KeyTiming, 'interval' | 'cooldown'> {
  switch (keys.from) {
    case 'discovery':
    case 'jwks_uri':
      return timing
    case 'file':
      return { interval: timing.fileInterval, cooldown: timing.fileCooldown }
    case 'static':
      return { interval: Number.POSITIVE_INFINITY, cooldown: Number.POSITIVE_INFINITY }
  }
}

/** Takes over what was loaded; a failure leaves the last good keys, the same keys leave the set as it is. */
function hold(held: Held, issuer: string, loaded: KeySet | string): KeyRefresh {
  if (typeof loaded === 'string') {
    held.failures++
    return { issuer, result: 'failed', error: loaded }
  }
  const changed = !sameKeys(held.keys, loaded)
  if (changed) held.keys = loaded
  held.failures = 0
  return { issuer, result: 'ok', changed }
}

/** The keys, or why there are none, in words for the operator. */
async function tryLoad(
  issuer: KeyedIssuer,
  access: KeyAccess,
  timeout: number,
  stopped: AbortSignal,
): Promise<KeySet | string> {
  try {
    const signal = AbortSignal.any([stopped, AbortSignal.timeout(timeout)])
    return await loadKeys(issuer, access, signal)
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

/** Doubles from failure to failure up to a limit, less up to a half by `chance`, from 0 to below 1. */
function retryDelay(failures: number, interval: number, chance: number): number {
  const delay = Math.min(FIRST_RETRY * 2 ** (failures - 1), LAST_RETRY, interval)
  return delay * (1 - chance / 2)
}
