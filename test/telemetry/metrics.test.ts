import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { describe, it } from 'node:test'
import { promisify } from 'node:util'
import { createMetrics } from '../../src/telemetry/metrics.ts'
import { parseExposition, valueIn } from './exposition.ts'
import { CANARY, OUTCOMES, recordOf } from './fixtures.ts'
import { setUp, TRACE_ID } from './metrics-support.ts'

describe('the metrics of decisions', () => {
  it('count each outcome under the rule that set it', async () => {
    const { observe, scrape } = setUp()
    for (const outcome of OUTCOMES) observe().decided(recordOf(outcome))
    observe().decided(recordOf('allow'))
    const samples = await scrape()
    const counted = OUTCOMES.map((outcome) => {
      const rule = recordOf(outcome).decision.rule ?? 'none'
      return valueIn(samples, 'stepgate_decisions_total', { outcome, rule, mode: 'enforce' })
    })
    assert.deepEqual(counted, [2, 1, 1, 1, 1])
    assert.equal(valueIn(samples, 'stepgate_indeterminate_total', { rule: 'suspended' }), 1)
  })

  it('time the decision and its stages, in seconds', async () => {
    const { observe, scrape, clock } = setUp()
    const observation = observe()
    for (const stage of ['identified', 'selected', 'facts', 'decided'] as const) {
      clock.now += 2
      observation.stage(stage)
    }
    clock.now += 1
    observation.decided(recordOf('deny'))
    const samples = await scrape()
    const labels = { outcome: 'deny' }
    assert.equal(valueIn(samples, 'stepgate_decision_duration_seconds_sum', labels), 0.009)
    assert.equal(
      valueIn(samples, 'stepgate_decision_duration_seconds_bucket', { ...labels, le: '0.005' }),
      0,
    )
    assert.equal(
      valueIn(samples, 'stepgate_decision_duration_seconds_bucket', { ...labels, le: '0.01' }),
      1,
    )
    assert.equal(valueIn(samples, 'stepgate_stage_duration_seconds_sum', { stage: 'facts' }), 0.002)
  })

  it('lead from a bucket to a trace, if it was sampled', async () => {
    const { observe, scrape } = setUp()
    observe('00').decided(recordOf('allow'))
    assert.ok((await scrape()).every((sample) => sample.exemplar === null))
    observe('01').decided(recordOf('allow'))
    const exemplars = (await scrape()).flatMap(({ exemplar }) =>
      exemplar === null ? [] : [exemplar],
    )
    assert.deepEqual(exemplars, [{ trace_id: TRACE_ID }])
  })

  it('count what is in flight, each decision once', async () => {
    const { observe, scrape } = setUp()
    const [first, second] = [observe(), observe()]
    assert.equal(valueIn(await scrape(), 'stepgate_in_flight'), 2)
    first.decided(recordOf('allow'))
    first.decided(recordOf('allow'))
    assert.equal(valueIn(await scrape(), 'stepgate_in_flight'), 1)
    second.decided(recordOf('fault'))
    assert.equal(valueIn(await scrape(), 'stepgate_in_flight'), 0)
    assert.equal(valueIn(await scrape(), 'stepgate_decisions_total', { outcome: 'allow' }), 1)
  })

  it('say nothing of the caller', async () => {
    const { observe, metrics } = setUp()
    for (const outcome of OUTCOMES) observe('01').decided(recordOf(outcome))
    assert.ok(!(await metrics.exposition()).body.includes(CANARY))
  })
})

describe('the metrics of the service', () => {
  it('count reloads, and name only the policy that decides', async () => {
    const { metrics, scrape } = setUp()
    const reloads = async () => {
      const samples = await scrape()
      return ['loaded', 'rejected'].map((result) =>
        valueIn(samples, 'stepgate_policy_reloads_total', { result }),
      )
    }
    assert.deepEqual(await reloads(), [1, 0])
    metrics.policyLoaded('one', [])
    metrics.policyLoaded('two', [])
    metrics.policyRejected()
    assert.deepEqual(await reloads(), [3, 1])
    const policies = (await scrape()).filter(({ name }) => name === 'stepgate_policy_info')
    assert.deepEqual(
      policies.map(({ labels, value }) => [labels, value]),
      [[{ revision: 'two' }, 1]],
    )
  })

  it('count tokens, keys and lost reports', async () => {
    const { metrics, scrape } = setUp()
    metrics.tokenVerified('expired')
    metrics.keysRefreshed('idp')
    metrics.keysFailed('idp')
    metrics.reportLost('export')
    const samples = await scrape()
    const EXPECTED: [string, Record<string, string>][] = [
      ['stepgate_token_verifications_total', { result: 'expired' }],
      ['stepgate_key_refreshes_total', { issuer: 'idp', result: 'refreshed' }],
      ['stepgate_key_refreshes_total', { issuer: 'idp', result: 'failed' }],
      ['stepgate_reporting_failures_total', { part: 'export' }],
    ]
    for (const [name, labels] of EXPECTED) assert.equal(valueIn(samples, name, labels), 1, name)
  })

  it('are OpenMetrics, scrape after scrape, with those of the process', async () => {
    const metrics = createMetrics({ process: true })
    for (let i = 0; i < 2; i++) {
      const { contentType, body } = await metrics.exposition()
      assert.match(contentType, /^application\/openmetrics-text; version=1\.0\.0/)
      const names = new Set(parseExposition(body).map(({ name }) => name))
      assert.ok(names.has('nodejs_eventloop_lag_p99_seconds'))
      assert.ok(names.has('process_cpu_seconds_total'))
      assert.ok(names.has('nodejs_heap_size_used_bytes'))
      assert.ok(body.includes('# TYPE nodejs_gc_duration_seconds histogram'))
    }
  })

  it('do not keep the process alive', async () => {
    const file = new URL('../../src/telemetry/metrics.ts', import.meta.url)
    const code = `import(${JSON.stringify(file)}).then((m) => m.createMetrics({ process: true }))`
    await promisify(execFile)(process.execPath, ['-e', code], { timeout: 4000 })
  })
})
