import type { Attributes } from '@opentelemetry/api'
import { type AuditEvents, auditEvents } from './audit-events.ts'
import { type IntrospectionEvents, introspectionEvents } from './introspection-events.ts'
import type { Log } from './log.ts'
import type { Metrics, TokenResult } from './metrics.ts'
import { type SignalEvents, signalEvents } from './signal-events.ts'
import { createThrottle } from './throttle.ts'
import type { Operation, Tracing } from './tracing.ts'

/** What happens to the service besides decisions; each is a log line, a count, a span, or several of them. */
export type Events = AuditEvents &
  IntrospectionEvents &
  SignalEvents & {
    policyLoaded(loaded: PolicyLoaded): void
    /** `issues` is written for the author: place, source line with caret, hint. */
    policyRejected(rejected: PolicyRejected): void
    /** Logged as `info` only when the keys changed; `fetched` is the time (ms) that it took over the network. */
    keysRefreshed(issuer: string, changed: boolean, fetched?: number): void
    keysFailed(issuer: string, reason: string, fetched?: number): void
    tokenVerified(result: TokenResult): void
    /** A request passed that had been challenged before; `level` is what was required. */
    challengeSatisfied(level: string | null): void
    /** The store is ready, or down and why; what needs it is then unavailable. */
    storeState(state: 'ready' | 'down', reason: string): void
    /** What a store is not fit for. */
    storeWarning(warning: string): void
    /** One look into the store was answered. */
    storeAnswered(): void
    /** One look into the store failed. Logged at most once a minute. */
    storeFailed(error: unknown): void
    /** A data file is served from now on; `built` is when its data were put together (ms), null when nobody says. */
    dataLoaded(loaded: DataLoaded): void
    /** A data file cannot be read; the last good one is served on. */
    dataFailed(failed: { readonly file: string; readonly problem: string }): void
    /** A batch of spans was not delivered. Logged at most once a minute. */
    exportFailed(error: Error | undefined): void
    /** An exception on the way to an answer; the id leads to the decision's own line. */
    internalError(error: unknown, decisionId: string | null): void
    ready(addresses: Addresses): void
    stopping(reason: string): void
  }

/** A data file, and when its data were put together. */
export type DataLoaded = { readonly file: string; readonly built: number | null }

/** A policy that decides from now on; `durationMs` from the read files to the compiled policy. */
export type PolicyLoaded = {
  readonly revision: string
  readonly files: readonly string[]
  /** Their ids, in the order of the policy. */
  readonly rules: readonly string[]
  readonly durationMs: number
  /** Written for the author; null when there is none. */
  readonly warnings: string | null
}

/** A policy that was refused, and the revision that goes on in its place (null: none). */
export type PolicyRejected = {
  readonly issues: string
  readonly serving: string | null
  readonly durationMs: number
}

/** Where the service listens. */
export type Addresses = { readonly grpc: string; readonly admin: string }

/** What the events are written to; `now` in milliseconds. */
export type EventDeps = {
  readonly log: Log
  readonly metrics: Metrics
  /** Makes a span of what ended just now. */
  readonly happened: Tracing['happened']
  readonly now: () => number
}

const MINUTE = 60_000

/** Creates the functions that report events. */
export function createEvents(deps: EventDeps): Events {
  const { log } = deps
  return {
    ...policyEvents(deps),
    ...identityEvents(deps),
    ...factEvents(deps),
    ...auditEvents(deps),
    ...signalEvents(deps),
    ...introspectionEvents(deps),
    exportFailed: exportFailed(deps),
    internalError: (error, decision_id) =>
      log.error({ event: 'internal-error', decision_id, err: error }),
    ready: ({ grpc, admin }) => log.info({ event: 'ready', grpc, admin }),
    stopping: (reason) => log.info({ event: 'stopping', reason }),
  }
}

function policyEvents({
  log,
  metrics,
  happened,
}: EventDeps): Pick<Events, 'policyLoaded' | 'policyRejected'> {
  return {
    policyLoaded: ({ revision, files, rules, durationMs, warnings }) => {
      metrics.policyLoaded(revision, rules)
      happened(reload(durationMs, revision, null))
      const duration_ms = Math.round(durationMs)
      const told = { revision, files, rules: rules.length, duration_ms, warnings }
      log.info({ event: 'policy-loaded', ...told })
    },
    policyRejected: ({ issues, serving, durationMs }) => {
      metrics.policyRejected()
      happened(reload(durationMs, serving, 'the policy has mistakes, which the log names'))
      log.warn({ event: 'policy-rejected', issues, serving })
    },
  }
}

/** The span of a reload; `revision` is what decides from then on. */
function reload(duration: number, revision: string | null, message: string | null): Operation {
  return {
    name: 'stepgate.policy.reload',
    duration,
    attributes: revision === null ? {} : { 'stepgate.policy.revision': revision },
    error: message === null ? null : { type: 'policy-rejected', message },
  }
}

function identityEvents({
  log,
  metrics,
  happened,
}: EventDeps): Pick<
  Events,
  'keysRefreshed' | 'keysFailed' | 'tokenVerified' | 'challengeSatisfied'
> {
  return {
    keysRefreshed: (issuer, changed, fetched) => {
      metrics.keysRefreshed(issuer)
      const attributes = { 'stepgate.issuer': issuer, 'stepgate.keys.changed': changed }
      if (fetched !== undefined) happened(keyFetch(fetched, attributes, null))
      log[changed ? 'info' : 'debug']({ event: 'keys-refreshed', issuer, changed })
    },
    keysFailed: (issuer, reason, fetched) => {
      metrics.keysFailed(issuer)
      if (fetched !== undefined) happened(keyFetch(fetched, { 'stepgate.issuer': issuer }, reason))
      log.warn({ event: 'keys-failed', issuer, reason })
    },
    tokenVerified: (result) => metrics.tokenVerified(result),
    challengeSatisfied: (level) => metrics.challengeSatisfied(level),
  }
}

function keyFetch(duration: number, attributes: Attributes, reason: string | null): Operation {
  const error = reason === null ? null : { type: 'keys-failed', message: reason }
  return { name: 'stepgate.jwks.fetch', duration, attributes, error }
}

function factEvents({
  log,
  metrics,
  now,
}: EventDeps): Pick<
  Events,
  'storeState' | 'storeWarning' | 'storeAnswered' | 'storeFailed' | 'dataLoaded' | 'dataFailed'
> {
  const mayLog = createThrottle(now, MINUTE)
  return {
    storeState: (state, reason) => {
      metrics.storeState(state)
      if (state === 'ready') log.info({ event: 'store-ready' })
      else log.warn({ event: 'store-down', reason })
    },
    storeWarning: (warning) => log.warn({ event: warning }),
    storeAnswered: () => metrics.storeAnswered(),
    storeFailed: (error) => {
      metrics.storeFailed()
      if (mayLog()) log.warn({ event: 'store-failed', reason: reasonOf(error) })
    },
    dataLoaded: ({ file, built }) => {
      metrics.dataLoaded(file, built)
      log.info({ event: 'data-loaded', file, built })
    },
    dataFailed: ({ file, problem }) => {
      metrics.dataFailed(file)
      log.warn({ event: 'data-failed', file, reason: problem })
    },
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function exportFailed({ log, metrics, now }: EventDeps): Events['exportFailed'] {
  const mayLog = createThrottle(now, MINUTE)
  return (error) => {
    metrics.reportLost('export')
    if (mayLog()) log.warn({ event: 'traces-not-delivered', reason: error?.message ?? 'unknown' })
  }
}
