import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createNoTracing } from '../../src/telemetry/tracing.ts'
import { CANARY, recordOf } from './fixtures.ts'
import {
  exported,
  metadataOf,
  observerOf,
  PARENT_ID,
  SAMPLED,
  setUp,
  TRACE_ID,
  UNSAMPLED,
} from './tracing-support.ts'

const CLIENT_TRACE = '0af7651916cd43dd8448eb211c80319c'
const CLIENT_SPAN = 'b7ad6b7169203331'
const CLIENTS = `00-${CLIENT_TRACE}-${CLIENT_SPAN}-01`

/** A decision on a request with these headers. */
function recordWith(headers: Readonly<Record<string, readonly string[]>>) {
  const record = recordOf('allow')
  assert.ok(record.request)
  return { ...record, request: { ...record.request, headers: new Map(Object.entries(headers)) } }
}

describe('the span of a decision belongs', () => {
  const PLACES = {
    "under Envoy's span, in the way of the W3C": {
      metadata: { traceparent: SAMPLED },
      headers: {},
    },
    "under Envoy's span, in one B3 entry": {
      metadata: { b3: `${TRACE_ID}-${PARENT_ID}-1` },
      headers: {},
    },
    "under Envoy's span, in several B3 entries": {
      metadata: { 'x-b3-traceid': TRACE_ID, 'x-b3-spanid': PARENT_ID, 'x-b3-sampled': '1' },
      headers: {},
    },
    "under Envoy's span, whose trace the client began": {
      metadata: { traceparent: SAMPLED },
      headers: { traceparent: [`00-${TRACE_ID}-${CLIENT_SPAN}-01`] },
    },
    "under Envoy's span, with a link to the client's, which is in another trace": {
      metadata: { traceparent: SAMPLED },
      headers: { traceparent: [CLIENTS] },
      links: [{ traceId: CLIENT_TRACE, spanId: CLIENT_SPAN }],
    },
    "under the client's span, when Envoy traces nothing": {
      metadata: {},
      headers: { traceparent: [CLIENTS] },
      parent: [CLIENT_TRACE, CLIENT_SPAN],
    },
    "under the client's span, in B3": {
      metadata: {},
      headers: { b3: [`${CLIENT_TRACE}-${CLIENT_SPAN}-0`] },
      parent: [CLIENT_TRACE, CLIENT_SPAN],
    },
  }
  for (const [name, place] of Object.entries(PLACES)) {
    it(name, async (t) => {
      const { observe, tracing, receiver } = await setUp(t)
      observe(metadataOf(place.metadata)).decided(recordWith(place.headers))
      const [span, ...more] = await exported(tracing, receiver)
      assert.ok(span && more.length === 0)
      const parent = 'parent' in place ? place.parent : [TRACE_ID, PARENT_ID]
      assert.deepEqual([span.traceId, span.parentSpanId], parent)
      assert.deepEqual(span.links, 'links' in place ? place.links : [])
    })
  }

  const ALONE = {
    'without any context': {},
    'when the client names two': { traceparent: [CLIENTS, SAMPLED] },
    'when the client writes none that is valid': { traceparent: [`${CLIENTS}-${CANARY}`] },
  }
  for (const [name, headers] of Object.entries(ALONE)) {
    it(`to a trace of its own ${name}`, async (t) => {
      const { observe, tracing, receiver } = await setUp(t)
      observe(metadataOf({})).decided(recordWith(headers))
      const [span] = await exported(tracing, receiver)
      assert.deepEqual([span?.parentSpanId, span?.links], ['', []])
      assert.ok(span?.traceId !== CLIENT_TRACE && span?.traceId !== TRACE_ID)
    })
  }
})

describe('a client', () => {
  it("cannot have its requests traced, nor put its own text into our trace's state", async (t) => {
    const { observe, tracing, receiver } = await setUp(t, { random: () => 0.5, sample: 0.4 })
    const headers = { traceparent: [CLIENTS], tracestate: [`a=${CANARY}`] }
    for (let i = 0; i < 20; i++) observe(metadataOf({})).decided(recordWith(headers))
    assert.deepEqual(await exported(tracing, receiver), [])
  })

  it('cannot keep its requests from being traced, either', async (t) => {
    const { observe, tracing, receiver } = await setUp(t, { random: () => 0.5, sample: 0.6 })
    const traceparent = [`00-${CLIENT_TRACE}-${CLIENT_SPAN}-00`]
    const headers = { traceparent, tracestate: [`a=${CANARY}`] }
    observe(metadataOf({})).decided(recordWith(headers))
    const [span] = await exported(tracing, receiver)
    assert.equal(span?.traceId, CLIENT_TRACE)
    assert.equal(span?.traceState, '')
  })

  it('finds its trace in the line, and never in an exemplar of a trace that is not there', async () => {
    const { observe, memory, metrics } = observerOf(createNoTracing())
    observe(metadataOf({})).decided(recordWith({ traceparent: [CLIENTS] }))
    assert.equal(memory.lines()[0]?.trace_id, CLIENT_TRACE)
    assert.ok(!(await metrics.exposition()).body.includes(CLIENT_TRACE))
  })

  it("changes nothing about Envoy's wish not to trace", async (t) => {
    const { observe, tracing, receiver } = await setUp(t)
    const metadata = metadataOf({ traceparent: UNSAMPLED })
    observe(metadata).decided(recordWith({ traceparent: [CLIENTS] }))
    assert.deepEqual(await exported(tracing, receiver), [])
  })
})
