import type { Span } from '@opentelemetry/api'
import { INVALID_SPAN_CONTEXT, SpanStatusCode, trace } from '@opentelemetry/api'
import type { DecisionRecord, Stage } from '../domain/decision-record.ts'
import { decisionLine } from './decision-log.ts'
import type { Log } from './log.ts'
import type { Metrics, ReportPart } from './metrics.ts'
import { spanAttributes } from './span-attributes.ts'
import { createThrottle } from './throttle.ts'
import type { Carrier, Tracing } from './tracing.ts'

/** Follows one decision from the request's arrival. Neither function ever throws. */
export type Observation = {
  /** The stage has been completed. */
  stage(stage: Stage): void
  /** The answer is formed: reports it. A second call is ignored. */
  decided(record: DecisionRecord): void
}

/** What an observer reports to. */
export type ObserverDeps = {
  readonly tracing: Pick<Tracing, 'start'>
  readonly metrics: Metrics
  readonly log: Log
  /** Milliseconds on the clock of `performance.now`. */
  readonly now: () => number
}

/** Runs one part of a report; what it throws is counted, and logged at most once a minute. */
type Attempt = <Result>(part: ReportPart, report: () => Result) => Result | undefined

const MINUTE = 60_000

/**
 * Creates the function that starts to observe a decision. Each decision becomes one span, joined to the trace in the
 * request's metadata, its metrics and one log line; when one of them fails, the others are still made.
 */
export function createObserver(deps: ObserverDeps): (carrier: Carrier) => Observation {
  const attempt = createAttempt(deps)
  return (carrier) => {
    const start = deps.now()
    const span = attempt('span', () => deps.tracing.start(carrier, start)) ?? noSpan()
    attempt('metrics', () => deps.metrics.started())
    return observation(deps, attempt, span, start)
  }
}

function observation(deps: ObserverDeps, attempt: Attempt, span: Span, start: number): Observation {
  let last = start
  let open = true
  return {
    stage: (stage) => {
      const at = deps.now()
      const seconds = (at - last) / 1000
      last = at
      attempt('metrics', () => deps.metrics.stage(stage, seconds))
      if (span.isRecording()) attempt('span', () => span.addEvent(stage, at))
    },
    decided: (record) => {
      if (!open) return
      open = false
      report(deps, attempt, { span, record, start, end: deps.now() })
    },
  }
}

type Finished = {
  readonly span: Span
  readonly record: DecisionRecord
  readonly start: number
  readonly end: number
}

function report({ metrics, log }: ObserverDeps, attempt: Attempt, finished: Finished): void {
  const { span, record, end } = finished
  const latency = end - finished.start
  const context = span.spanContext()
  attempt('span', () => endSpan(span, record, end))
  attempt('metrics', () => metrics.decided(record.decision, latency / 1000, context))
  attempt('log', () => {
    const level = record.decision.outcome === 'fault' ? 'warn' : 'info'
    if (log.isLevelEnabled(level)) log[level](decisionLine(record, context, latency))
  })
}

function endSpan(span: Span, record: DecisionRecord, end: number): void {
  if (!span.isRecording()) return
  span.setAttributes(spanAttributes(record))
  // A refusal is an answer: only our own failure is an error.
  if (record.decision.outcome === 'fault') span.setStatus({ code: SpanStatusCode.ERROR })
  span.end(end)
}

function noSpan(): Span {
  return trace.wrapSpanContext(INVALID_SPAN_CONTEXT)
}

function createAttempt({ metrics, log, now }: ObserverDeps): Attempt {
  const mayLog = createThrottle(now, MINUTE)
  return (part, report) => {
    try {
      return report()
    } catch (error) {
      complain(part, error)
      return undefined
    }
  }

  function complain(part: ReportPart, error: unknown): void {
    try {
      metrics.reportLost(part)
      if (mayLog()) log.error({ event: 'report-lost', part, err: error })
    } catch {
      // Both ways to say so are broken, and the decision must not be.
    }
  }
}
