import { readFileSync } from 'node:fs'
import { issuerOf } from '../domain/security-event.ts'
import { createMemoryUses } from '../facts/memory-uses.ts'
import { fetchBytes } from '../identity/fetch-json.ts'
import type { KeyTiming } from '../identity/key-store.ts'
import { startHttpServer } from '../runtime/http-server.ts'
import type { Lifecycle } from '../runtime/lifecycle.ts'
import type { Secrets } from '../settings/read-secrets.ts'
import type { Settings } from '../settings/read-settings.ts'
import { isOwn, pathOf } from '../settings/shared-signals.ts'
import { createPoller, type PollDeps, type Poller } from '../shared-signals/poll.ts'
import { createPush } from '../shared-signals/push.ts'
import {
  createReceive,
  type Receive,
  type ReceiveDeps,
  type SetReport,
} from '../shared-signals/receive.ts'
import type { Stream } from '../shared-signals/stream.ts'
import type { Events } from '../telemetry/events.ts'
import type { RunningRecords } from './start-records.ts'
import { createStreamKeys, type KeyedStream, type StreamKeys } from './stream-keys.ts'

/** What shared signals need of the world around the service. */
export type SignalDeps = {
  readonly settings: Settings
  readonly secrets: Secrets
  readonly lifecycle: Lifecycle
  readonly events: Events
  readonly records: Pick<RunningRecords, 'tell' | 'tellSecurityEvent'>
  readonly fetch: typeof globalThis.fetch
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Milliseconds on a clock that never goes back. */
  readonly clock: () => number
  readonly random: () => number
  readonly keyTiming?: Partial<KeyTiming>
}

/** Where events go; `useOnce` is that of the store. */
export type SignalSinks = Pick<ReceiveDeps, 'tell' | 'forget' | 'useOnce'>

/** What `/readyz` shows of each stream. */
export type StreamStates = Readonly<Record<string, { readonly keys: boolean }>>

/** SETs whose ids are remembered in memory; a replay of another one is known by its time. */
const MOST_IDS = 50_000

type SignalSettings = NonNullable<Settings['shared_signals']>
type StreamSettings = SignalSettings['streams'][string]
type Named = { readonly name: string; readonly settings: StreamSettings; readonly stream: Stream }

/**
 * Begins to receive events from the transmitters of the settings, by push and by poll. Returns how their streams stand;
 * null without any.
 */
export async function startSharedSignals(
  deps: SignalDeps,
  sinks: SignalSinks,
): Promise<(() => StreamStates) | null> {
  const settings = deps.settings.shared_signals
  if (settings === undefined) return null
  const streams = Object.entries(settings.streams).map(([name, one]) => named(name, one))
  const pollers = new Map<string, Poller>()
  const keys = createStreamKeys(deps, streams.map(keyed), (name) => pollers.get(name)?.start())
  const receive = createReceive({
    ...sinks,
    // Ids are remembered for a day, proofs of keys for a minute: in memory they would stand in each other's way.
    useOnce: 'redis' in deps.settings.state ? sinks.useOnce : createMemoryUses(MOST_IDS),
    issuers: new Map(deps.settings.issuers.map(({ name, issuer }) => [issuer, name])),
    keysOf: keys.keysOf,
    missed: keys.missed,
    onReceived: createReport(deps),
    now: deps.now,
  })
  for (const one of createPollers(deps, streams, receive)) pollers.set(...one)
  startAll(deps, keys, pollers)
  await startListening(deps, settings, streams, receive)
  return () =>
    Object.fromEntries(streams.map(({ name }) => [name, { keys: keys.keysOf(name) !== null }]))
}

function named(name: string, settings: StreamSettings): Named {
  const { issuer, audience, algorithms, leeway, subjects = null } = settings
  return { name, settings, stream: { name, issuer, audience, algorithms, leeway, subjects } }
}

function keyed({ name, settings: { issuer, keys } }: Named): KeyedStream {
  return { name, issuer, keys }
}

function createPollers(
  { secrets, events, fetch, random }: SignalDeps,
  streams: readonly Named[],
  receive: Receive,
): readonly (readonly [string, Poller])[] {
  const onVisit = (stream: string, reason: string | null) => {
    if (reason !== null) events.securityEvent({ ...NO_SET, stream, result: 'failed', reason })
  }
  const ask: PollDeps['ask'] = (url, request, signal) => fetchBytes(fetch, url, signal, request)
  return streams.flatMap(({ name, settings: { delivery }, stream }) => {
    if (!('poll' in delivery)) return []
    const { url, every } = delivery.poll
    const token = secrets.signals?.streams.get(name) ?? null
    const asked = { stream, url, token, every: every * 1000 }
    return [[name, createPoller(asked, { ask, receive, random, onVisit })] as const]
  })
}

/** Pollers start by themselves when the keys of their streams are there: what they would fetch before could not be received. */
function startAll(
  { lifecycle }: SignalDeps,
  keys: StreamKeys,
  pollers: ReadonlyMap<string, Poller>,
): void {
  keys.start()
  lifecycle.started({ name: 'keys of shared signals', stop: keys.stop, deadline: 1000 })
  for (const [name, { stop }] of pollers)
    lifecycle.started({ name: `polling of ${name}`, stop, deadline: 2000 })
}

async function startListening(
  { secrets, lifecycle, events }: SignalDeps,
  { listen, tls }: SignalSettings,
  streams: readonly Named[],
  receive: Receive,
): Promise<void> {
  const pushed = streams.flatMap(({ name, stream, settings: { delivery } }) => {
    if (!('push' in delivery)) return []
    const authorization = secrets.signals?.streams.get(name) ?? null
    return [{ stream, path: pathOf(name, delivery.push.path), authorization }]
  })
  if (pushed.length === 0) return
  const key = secrets.signals?.tlsKey ?? null
  const push = createPush({
    streams: pushed,
    receive,
    onRefused: (stream, reason) =>
      events.securityEvent({ ...NO_SET, stream, result: 'rejected', reason }),
  })
  const server = await startHttpServer({
    name: 'shared signals',
    tlsSetting: 'shared_signals.tls',
    listen,
    tls: tls && key !== null ? { cert: readFileSync(tls.cert, 'utf8'), key } : null,
    respond: (request, response) => void push(request, response),
  })
  lifecycle.started({ name: 'shared signals', stop: server.stop, deadline: 3000 })
  events.signalsListening(server.address)
  if (tls === undefined && !isOwn(listen.host)) events.signalsOpen(server.address)
}

const NO_SET = { type: 'none', id: null, issuer: null, state: null } as const

/** Reports what became of a SET; each event that counts from now on goes into the audit record too. */
function createReport({ events, records }: SignalDeps) {
  return ({ events: meant, applied, ...report }: SetReport) => {
    const [first] = meant
    events.securityEvent({ ...report, issuer: first === undefined ? null : issuerOf(first) })
    const { stream, type, id } = report
    if (id === null) return
    for (const event of applied) records.tellSecurityEvent({ stream, type, id, event })
  }
}
