import { Counter, Gauge, Histogram, type OpenMetricsContentType, type Registry } from 'prom-client'
import type { Decision } from '../domain/decision.ts'

/** Seconds, 0.1 ms to 250 ms: Envoy gives up on us at 250 ms. */
const DECISION_BUCKETS = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25,
]

/** Seconds; a stage is a part of a decision, and mostly a small one. */
const STAGE_BUCKETS = [
  0.00001, 0.000025, 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.005, 0.025, 0.1,
]

/** Where the metrics are registered; the library's global registry is left alone. */
export type MetricRegistry = Registry<OpenMetricsContentType>

/** Every metric of ours, by its role. */
export type MetricSet = ReturnType<typeof decisionMetrics> &
  ReturnType<typeof challengeMetrics> &
  ReturnType<typeof factMetrics> &
  ReturnType<typeof serviceMetrics> &
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
  const registers = [registry]
  return {
    decisions: counter(registry, 'stepgate_decisions_total', 'Decisions', [
      'outcome',
      'rule',
      'mode',
    ]),
    duration: new Histogram({
      registers,
      name: 'stepgate_decision_duration_seconds',
      help: 'Time from the Check request to the formed answer',
      labelNames: ['outcome'],
      buckets: DECISION_BUCKETS,
      enableExemplars: true,
    }),
    stages: new Histogram({
      registers,
      name: 'stepgate_stage_duration_seconds',
      help: 'Time that a decision spent to complete a stage',
      labelNames: ['stage'],
      buckets: STAGE_BUCKETS,
    }),
    indeterminate: counter(
      registry,
      'stepgate_indeterminate_total',
      'Conditions that could not be decided and fell to the stricter side',
      ['rule'],
    ),
    inFlight: new Gauge({
      registers,
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
    challenges: counter(registry, 'stepgate_challenges_total', 'Challenges given', [
      'level',
      'dialect',
    ]),
    satisfied: counter(
      registry,
      'stepgate_challenges_satisfied_total',
      'Challenges that were answered by a login that met them',
      ['level'],
    ),
    loops: counter(
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
    fetches: counter(
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
    reloads: counter(registry, 'stepgate_policy_reloads_total', 'Policies tried', ['result']),
    policy: new Gauge({
      registers: [registry],
      name: 'stepgate_policy_info',
      help: 'The policy that decides; always 1',
      labelNames: ['revision'],
    }),
    verifications: counter(
      registry,
      'stepgate_token_verifications_total',
      'Tokens looked at, by what was found',
      ['result'],
    ),
    keyRefreshes: counter(registry, 'stepgate_key_refreshes_total', "Fetches of issuers' keys", [
      'issuer',
      'result',
    ]),
    failures: counter(
      registry,
      'stepgate_reporting_failures_total',
      'Reports that were lost: parts of a decision record, or batches of spans',
      ['part'],
    ),
    spans: counter(
      registry,
      'stepgate_spans_total',
      'Spans by what became of them; limited: decisions that were one too many to be kept',
      ['result'],
    ),
  }
}

function auditMetrics(registry: MetricRegistry) {
  return {
    auditRecords: counter(
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

function counter<const Label extends string>(
  registry: MetricRegistry,
  name: string,
  help: string,
  labelNames: readonly Label[],
): Counter<Label> {
  return new Counter({ registers: [registry], name, help, labelNames })
}
