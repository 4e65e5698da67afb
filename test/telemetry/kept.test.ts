import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Decision } from '../../src/domain/decision.ts'
import { parseExposition, valueIn } from './exposition.ts'
import { OUTCOMES, recordOf } from './fixtures.ts'
import { carrier, exported, PARENT_ID, setUp, TRACE_ID, UNSAMPLED } from './tracing-support.ts'

describe('of decisions that the sampler leaves out', () => {
  const WORTH_KEEPING = {
    'what is not allowed': OUTCOMES.filter((outcome) => outcome !== 'allow').map((outcome) =>
      recordOf(outcome),
    ),
    'an allow about which something was undecided': [
      recordOf('allow', { indeterminate: [{ rule: 'manage', missing: 'device.id' }] }),
    ],
    'an allow that the shadow policy refuses': [
      recordOf('allow', { shadow: { outcome: 'deny', rule: 'x' } } as Partial<Decision>),
    ],
  }
  for (const [name, records] of Object.entries(WORTH_KEEPING)) {
    it(`${name} is kept, under Envoy's span`, async (t) => {
      const { observe, tracing, receiver, memory } = await setUp(t, { kept: 10 })
      for (const record of [recordOf('allow'), ...records])
        observe(carrier(UNSAMPLED)).decided(record)
      const spans = await exported(tracing, receiver)
      const places = spans.map(({ traceId, parentSpanId }) => [traceId, parentSpanId])
      assert.deepEqual(
        places,
        records.map(() => [TRACE_ID, PARENT_ID]),
      )
      assert.deepEqual(
        memory.lines().map(({ span_id: id }) => id),
        [PARENT_ID, ...spans.map(({ spanId }) => spanId)],
        'the line leads to the span, if there is one',
      )
    })
  }

  it('so many a second are kept, and the others counted', async (t) => {
    const time = { now: 1000 }
    const { observe, tracing, receiver, metrics } = await setUp(t, {
      kept: 5,
      clock: () => time.now,
    })
    const refuse = (times: number) => {
      for (let i = 0; i < times; i++) observe(carrier(UNSAMPLED)).decided(recordOf('deny'))
    }
    refuse(8)
    time.now += 400
    refuse(8)
    time.now += 60_000
    refuse(8)
    const spans = await exported(tracing, receiver)
    assert.equal(spans.length, 5 + 2 + 5)
    const samples = parseExposition((await metrics.exposition()).body)
    const count = (result: string) => valueIn(samples, 'stepgate_spans_total', { result })
    assert.deepEqual(['exported', 'limited'].map(count), [12, 12])
  })

  it('none is kept when none is asked for', async (t) => {
    const { observe, tracing, receiver, metrics } = await setUp(t, { kept: 0 })
    observe(carrier(UNSAMPLED)).decided(recordOf('fault'))
    assert.deepEqual(await exported(tracing, receiver), [])
    assert.ok(!(await metrics.exposition()).body.includes('result="limited"'))
  })

  it('a sampled refusal uses nothing up', async (t) => {
    const { observe, tracing, receiver } = await setUp(t, { kept: 1, sample: 1 })
    for (let i = 0; i < 5; i++) observe(carrier()).decided(recordOf('deny'))
    assert.equal((await exported(tracing, receiver)).length, 5)
  })
})
