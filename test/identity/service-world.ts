import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client, credentials } from '@grpc/grpc-js'
import type { KeyTiming } from '../../src/identity/key-store.ts'
import type { Schedule } from '../../src/identity/schedule.ts'
import { createLifecycle } from '../../src/runtime/lifecycle.ts'
import { startService } from '../../src/service/start-service.ts'
import type { Secrets } from '../../src/settings/read-secrets.ts'
import { type Addresses, createEvents, type Events } from '../../src/telemetry/events.ts'
import { createMetrics } from '../../src/telemetry/metrics.ts'
import { createObserver } from '../../src/telemetry/observe.ts'
import { createNoTracing } from '../../src/telemetry/tracing.ts'
import { NO_SECRETS, recordsOf } from '../service/records.ts'
import { settingsOf } from '../settings/reading.ts'
import { parseExposition, valueIn } from '../telemetry/exposition.ts'
import { memoryLog } from '../telemetry/fixtures.ts'
import { askWith, healthOf } from './ask.ts'
import { type Provider, startProvider } from './provider.ts'
import { createQueue } from './queue.ts'
import { healthy } from './store-world.ts'
import { createTimers } from './timers.ts'
import { EC, type TestKey, token } from './tokens.ts'

/** The whole service, asked over gRPC, with the timers of its keys in the hands of the test. */
export type ServiceWorld = AsyncDisposable & {
  /** `allow`, or the reason of the refusal. */
  readonly ask: (bearer: string, more?: Readonly<Record<string, string>>) => Promise<string>
  readonly bearer: (signer?: TestKey) => string
  /** Resolves with the outcome of the next load of keys. */
  readonly loaded: () => Promise<'refreshed' | 'failed'>
  /** Moves the clock to the armed timer and runs it; what comes of it is for `loaded`. */
  readonly tick: () => void
  /** The delay of the armed timer, in milliseconds. */
  readonly delay: () => number | undefined
  readonly pass: (milliseconds: number) => void
  readonly ready: Promise<Addresses>
  readonly health: () => Promise<string>
  readonly refreshes: (result: 'refreshed' | 'failed') => Promise<number>
  /** The value of a metric; 0 where nothing was counted. */
  readonly counted: (name: string, labels: Record<string, string>) => Promise<number>
  /** Every log line. */
  readonly lines: () => readonly Record<string, unknown>[]
  /** The log lines about keys. */
  readonly said: () => readonly Record<string, unknown>[]
}

/** What differs from world to world. */
export type ServiceWorldOptions = {
  readonly issuer: string
  /** YAML of `issuers.idp.keys`. */
  readonly keys?: string
  /** More settings of the issuer, and what they refer to. */
  readonly more?: object
  readonly secrets?: Partial<Secrets>
  /** The test's, unless it wants those of every day. */
  readonly timers?: 'real'
  /** Milliseconds for one load. */
  readonly timeout?: number
}

const POLICY = `version: 1
assurance: [{ level: password, acr: { idp: ["1"] } }]
rules: [{ id: read, match: { paths: ["/**"] }, when: subject.authenticated, effect: allow }]
`

export async function startServiceWorld(options: ServiceWorldOptions): Promise<ServiceWorld> {
  const folder = mkdtempSync(join(tmpdir(), 'stepgate-'))
  writeFileSync(join(folder, 'policy.yaml'), POLICY)
  const socket = `unix:${join(folder, 'grpc.sock')}`
  const { log, lines } = memoryLog('debug')
  const metrics = createMetrics({ process: false })
  const timers = createTimers(1_000_000)
  const watched = watch(createEvents({ log, metrics, happened: () => {}, now: Date.now }))
  const failures: unknown[] = []
  const lifecycle = createLifecycle((failure) => failures.push(failure))
  const parts = {
    settings: settingsOf(settingsFor(options, folder, socket)),
    secrets: { ...NO_SECRETS, ...options.secrets },
    lifecycle,
    events: watched.events,
  }
  await startService({
    ...parts,
    records: await recordsOf(parts),
    metrics,
    observe: createObserver({ tracing: createNoTracing(), metrics, log, now: timers.clock }),
    fetch,
    now: Date.now,
    clock: timers.clock,
    random: () => 0,
    newDecisionId: randomUUID,
    keyTiming: timingOf(options, timers.schedule),
  })
  const counted = async (name: string, labels: Record<string, string>) =>
    valueIn(parseExposition((await metrics.exposition()).body), name, labels)
  const client = new Client(socket, credentials.createInsecure())
  return {
    ...timers,
    loaded: watched.loaded,
    ready: watched.ready,
    ask: (bearer, more) => askWith(client, bearer, more),
    bearer: (signer = EC) => bearerOf(options.issuer, signer),
    health: () => healthOf(client),
    refreshes: (result) => counted('stepgate_key_refreshes_total', { issuer: 'idp', result }),
    counted,
    lines,
    said: () => lines().filter(({ event }) => String(event).startsWith('keys-')),
    async [Symbol.asyncDispose]() {
      client.close()
      await lifecycle.stop()
      rmSync(folder, { recursive: true })
      assert.deepEqual(failures, [])
    },
  }
}

function timingOf(
  { timers, timeout }: ServiceWorldOptions,
  schedule: Schedule,
): Partial<KeyTiming> {
  return {
    ...(timers === 'real' ? {} : { schedule }),
    ...(timeout === undefined ? {} : { timeout }),
  }
}

function settingsFor(
  { issuer, keys, more }: ServiceWorldOptions,
  folder: string,
  grpc: string,
): string {
  const idp = { issuer, audiences: ['licensing-api'], ...more }
  return [
    `listen: { grpc: ${JSON.stringify(grpc)} }`,
    'admin: { http: 127.0.0.1:0 }',
    `policy: ${JSON.stringify(join(folder, 'policy.yaml'))}`,
    `issuers: { idp: ${JSON.stringify(idp).replace(/\}$/, `, keys: ${keys ?? '{}'} }`)} }`,
  ].join('\n')
}

/** The events, with the ends of loads and the moment of readiness to wait for. */
function watch(events: Events) {
  const loads = createQueue<'refreshed' | 'failed'>()
  const ready = Promise.withResolvers<Addresses>()
  const watched: Events = {
    ...events,
    keysRefreshed: (...about) => {
      events.keysRefreshed(...about)
      loads.tell('refreshed')
    },
    keysFailed: (...about) => {
      events.keysFailed(...about)
      loads.tell('failed')
    },
    ready: (addresses) => {
      events.ready(addresses)
      ready.resolve(addresses)
    },
  }
  return { events: watched, loaded: loads.next, ready: ready.promise }
}

/** A fresh token, never seen before. */
function bearerOf(issuer: string, signer: TestKey): string {
  const seconds = Math.floor(Date.now() / 1000)
  const claims = { iss: issuer, aud: 'licensing-api', sub: 'ada', jti: randomUUID() }
  return `Bearer ${token({ ...claims, iat: seconds, exp: seconds + 3600 }, {}, signer)}`
}

/** A service with the keys of a healthy provider, and a token that it has seen. */
export async function startRunningWorld(
  more: Partial<ServiceWorldOptions> = {},
): Promise<ServiceWorld & { readonly provider: Provider; readonly known: string }> {
  await using started = new AsyncDisposableStack()
  const provider = started.use(await startProvider())
  provider.behave = healthy(provider)
  const w = started.use(await startServiceWorld({ issuer: provider.url, ...more }))
  assert.equal(await w.loaded(), 'refreshed')
  const known = w.bearer()
  assert.equal(await w.ask(known), 'allow')
  const both = started.move()
  return { ...w, provider, known, [Symbol.asyncDispose]: () => both.disposeAsync() }
}

/** The answers to all of these at once. */
export function askAll(w: ServiceWorld, bearers: readonly string[]): Promise<string[]> {
  return Promise.all(bearers.map((bearer) => w.ask(bearer)))
}
