import type { SpanContext } from '@opentelemetry/api'
import { TraceFlags } from '@opentelemetry/api'
import { collectDefaultMetrics, Registry } from 'prom-client'
import type { Decision } from '../domain/decision.ts'
import type { Stage } from '../domain/decision-record.ts'
import type { TokenProblem } from '../domain/identity.ts'
import { createMetricSet, type MetricRegistry, type MetricSet } from './metric-set.ts'

/** What was found when a token was looked at; `cached` is one verified before and still valid. */
export type TokenResult = 'ok' | 'cached' | 'unavailable' | TokenProblem

/** What of a report can be lost; the decision itself is never. */
export type ReportPart = 'span' | 'metrics' | 'log' | 'export'

/** Everything that is counted, under names that say when to call it. */
export type Metrics = {
  /** A Check request has arrived; `decided` ends it. */
  started(): void
  /** `seconds` since the stage before was completed. */
  stage(stage: Stage, seconds: number): void
  decided(decision: Decision, seconds: number, span: SpanContext): void
  policyLoaded(revision: string): void
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
  reportLost(part: ReportPart): void
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
  return {
    started: () => void inFlight++,
    ...decisionReports(set, ruleLabels(options.ruleCap ?? 1000), () => inFlight--),
    ...serviceReports(set),
    exposition: async () => ({
      contentType: registry.contentType,
      body: await registry.metrics(),
    }),
  }
}

function decisionReports(
  set: MetricSet,
  ruleLabel: (rule: string | null) => string,
  ended: () => void,
): Pick<Metrics, 'stage' | 'decided'> {
  return {
    stage: (stage, seconds) => set.stages.observe({ stage }, seconds),
    decided: (decision, seconds, span) => {
      ended()
      const { outcome, shadow } = decision
      countChallenge(set, decision)
      set.decisions.inc({ outcome, rule: ruleLabel(decision.rule), mode: 'enforce' })
      if (shadow) {
        const { outcome: shadowed, rule } = shadow
        set.decisions.inc({ outcome: shadowed, rule: ruleLabel(rule), mode: 'shadow' })
      }
      set.duration.observe({ labels: { outcome }, value: seconds, exemplarLabels: exemplar(span) })
      for (const { rule } of decision.indeterminate) {
        set.indeterminate.inc({ rule: ruleLabel(rule) })
      }
    },
  }
}

/** Levels come from the policy, so their number is bounded. */
function countChallenge(set: MetricSet, decision: Decision): void {
  if (decision.outcome === 'step_up') {
    const dialect = decision.reason === 'insufficient_scope' ? decision.reason : 'rfc9470'
    set.challenges.inc({ level: decision.requirement.level ?? 'none', dialect })
  } else if (decision.outcome === 'deny' && decision.reason === 'step-up-loop') set.loops.inc()
}

function serviceReports(
  set: MetricSet,
): Omit<Metrics, 'started' | 'stage' | 'decided' | 'exposition'> {
  return {
    policyLoaded: (revision) => {
      set.reloads.inc({ result: 'loaded' })
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
    dataFailed: () => set.fetches.inc({ source: 'data', result: 'failed' }),
    reportLost: (part) => set.failures.inc({ part }),
  }
}

/** Only a sampled trace can be found again. */
function exemplar(span: SpanContext): Record<string, string> {
  return (span.traceFlags & TraceFlags.SAMPLED) === 0 ? {} : { trace_id: span.traceId }
}

function ruleLabels(cap: number): (rule: string | null) => string {
  const known = new Set<string>()
  return (rule) => {
    if (rule === null) return 'none'
    if (!known.has(rule) && known.size >= cap) return 'other'
    known.add(rule)
    return rule
  }
}
