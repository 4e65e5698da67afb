import type { SpanContext } from '@opentelemetry/api'
import { TraceFlags } from '@opentelemetry/api'
import { collectDefaultMetrics, Registry } from 'prom-client'
import type { DecisionRecord } from '../domain/decision-record.ts'
import type { TokenProblem } from '../domain/identity.ts'
import type { TimedDecision } from './decision-span.ts'
import { createMetricSet, type MetricRegistry, type MetricSet } from './metric-set.ts'
import { createRuleLabels, type RuleLabels } from './rule-labels.ts'
import type { SpanFate } from './span-queue.ts'

/** What was found when a token was looked at; `cached` is one verified before and still valid. */
export type TokenResult = 'ok' | 'cached' | 'unavailable' | TokenProblem

/** What of a report can be lost; the decision itself is never. */
export type ReportPart = 'span' | 'metrics' | 'log' | 'export' | 'audit'

/** `recorded`: it is in the record, or waits for it. `dropped`: it is missing. `not-kept`: the settings do not want it. */
export type AuditResult = 'recorded' | 'dropped' | 'not-kept'

/** Everything that is counted, under names that say when to call it. */
export type Metrics = {
  /** A Check request has arrived; `decided` ends it. */
  started(): void
  decided(decision: TimedDecision, span: SpanContext): void
  /** From now on only these rules, and those of the policy before, have counts of their own. */
  policyLoaded(revision: string, rules: readonly string[]): void
  policyRejected(): void
  tokenVerified(result: TokenResult): void
  challengeSatisfied(level: string | null): void
  keysRefreshed(issuer: string): void
  keysFailed(issuer: string): void
  storeState(state: 'ready' | 'down'): void
  storeAnswered(): void
  storeFailed(): void
  dataLoaded(file: string, built: number | null): void
  dataFailed(file: string): void
  introspected(result: 'ok' | 'failed'): void
  securityEvent(stream: string, type: string, result: string): void
  reportLost(part: ReportPart): void
  /** What became of the record of a decision. */
  auditRecord(result: AuditResult): void
  /** Whether the audit record can be written; true where there is none. */
  auditUp(up: boolean): void
  /** What became of so many spans; `limited` is a decision that was one too many to be kept. */
  spans(fate: SpanFate | 'limited', count: number): void
  /** The text for a scraper, in the OpenMetrics 1.0.0 format. */
  exposition(): Promise<Exposition>
}

/** A response body and what to declare it as. */
export type Exposition = { readonly contentType: string; readonly body: string }

/** Metric options. */
export type MetricsOptions = {
  /** Adds event loop, garbage collection, heap and CPU of the process. Its timers never hold the process. */
  readonly process: boolean
  /** Rule ids past this many share the label `other`, so that no policy can grow the metrics without bound. */
  readonly ruleCap?: number
}

/** Creates the metrics in a registry of their own. */
export function createMetrics(options: MetricsOptions): Metrics {
  const registry: MetricRegistry = new Registry()
  registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE)
  if (options.process) collectDefaultMetrics({ register: registry })
  let inFlight = 0
  const set = createMetricSet(registry, () => inFlight)
  for (const result of ['loaded', 'rejected']) set.reloads.inc({ result }, 0)
  for (const result of ['recorded', 'dropped', 'not-kept']) set.auditRecords.inc({ result }, 0)
  set.auditUp.set(1)
  const labels = createRuleLabels(options.ruleCap ?? 1000)
  return {
    started: () => void inFlight++,
    decided: (decided, span) => {
      inFlight--
      countDecision(set, labels.of, decided.record)
      timeDecision(set, decided, span)
    },
    ...serviceReports(set, labels),
    exposition: async () => ({
      contentType: registry.contentType,
      body: await registry.metrics(),
    }),
  }
}

function countDecision(set: MetricSet, labelOf: RuleLabels['of'], record: DecisionRecord): void {
  const { decision } = record
  const { outcome, shadow, indeterminate } = decision
  countChallenge(set, record)
  set.decisions.inc({ outcome, rule: labelOf(decision.rule), mode: 'enforce' })
  if (shadow) {
    set.decisions.inc({ outcome: shadow.outcome, rule: labelOf(shadow.rule), mode: 'shadow' })
  }
  for (const { rule } of indeterminate) set.indeterminate.inc({ rule: labelOf(rule) })
}

function timeDecision(set: MetricSet, decided: TimedDecision, span: SpanContext): void {
  const { record, start, end, stages } = decided
  let before = start
  for (const { stage, at } of stages) {
    set.stages.observe(stage, (at - before) / 1000, null)
    before = at
  }
  set.duration.observe(record.decision.outcome, (end - start) / 1000, sampledTrace(span))
}

/** Levels come from the policy, so their number is bounded. */
function countChallenge(set: MetricSet, { decision, dialect = 'none' }: DecisionRecord): void {
  if (decision.outcome === 'step_up') {
    set.challenges.inc({ level: decision.requirement.level ?? 'none', dialect })
  } else if (decision.outcome === 'deny' && decision.reason === 'step-up-loop') set.loops.inc({})
}

function serviceReports(
  set: MetricSet,
  labels: RuleLabels,
): Omit<Metrics, 'started' | 'decided' | 'exposition'> {
  return {
    policyLoaded: (revision, rules) => {
      set.reloads.inc({ result: 'loaded' })
      for (const rule of labels.replace(rules)) set.forgetRule(rule)
      set.policy.reset()
      set.policy.set({ revision }, 1)
    },
    policyRejected: () => set.reloads.inc({ result: 'rejected' }),
    challengeSatisfied: (level) => set.satisfied.inc({ level: level ?? 'none' }),
    tokenVerified: (result) => set.verifications.inc({ result }),
    keysRefreshed: (issuer) => set.keyRefreshes.inc({ issuer, result: 'refreshed' }),
    keysFailed: (issuer) => set.keyRefreshes.inc({ issuer, result: 'failed' }),
    storeState: (state) => set.storeUp.set(state === 'ready' ? 1 : 0),
    storeAnswered: () => set.fetches.inc({ source: 'store', result: 'ok' }),
    storeFailed: () => set.fetches.inc({ source: 'store', result: 'failed' }),
    dataLoaded: (file, built) => {
      set.fetches.inc({ source: 'data', result: 'ok' })
      if (built !== null) set.dataBuilt.set({ file }, built / 1000)
    },
    introspected: (result) => set.fetches.inc({ source: 'introspection', result }),
    dataFailed: () => set.fetches.inc({ source: 'data', result: 'failed' }),
    securityEvent: (stream, type, result) => set.securityEvents.inc({ stream, type, result }),
    reportLost: (part) => set.failures.inc({ part }),
    auditRecord: (result) => set.auditRecords.inc({ result }),
    auditUp: (up) => set.auditUp.set(up ? 1 : 0),
    spans: (result, count) => set.spans.inc({ result }, count),
  }
}

/** Only a sampled trace can be found again. */
function sampledTrace({ traceFlags, traceId }: SpanContext): string | null {
  return (traceFlags & TraceFlags.SAMPLED) === 0 ? null : traceId
}
