import { INVALID_SPAN_CONTEXT, type SpanContext } from '@opentelemetry/api'
import { verdictFields } from '../domain/decision-json.ts'
import type { DecisionRecord, Stage } from '../domain/decision-record.ts'
import { decisionLine } from './decision-log.ts'
import type { PassedStage, TimedDecision } from './decision-span.ts'
import type { Log } from './log.ts'
import type { Metrics, ReportPart } from './metrics.ts'
import { createThrottle } from './throttle.ts'
import type { Carrier } from './trace-context.ts'
import type { Tracing } from './tracing.ts'

/** Follows one decision from the request's arrival. Neither function ever throws. */
export type Observation = {
  /** The stage has been completed. */
  stage(stage: Stage): void
  /** The answer is formed: no time counts from here on. */
  answered(): void
  /** Reports the decision, at once or when all of it is known. A second call is ignored. */
  decided(record: DecisionRecord): void
}

/** What an observer reports to. */
export type ObserverDeps = {
  readonly tracing: Pick<Tracing, 'decided'>
  readonly metrics: Metrics
  readonly log: Log
  /** Milliseconds on the clock of `performance.now`. */
  readonly now: () => number
  /** Whoever else keeps decisions, such as the audit record. */
  readonly keep?: KeepDecision
}

/** Takes a decision that is reported. */
export type KeepDecision = (record: DecisionRecord, report: Report) => void

/** What only its reporter knows of a decision, and what several make use of. */
export type Report = {
  readonly span: SpanContext
  readonly latencyMs: number
  /** `verdictFields` of the decision, where they could be formed. */
  readonly verdict?: string
  /** Its line of the log, as the members of a JSON object. */
  readonly line: string
}

/** Runs one part of a report; what it throws is counted, and logged at most once a minute. */
type Attempt = <Result>(part: ReportPart, report: () => Result) => Result | undefined

const MINUTE = 60_000

/**
 * Creates the function that starts to observe a decision. While it is under way only times are noted; once it is there
 * it becomes one span, where it is to be exported, its metrics and one log line. When one of them fails, the others are
 * still made.
 */
export function createObserver(deps: ObserverDeps): (carrier: Carrier) => Observation {
  const attempt = createAttempt(deps)
  return (carrier) => {
    const start = deps.now()
    const stages: PassedStage[] = []
    let open = true
    let end: number | null = null
    attempt('metrics', () => deps.metrics.started())
    return {
      stage: (stage) => void stages.push({ stage, at: deps.now() }),
      answered: () => {
        end = deps.now()
      },
      decided: (record) => {
        if (!open) return
        open = false
        report(deps, attempt, { record, start, stages, end: end ?? deps.now() }, carrier)
      },
    }
  }
}

function report(
  { tracing, metrics, log, keep }: ObserverDeps,
  attempt: Attempt,
  decision: TimedDecision,
  carrier: Carrier,
): void {
  const { record, start, end } = decision
  const span = attempt('span', () => tracing.decided(decision, carrier)) ?? INVALID_SPAN_CONTEXT
  const verdict = attempt('log', () => verdictFields(record.decision))
  const known = { span, latencyMs: end - start, ...(verdict !== undefined && { verdict }) }
  const line = attempt('log', () => decisionLine(record, known)) ?? ''
  attempt('audit', () => keep?.(record, { ...known, line }))
  attempt('metrics', () => metrics.decided(decision, span))
  attempt('log', () => {
    const level = record.decision.outcome === 'fault' ? 'warn' : 'info'
    if (line !== '' && log.isLevelEnabled(level)) log.line(level, line)
  })
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
