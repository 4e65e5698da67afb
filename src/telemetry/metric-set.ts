import { Gauge, type OpenMetricsContentType, type Registry } from 'prom-client'
import type { Decision } from '../domain/decision.ts'
import { signalMetrics } from './signal-metrics.ts'
import { createTally } from './tally.ts'
import { createTimes } from './times.ts'

/** From 0.1 ms to 250 ms: Envoy gives up on us at 250 ms. */
const DURATION = {
  name: 'stepgate_decision_duration_seconds',
  help: 'Time from the Check request to the formed answer',
  label: 'outcome',
  bounds: [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25],
}

/** A stage is a part of a decision, and mostly a small one. */
const STAGES = {
  name: 'stepgate_stage_duration_seconds',
  help: 'Time that a decision spent to complete a stage',
  label: 'stage',
  bounds: [0.00001, 0.000025, 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.005, 0.025, 0.1],
}

/** Where the metrics are registered; the library's global registry is left alone. */
export type MetricRegistry = Registry<OpenMetricsContentType>

/** Every metric of ours, by its role. */
export type MetricSet = ReturnType<typeof decisionMetrics> &
  ReturnType<typeof challengeMetrics> &
  ReturnType<typeof factMetrics> &
  ReturnType<typeof serviceMetrics> &
  ReturnType<typeof signalMetrics> &
  ReturnType<typeof auditMetrics> & {
    /** Ends what is counted of a rule that no policy has any more. */
    readonly forgetRule: (rule: string) => void
  }

/** Registers every metric of ours; `inFlight` is asked at each scrape. */
export function createMetricSet(registry: MetricRegistry, inFlight: () => number): MetricSet {
  const decisions = decisionMetrics(registry, inFlight)
  return {
    ...decisions,
    ...challengeMetrics(registry),
    ...factMetrics(registry),
    ...serviceMetrics(registry),
    ...signalMetrics(registry),
    ...auditMetrics(registry),
    forgetRule: (rule) => {
      decisions.indeterminate.remove({ rule })
      for (const outcome of OUTCOMES) {
        for (const mode of MODES) decisions.decisions.remove({ outcome, rule, mode })
      }
    },
  }
}

const OUTCOMES: readonly Decision['outcome'][] = [
  'allow',
  'step_up',
  'deny',
  'unauthenticated',
  'fault',
]
const MODES = ['enforce', 'shadow']

function decisionMetrics(registry: MetricRegistry, inFlight: () => number) {
  return {
    decisions: createTally(registry, 'stepgate_decisions_total', 'Decisions', [
      'outcome',
      'rule',
      'mode',
    ]),
    duration: createTimes(registry, DURATION, Date.now),
    stages: createTimes(registry, STAGES, Date.now),
    indeterminate: createTally(
      registry,
      'stepgate_indeterminate_total',
      'Conditions that could not be decided and fell to the stricter side',
      ['rule'],
    ),
    inFlight: new Gauge({
      registers: [registry],
      name: 'stepgate_in_flight',
      help: 'Decisions being made',
      collect() {
        this.set(inFlight())
      },
    }),
  }
}

function challengeMetrics(registry: MetricRegistry) {
  return {
    challenges: createTally(registry, 'stepgate_challenges_total', 'Challenges given', [
      'level',
      'dialect',
    ]),
    satisfied: createTally(
      registry,
      'stepgate_challenges_satisfied_total',
      'Challenges that were answered by a login that met them',
      ['level'],
    ),
    loops: createTally(
      registry,
      'stepgate_challenge_loops_total',
      'Refusals for good of clients that came back too often with logins that did not do',
      [],
    ),
  }
}

function factMetrics(registry: MetricRegistry) {
  const registers = [registry]
  return {
    fetches: createTally(
      registry,
      'stepgate_fact_fetches_total',
      'Looks into the store before a decision, and readings of data files',
      ['source', 'result'],
    ),
    storeUp: new Gauge({
      registers,
      name: 'stepgate_store_up',
      help: 'Whether the shared store can be asked; always 1 for the memory of the process',
    }),
    dataBuilt: new Gauge({
      registers,
      name: 'stepgate_data_built_timestamp_seconds',
      help: 'When the data of a file were put together',
      labelNames: ['file'],
    }),
  }
}

function serviceMetrics(registry: MetricRegistry) {
  return {
    reloads: createTally(registry, 'stepgate_policy_reloads_total', 'Policies tried', ['result']),
    policy: new Gauge({
      registers: [registry],
      name: 'stepgate_policy_info',
      help: 'The policy that decides; always 1',
      labelNames: ['revision'],
    }),
    verifications: createTally(
      registry,
      'stepgate_token_verifications_total',
      'Tokens looked at, by what was found',
      ['result'],
    ),
    keyRefreshes: createTally(
      registry,
      'stepgate_key_refreshes_total',
      "Fetches of issuers' keys",
      ['issuer', 'result'],
    ),
    failures: createTally(
      registry,
      'stepgate_reporting_failures_total',
      'Reports that were lost: parts of a decision record, or batches of spans',
      ['part'],
    ),
    spans: createTally(
      registry,
      'stepgate_spans_total',
      'Spans by what became of them; limited: decisions that were one too many to be kept',
      ['result'],
    ),
  }
}

function auditMetrics(registry: MetricRegistry) {
  return {
    auditRecords: createTally(
      registry,
      'stepgate_audit_records_total',
      'Decisions, by what became of their audit record',
      ['result'],
    ),
    auditUp: new Gauge({
      registers: [registry],
      name: 'stepgate_audit_up',
      help: 'Whether the audit record can be written; always 1 without one',
    }),
  }
}
