import type { SpanContext } from '@opentelemetry/api'
import { INVALID_SPAN_CONTEXT, isSpanContextValid } from '@opentelemetry/api'
import type { Decision, Evidence, RiskReading } from '../domain/decision.ts'
import { verdictFields } from '../domain/decision-json.ts'
import type { DecisionRecord } from '../domain/decision-record.ts'
import type { Identity } from '../domain/identity.ts'
import { numberOrNull, quote, quoteAll, quoteOrNull } from '../domain/json-text.ts'
import { reportable } from './redact.ts'

/** What only the reporter of a decision knows. */
export type LineContext = {
  readonly span: SpanContext
  readonly latencyMs: number
  /** `verdictFields` of the decision, where they have been formed already. */
  readonly verdict?: string
}

/**
 * The log line of one decision, as the members of a JSON object: who decided what, on which grounds, and where to find
 * its trace. Every field is always there, so that a column exists before its first value. No token, claim value,
 * subject, query or header value is ever in it. Written as text, since there is one for each request.
 */
export function decisionLine(
  record: DecisionRecord,
  { span, latencyMs, verdict = verdictFields(record.decision) }: LineContext,
): string {
  const { decision } = record
  const { revision, risk } = decision
  return (
    `"event":"decision","decision_id":${quote(record.id)}` +
    verdict +
    `,"presented":${presentedJson(decision)}` +
    `,"risk":${risk === null ? 'null' : riskJson(risk)}` +
    `,"policy":${quoteOrNull(revision)}` +
    requestFields(record) +
    callerFields(record.identity) +
    traceFields(span) +
    `,"latency_us":${numberOrNull(Math.round(latencyMs * 1000))}`
  )
}

function requestFields({ request }: DecisionRecord): string {
  if (request === null) return ',"method":null,"host":null,"path":null'
  return (
    `,"method":${quote(reportable(request.method))},"host":${quote(reportable(request.host))}` +
    `,"path":${quote(reportable(request.path.text))}`
  )
}

function presentedJson({ presented }: Decision): string {
  if (presented === null) return 'null'
  return `{"level":${quoteOrNull(presented.level)},"auth_age":${numberOrNull(presented.authAge)}}`
}

function riskJson({ score, level, signals, evidence }: RiskReading): string {
  return (
    `{"score":${numberOrNull(score)},"level":${quoteOrNull(level)}` +
    `,"signals":${quoteAll(signals)},"evidence":[${evidence.map(evidenceJson).join(',')}]}`
  )
}

function evidenceJson({ signal, name, value }: Evidence): string {
  const shown = typeof value === 'number' ? numberOrNull(value) : JSON.stringify(value)
  return `{"signal":${quote(signal)},"name":${quote(name)},"value":${shown}}`
}

function callerFields(identity: Identity | null): string {
  switch (identity?.kind) {
    case 'authenticated':
      return `,"issuer":${quote(identity.subject.issuer)},"workload":${identity.subject.workload}`
    case 'unavailable':
      return `,"issuer":${quote(identity.issuer)},"workload":null`
    case 'anonymous':
    case 'rejected':
    case undefined:
      return ',"issuer":null,"workload":null'
  }
}

function traceFields(span: SpanContext): string {
  if (span === INVALID_SPAN_CONTEXT || !isSpanContextValid(span)) {
    return ',"trace_id":null,"span_id":null'
  }
  return `,"trace_id":"${span.traceId}","span_id":"${span.spanId}"`
}
