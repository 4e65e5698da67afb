import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { CANARY, DECISION_ID, OUTCOMES, recordOf } from './fixtures.ts'
import { carrier, exported, PARENT_ID, SAMPLED, setUp, TRACE_ID } from './tracing-support.ts'

describe('the span of a decision', () => {
  it("is a server span in Envoy's trace, under Envoy's span", async (t) => {
    const { observe, tracing, receiver } = await setUp(t)
    observe(carrier(SAMPLED, 'vendor=1')).decided(recordOf('allow'))
    const [span, ...more] = await exported(tracing, receiver)
    assert.equal(more.length, 0)
    assert.equal(span?.name, 'stepgate.decide')
    assert.equal(span?.kind, 'SERVER')
    assert.equal(span?.traceId, TRACE_ID)
    assert.equal(span?.parentSpanId, PARENT_ID)
    assert.equal(span?.traceState, 'vendor=1')
    assert.equal(receiver.requests[0]?.path, '/v1/traces')
  })

  it('carries the grounds of the decision', async (t) => {
    const { observe, tracing, receiver } = await setUp(t)
    observe(carrier(SAMPLED)).decided(recordOf('step_up'))
    const [span] = await exported(tracing, receiver)
    assert.deepEqual(span?.attributes, {
      'rpc.system.name': 'grpc',
      'rpc.method': 'envoy.service.auth.v3.Authorization/Check',
      'rpc.status_code': 'OK',
      'http.request.method': 'PUT',
      'url.path': '/v1/licenses/L-1/tier',
      'stepgate.decision.id': DECISION_ID,
      'stepgate.outcome': 'step_up',
      'stepgate.rule': 'big-tier-change',
      'stepgate.reason': 'insufficient_user_authentication',
      'stepgate.required.level': 'phishing-resistant',
      'stepgate.required.max_age': 300,
      'stepgate.presented.level': 'mfa',
      'stepgate.presented.auth_age': 180,
      'stepgate.policy.revision': 'abc123',
      'stepgate.rules.candidates': 4,
      'stepgate.rules.applied': ['big-tier-change', 'manage'],
    })
  })

  it('is an error only for a fault of ours', async (t) => {
    const { observe, tracing, receiver } = await setUp(t)
    for (const outcome of OUTCOMES) observe(carrier(SAMPLED)).decided(recordOf(outcome))
    const spans = await exported(tracing, receiver)
    const statuses = spans.map((span) => [span.attributes['stepgate.outcome'], span.status])
    assert.deepEqual(Object.fromEntries(statuses), {
      allow: 'UNSET',
      step_up: 'UNSET',
      deny: 'UNSET',
      unauthenticated: 'UNSET',
      fault: 'ERROR',
    })
    assert.equal(spans.at(-1)?.attributes['error.type'], 'not-ready')
  })

  it('has the stages as events, in order and in time', async (t) => {
    const { observe, tracing, receiver } = await setUp(t)
    const before = BigInt(Date.now()) * 1_000_000n
    const observation = observe(carrier(SAMPLED))
    for (const stage of ['identified', 'selected', 'facts', 'decided'] as const) {
      observation.stage(stage)
    }
    observation.decided(recordOf('allow'))
    const [span] = await exported(tracing, receiver)
    assert.ok(span)
    const names = span.events.map((event) => event.name)
    assert.deepEqual(names, ['identified', 'selected', 'facts', 'decided'])
    const times = [span.start, ...span.events.map((event) => event.time), span.end]
    assert.deepEqual(
      times,
      times.toSorted((a, b) => Number(a - b)),
    )
    assert.ok(span.start >= before - 50_000_000n && span.end < before + 5_000_000_000n)
  })

  it('names its source', async (t) => {
    const env = {
      OTEL_SERVICE_NAME: 'edge-authz',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test%2Ccase',
      OTEL_EXPORTER_OTLP_HEADERS: 'x-tenant=t1',
    }
    const { observe, tracing, receiver } = await setUp(t, { env })
    observe(carrier(SAMPLED)).decided(recordOf('allow'))
    const [span] = await exported(tracing, receiver)
    assert.equal(span?.resource['service.name'], 'edge-authz')
    assert.equal(span?.resource['service.version'], '1.2.3')
    assert.equal(span?.resource['service.instance.id'], 'replica-7')
    assert.equal(span?.resource['deployment.environment.name'], 'test,case')
    assert.equal(receiver.requests[0]?.headers['x-tenant'], 't1')
  })

  it('says nothing that identifies the caller or opens a door', async (t) => {
    const { observe, tracing, receiver } = await setUp(t)
    for (const outcome of OUTCOMES) observe(carrier(SAMPLED)).decided(recordOf(outcome))
    await exported(tracing, receiver)
    assert.equal(receiver.spans.length, OUTCOMES.length)
    assert.ok(!Buffer.concat(receiver.bytes).includes(CANARY))
  })

  it('leaves out what is not known', async (t) => {
    const { observe, tracing, receiver } = await setUp(t)
    observe(carrier(SAMPLED)).decided({ ...recordOf('fault'), request: null, identity: null })
    const [span] = await exported(tracing, receiver)
    const names = Object.keys(span?.attributes ?? {})
    for (const absent of ['url.path', 'stepgate.rule', 'stepgate.required.level']) {
      assert.ok(!names.includes(absent), absent)
    }
  })
})
