import { fetchKeys } from './discover.ts'
import type { Fetch } from './fetch-json.ts'
import type { Issuer } from './issuer.ts'
import { type KeySet, sameKeys } from './key-set.ts'

/** The keys of every issuer, fetched and refreshed in the background; whoever asks gets what is there, at once. */
export type KeyStore = {
  /** Begins to fetch; call once. */
  readonly start: () => void
  /** Ends every timer and every fetch under way. */
  readonly stop: () => void
  /** True once the keys of every issuer have been fetched; it never turns false again. */
  readonly ready: () => boolean
  /** The last good keys of an issuer, by its name; null while there have been none. */
  readonly keysOf: (issuer: string) => KeySet | null
  /** Tells that a token named a key that the issuer does not have: asks for a fetch, at most one a cool-down. */
  readonly missed: (issuer: string) => void
}

/** What happened to one fetch. */
export type KeyRefresh =
  | { readonly issuer: string; readonly result: 'ok'; readonly changed: boolean }
  | { readonly issuer: string; readonly result: 'failed'; readonly error: string }

/** Runs a callback once after so many milliseconds, unless the function it returns is called before. */
export type Schedule = (milliseconds: number, callback: () => void) => () => void

/** The world around a key store. Times in milliseconds. */
export type KeyStoreOptions = {
  readonly issuers: readonly Issuer[]
  readonly fetch: Fetch
  readonly now: () => number
  /** From 0 to below 1: spreads the retries of replicas. */
  readonly random: () => number
  readonly onRefresh: (event: KeyRefresh) => void
  readonly schedule?: Schedule
  readonly interval?: number
  readonly cooldown?: number
  /** For metadata and keys together. */
  readonly timeout?: number
}

type Timing = Required<Pick<KeyStoreOptions, 'schedule' | 'interval' | 'cooldown' | 'timeout'>>

const DEFAULTS: Timing = {
  schedule: scheduleQuietly,
  interval: 600_000,
  cooldown: 30_000,
  timeout: 5000,
}

const FIRST_RETRY = 500
const LAST_RETRY = 30_000

/** Makes a store that knows no keys yet. */
export function createKeyStore(options: KeyStoreOptions): KeyStore {
  const settled = { ...DEFAULTS, ...options }
  const issuers = new Map(
    options.issuers.map((issuer) => [issuer.name, createIssuerKeys(issuer, settled)]),
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

/** The last good keys, and how many fetches have failed since. */
type Held = { keys: KeySet | null; failures: number }

/** One issuer's keys: a fetch is under way, or exactly one timer is armed for the next. */
function createIssuerKeys(issuer: Issuer, options: KeyStoreOptions & Timing): IssuerKeys {
  const stopped = new AbortController()
  const held: Held = { keys: null, failures: 0 }
  let begun = 0
  let due = Number.POSITIVE_INFINITY
  let disarm = (): void => undefined

  async function refresh(): Promise<void> {
    begun = options.now()
    due = begun
    const fetched = await tryFetch(issuer, options, stopped.signal)
    if (stopped.signal.aborted) return
    const event = hold(held, issuer.name, fetched)
    arm(held.failures === 0 ? options.interval : retryDelay(held.failures, options))
    options.onRefresh(event)
  }

  function arm(delay: number): void {
    disarm()
    due = options.now() + delay
    disarm = options.schedule(delay, () => void refresh())
  }

  function missed(): void {
    const delay = Math.max(0, begun + options.cooldown - options.now())
    if (!stopped.signal.aborted && options.now() + delay < due) arm(delay)
  }

  function stop(): void {
    stopped.abort()
    disarm()
  }

  return { current: () => held.keys, refresh, missed, stop }
}

/** Takes over what was fetched; a failure leaves the last good keys, the same keys leave the set as it is. */
function hold(held: Held, issuer: string, fetched: KeySet | string): KeyRefresh {
  if (typeof fetched === 'string') {
    held.failures++
    return { issuer, result: 'failed', error: fetched }
  }
  const changed = !sameKeys(held.keys, fetched)
  if (changed) held.keys = fetched
  held.failures = 0
  return { issuer, result: 'ok', changed }
}

/** The keys, or why there are none, in words for the operator. */
async function tryFetch(
  issuer: Issuer,
  { fetch, timeout }: KeyStoreOptions & Timing,
  stopped: AbortSignal,
): Promise<KeySet | string> {
  try {
    const signal = AbortSignal.any([stopped, AbortSignal.timeout(timeout)])
    return await fetchKeys(fetch, issuer.issuer, signal)
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

/** Doubles from failure to failure up to a limit, less up to a half by chance. */
function retryDelay(failures: number, { random, interval }: KeyStoreOptions & Timing): number {
  const delay = Math.min(FIRST_RETRY * 2 ** (failures - 1), LAST_RETRY, interval)
  return delay * (1 - random() / 2)
}

/** A timer that does not keep the process alive. */
function scheduleQuietly(milliseconds: number, callback: () => void): () => void {
  const timer = setTimeout(callback, milliseconds).unref()
  return () => clearTimeout(timer)
}
