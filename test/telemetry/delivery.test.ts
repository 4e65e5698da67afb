import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { parseExposition, valueIn } from './exposition.ts'
import { CANARY, OUTCOMES, recordOf } from './fixtures.ts'
import {
  carrier,
  exported,
  PROTOCOLS,
  SAMPLED,
  setUp,
  TRACE_ID,
  type TracingOptions,
} from './tracing-support.ts'

/** Longer than stopping may take, so that it cannot just wait for the export to give up. */
const PATIENT = { OTEL_EXPORTER_OTLP_TIMEOUT: '3500' }
const LONGEST_STOP = 3200

/** Milliseconds that a promise takes. */
async function timeOf(work: Promise<unknown>): Promise<number> {
  const start = performance.now()
  await work
  return performance.now() - start
}

for (const protocol of PROTOCOLS) {
  describe(`a collector over ${protocol}`, { concurrency: true }, () => {
    const open = (t: TestContext, options: TracingOptions = {}) =>
      setUp(t, { protocol, ...options })

    it('gets spans, in batches of at most 128, with what the environment adds', async (t) => {
      const env = { OTEL_EXPORTER_OTLP_HEADERS: 'x-tenant=t1' }
      const { observe, tracing, receiver, metrics } = await open(t, { env })
      for (let i = 0; i < 300; i++) observe(carrier(SAMPLED)).decided(recordOf('allow'))
      const spans = await exported(tracing, receiver)
      assert.equal(spans.length, 300)
      assert.equal(new Set(spans.map(({ spanId }) => spanId)).size, 300)
      assert.ok(spans.every(({ traceId, kind }) => traceId === TRACE_ID && kind === 'SERVER'))
      assert.equal(receiver.requests.length, 3)
      assert.equal(receiver.requests[0]?.headers['x-tenant'], 't1')
      const samples = parseExposition((await metrics.exposition()).body)
      assert.equal(valueIn(samples, 'stepgate_spans_total', { result: 'exported' }), 300)
    })

    it('gets nothing that identifies the caller or opens a door', async (t) => {
      const { observe, tracing, receiver } = await open(t)
      for (const outcome of OUTCOMES) observe(carrier(SAMPLED)).decided(recordOf(outcome))
      assert.equal((await exported(tracing, receiver)).length, OUTCOMES.length)
      assert.ok(!Buffer.concat(receiver.bytes).includes(CANARY))
    })

    it('that refuses costs decisions nothing; each lost batch is reported, each span counted', async (t) => {
      const { observe, tracing, failures, metrics } = await open(t, { behaviour: 'refuse' })
      for (let i = 0; i < 300; i++) observe(carrier(SAMPLED)).decided(recordOf('allow'))
      await tracing.shutdown()
      assert.equal(failures.length, 3)
      const samples = parseExposition((await metrics.exposition()).body)
      assert.equal(valueIn(samples, 'stepgate_spans_total', { result: 'failed' }), 300)
    })

    it('that hangs costs decisions nothing, and stopping at most 3 s', async (t) => {
      const options = { behaviour: 'hang', env: PATIENT } as const
      const { observe, tracing, receiver, memory } = await open(t, options)
      const begin = performance.now()
      for (let i = 0; i < 300; i++) observe(carrier(SAMPLED)).decided(recordOf('allow'))
      assert.ok(performance.now() - begin < 1000)
      assert.equal(memory.lines().length, 300)
      const stopped = await timeOf(tracing.shutdown())
      assert.ok(stopped < LONGEST_STOP, `${stopped} ms`)
      assert.ok(receiver.requests.length > 0)
    })

    it('that hangs makes no more than 8192 spans wait; the others are counted', async (t) => {
      const options = { behaviour: 'hang', env: PATIENT } as const
      const { observe, metrics } = await open(t, options)
      for (let i = 0; i < 8192 + 700; i++) observe(carrier(SAMPLED)).decided(recordOf('allow'))
      const samples = parseExposition((await metrics.exposition()).body)
      assert.equal(valueIn(samples, 'stepgate_spans_total', { result: 'dropped' }), 700)
    })

    it('that is not there changes nothing either', async (t) => {
      const { observe, tracing, receiver, failures } = await open(t)
      await receiver.close()
      t.mock.method(receiver, 'close', async () => {})
      observe(carrier(SAMPLED)).decided(recordOf('allow'))
      const stopped = await timeOf(tracing.shutdown())
      assert.ok(stopped < LONGEST_STOP, `${stopped} ms`)
      assert.equal(failures.length, 1)
    })
  })
}
