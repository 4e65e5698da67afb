import type { SpanContext } from '@opentelemetry/api'
import { isSpanContextValid } from '@opentelemetry/api'
import type { Decision } from '../domain/decision.ts'
import type { DecisionRecord } from '../domain/decision-record.ts'
import type { Identity, TokenProblem } from '../domain/identity.ts'
import type { Requirement, Shortfall } from '../domain/requirement.ts'
import { reportable } from './redact.ts'

/**
 * The log line of one decision: who decided what, on which grounds, and where to find its trace.
 * Every field is always there, so that a column exists before its first value. No token, claim value, subject,
 * query or header value is ever in it.
 */
export function decisionLine(
  record: DecisionRecord,
  span: SpanContext,
  latencyMs: number,
): Record<string, unknown> {
  const { decision, request } = record
  return {
    event: 'decision',
    decision_id: record.id,
    outcome: decision.outcome,
    rule: decision.rule,
    rules: decision.rules,
    reason: reasonOf(decision),
    problem: problemOf(decision),
    policy: decision.revision,
    method: request === null ? null : reportable(request.method),
    host: request === null ? null : reportable(request.host),
    path: request === null ? null : reportable(request.path.text),
    required: requiredFields(requirementOf(decision)),
    shortfalls: shortfallsOf(decision),
    presented: presentedFields(decision),
    indeterminate: decision.indeterminate,
    risk: decision.risk,
    shadow: decision.shadow,
    ...callerFields(record.identity),
    ...traceFields(span),
    latency_us: Math.round(latencyMs * 1000),
  }
}

/** The reason code of a refusal; null for allow. */
export function reasonOf(decision: Decision): string | null {
  return decision.outcome === 'allow' ? null : decision.reason
}

/** What the caller's login had to prove; null where no requirement was computed. */
export function requirementOf(decision: Decision): Requirement | null {
  if (decision.outcome === 'deny') return decision.unmet?.requirement ?? null
  return 'requirement' in decision ? decision.requirement : null
}

function problemOf(decision: Decision): TokenProblem | null {
  return decision.outcome === 'unauthenticated' ? decision.problem : null
}

function shortfallsOf(decision: Decision): readonly Shortfall[] {
  if (decision.outcome === 'deny') return decision.unmet?.shortfalls ?? []
  return decision.outcome === 'step_up' ? decision.shortfalls : []
}

function requiredFields(requirement: Requirement | null): Record<string, unknown> | null {
  if (requirement === null) return null
  const { level, maxAge, amr, scope, singleUse } = requirement
  return { level, max_age: maxAge, amr, scope, single_use: singleUse }
}

function presentedFields({ presented }: Decision): Record<string, unknown> | null {
  return presented && { level: presented.level, auth_age: presented.authAge }
}

function callerFields(identity: Identity | null): Record<string, unknown> {
  switch (identity?.kind) {
    case 'authenticated':
      return { issuer: identity.subject.issuer, workload: identity.subject.workload }
    case 'unavailable':
      return { issuer: identity.issuer, workload: null }
    case 'anonymous':
    case 'rejected':
    case undefined:
      return { issuer: null, workload: null }
  }
}

function traceFields(span: SpanContext): Record<string, string | null> {
  if (!isSpanContextValid(span)) return { trace_id: null, span_id: null }
  return { trace_id: span.traceId, span_id: span.spanId }
}
