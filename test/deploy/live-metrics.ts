import { INVALID_SPAN_CONTEXT } from '@opentelemetry/api'
import type { Decision } from '../../src/domain/decision.ts'
import type { DecisionRecord } from '../../src/domain/decision-record.ts'
import { createMetrics, type Metrics } from '../../src/telemetry/metrics.ts'
import { parseExposition } from '../telemetry/exposition.ts'
import { OUTCOMES, recordOf } from '../telemetry/fixtures.ts'

/** What is exposed: for each series' name its labels, and for each label the values that it has had. */
export type LiveMetrics = ReadonlyMap<string, ReadonlyMap<string, ReadonlySet<string>>>

/** Everything that can be counted, once, as a scraper would then read it. */
export async function liveMetrics(): Promise<LiveMetrics> {
  const metrics = createMetrics({ process: true })
  decideEverything(metrics)
  serveEverything(metrics)
  const { body } = await metrics.exposition()
  const found = namesIn(body)
  for (const { name, labels } of parseExposition(body)) {
    const known = found.get(name) ?? new Map<string, Set<string>>()
    for (const [label, value] of Object.entries(labels)) {
      known.set(label, (known.get(label) ?? new Set()).add(value))
    }
    found.set(name, known)
  }
  return found
}

/** Of every metric, whether it has been counted or not. */
function namesIn(body: string): Map<string, Map<string, Set<string>>> {
  const types = [...body.matchAll(/^# TYPE (\S+) (\w+)$/gm)]
  const names = types.flatMap(([, name = '', type = '']) => seriesOf(name, type))
  // There may have been no garbage yet.
  const labels = (name: string) =>
    name.startsWith('nodejs_gc_') ? [['kind', new Set(['minor'])] as const] : []
  return new Map(names.map((name) => [name, new Map(labels(name))]))
}

function decideEverything(metrics: Metrics): void {
  for (const outcome of OUTCOMES) {
    const stages = (['identified', 'selected', 'facts', 'decided'] as const).map(
      (stage, index) => ({
        stage,
        at: index + 1,
      }),
    )
    metrics.decided({ record: recordOf(outcome), start: 0, end: 5, stages }, INVALID_SPAN_CONTEXT)
    const { decision, ...rest } = recordOf(outcome)
    const shadow = { outcome, rule: 'in-shadow' } as const
    const shadowed: DecisionRecord = { ...rest, decision: { ...decision, shadow } as Decision }
    metrics.decided({ record: shadowed, start: 0, end: 5, stages }, INVALID_SPAN_CONTEXT)
  }
}

function serveEverything(metrics: Metrics): void {
  metrics.policyLoaded('0123456789ab', ['r'])
  metrics.policyRejected()
  metrics.tokenVerified('ok')
  metrics.challengeSatisfied('mfa')
  metrics.keysRefreshed('idp')
  metrics.keysFailed('idp')
  metrics.storeState('ready')
  metrics.storeAnswered()
  metrics.storeFailed()
  metrics.dataLoaded('location.mmdb', 1_795_000_000_000)
  metrics.dataFailed('location.mmdb')
  metrics.reportLost('export')
  for (const result of ['recorded', 'dropped', 'not-kept'] as const) metrics.auditRecord(result)
  metrics.spans('exported', 1)
  for (const result of ['applied', 'rejected', 'failed']) {
    metrics.securityEvent('okta', 'session-revoked', result)
  }
}

/** The names under which Prometheus stores a metric. */
function seriesOf(name: string, type: string): readonly string[] {
  if (type === 'counter') return [name.endsWith('_total') ? name : `${name}_total`]
  if (type === 'histogram') return ['_bucket', '_sum', '_count'].map((end) => name + end)
  return [name]
}
