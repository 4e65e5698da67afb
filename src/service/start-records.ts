import { isSpanContextValid, type SpanContext } from '@opentelemetry/api'
import { createRecentDecisions, type RecentDecisions } from '../admin/recent-decisions.ts'
import type { DecisionRecord } from '../domain/decision-record.ts'
import { isPlainAllow } from '../domain/plain-allow.ts'
import type { Trail } from '../domain/trail.ts'
import type { KeepDecision } from '../telemetry/observe.ts'
import { createThrottle } from '../telemetry/throttle.ts'
import { type AuditDeps, type RunningAudit, startAudit } from './start-audit.ts'

/** What keeps decisions: the audit record, where the settings want one, and a short memory. */
export type RunningRecords = Omit<RunningAudit, 'wants' | 'record'> & {
  readonly keep: KeepDecision
  readonly recent: RecentDecisions
}

/** Milliseconds between two refusals whose reasons are told from memory alone: to tell them takes as long as to decide. */
const TELLING = 50

/** Opens the audit record, and begins to remember. */
export async function startRecords(deps: AuditDeps): Promise<RunningRecords> {
  const { now, events } = deps
  const audit = await startAudit(deps)
  const recent = createRecentDecisions()
  const mayTell = createThrottle(now, TELLING)
  const keep: KeepDecision = (record, { line, span, ...known }) => {
    const isWanted = audit.wants(record.decision)
    const isLookedAt = !isPlainAllow(record.decision) && mayTell()
    const trail = isWanted || isLookedAt ? trailOf(record) : null
    const isAllowed = record.decision.outcome === 'allow'
    const { pathTemplate = null, considered = null } = trail ?? {}
    recent.add({ at: now(), isAllowed, line, pathTemplate, considered })
    if (isWanted) audit.record(record, { ...known, span: validOrNull(span), ...told(trail) })
  }
  const { healthy, problem, watch, tell, tellSecurityEvent } = audit
  return { healthy, problem, watch, tell, tellSecurityEvent, keep, recent }

  /** A failure of ours on the way to the reasons must not cost the record itself. */
  function trailOf(record: DecisionRecord): Trail | null {
    try {
      return record.trail?.() ?? null
    } catch (error) {
      events.internalError(error, record.id)
      return null
    }
  }
}

function validOrNull(span: SpanContext): SpanContext | null {
  return isSpanContextValid(span) ? span : null
}

function told(trail: Trail | null): { readonly trail?: Trail } {
  return trail === null ? {} : { trail }
}
