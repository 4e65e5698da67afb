import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createNoTracing } from '../../src/telemetry/tracing.ts'
import { recordOf } from './fixtures.ts'
import {
  carrier,
  exported,
  observerOf,
  PARENT_ID,
  SAMPLED,
  setUp,
  TRACE_ID,
  UNSAMPLED,
} from './tracing-support.ts'

describe('sampling', () => {
  it('follows Envoy: nothing is exported for its unsampled traces, and the line has its trace id', async (t) => {
    const { observe, tracing, receiver, memory } = await setUp(t)
    const observation = observe(carrier(UNSAMPLED))
    observation.stage('identified')
    observation.decided(recordOf('allow'))
    assert.deepEqual(await exported(tracing, receiver), [])
    assert.equal(receiver.requests.length, 0)
    assert.equal(memory.lines()[0]?.trace_id, TRACE_ID)
  })

  const ROOTS = [
    { sample: 0, env: {}, spans: 0 },
    { sample: 1, env: {}, spans: 1 },
    { sample: 1, env: { OTEL_TRACES_SAMPLER: 'always_off' }, spans: 0 },
    { sample: 0, env: { OTEL_TRACES_SAMPLER: 'parentbased_always_on' }, spans: 1 },
    {
      sample: 1,
      env: { OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0' },
      spans: 0,
    },
  ]
  for (const { sample, env, spans } of ROOTS) {
    const named = JSON.stringify({ sample, ...env })
    it(`exports ${spans} of one trace that starts here with ${named}`, async (t) => {
      const { observe, tracing, receiver } = await setUp(t, { sample, env })
      observe(carrier()).decided(recordOf('allow'))
      assert.equal((await exported(tracing, receiver)).length, spans)
    })
  }

  const INVALID = [
    '',
    'garbage',
    SAMPLED.toUpperCase(),
    `ff-${TRACE_ID}-${PARENT_ID}-01`,
    `00-${'0'.repeat(32)}-${PARENT_ID}-01`,
    `00-${TRACE_ID}-${'0'.repeat(16)}-01`,
    `${SAMPLED}-more`,
  ]
  for (const traceparent of INVALID) {
    it(`starts a trace of its own when traceparent is ${JSON.stringify(traceparent)}`, async (t) => {
      const { observe, tracing, receiver } = await setUp(t)
      observe(carrier(traceparent)).decided(recordOf('allow'))
      const [span] = await exported(tracing, receiver)
      assert.notEqual(span?.traceId, TRACE_ID)
      assert.equal(span?.parentSpanId, '')
    })
  }
})

describe('without a collector', () => {
  it("keeps Envoy's trace id in the line", () => {
    const { observe, memory } = observerOf(createNoTracing())
    observe(carrier(SAMPLED)).decided(recordOf('allow'))
    const [line] = memory.lines()
    assert.equal(line?.trace_id, TRACE_ID)
    assert.equal(line?.span_id, PARENT_ID)
  })

  it('has no trace id where Envoy sent none', () => {
    const { observe, memory } = observerOf(createNoTracing())
    observe(carrier()).decided(recordOf('allow'))
    assert.equal(memory.lines()[0]?.trace_id, null)
  })
})
