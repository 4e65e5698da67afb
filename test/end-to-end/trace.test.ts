import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { type Stack, startStack } from '../../demo/stack.ts'
import { type GrpcReceiver, startGrpcReceiver } from '../telemetry/otlp-grpc-receiver.ts'
import { type ReceivedSpan, type Receiver, startReceiver } from '../telemetry/otlp-receiver.ts'
import { sendRaw } from './raw-request.ts'
import { createSigningKey, signToken } from './tokens.ts'

const READ = '/v1/licenses/L-1'
const NONE = ''
const UNTRACED = 'a3ce929d0e0e47364bf92f3577b34da6'
const CLIENT_TRACE = '0af7651916cd43dd8448eb211c80319c'
const signingKey = createSigningKey()

/** Every span of one request, by its place in the trace; all but `decide` are Envoy's. */
type Trace = Readonly<Record<'ingress' | 'ask' | 'decide', ReceivedSpan>>

describe('one request through a real Envoy', () => {
  let ours: Receiver
  let envoys: GrpcReceiver
  let stack: Stack
  before(async () => {
    ours = await startReceiver()
    envoys = await startGrpcReceiver()
    // As for the demo: Stepgate reads it itself, and gets it with the rest of the environment.
    process.env.OTEL_EXPORTER_OTLP_ENDPOINT = ours.url
    const collector = { host: '127.0.0.1', port: envoys.port }
    stack = await startStack({ say: () => {}, signingKey, collector })
    ids.push(...(await Promise.all(requests.map(send))))
  })
  after(async () => {
    await stack?.stop()
    await envoys?.close()
    await ours?.close()
  })

  const requests = [
    { outcome: 'allow', rule: 'read-licenses', path: READ, parent: NONE },
    { outcome: 'deny', rule: undefined, path: '/v2/unknown', parent: NONE },
    { outcome: 'allow', rule: 'read-licenses', path: READ, parent: 'b7ad6b7169203331' },
  ]
  const ids: unknown[] = []
  const decisions: ReceivedSpan[] = []

  /** Sends a request that is part of a client's trace when it has a parent; the id of its decision. */
  const send = async ({ path, parent }: { path: string; parent: string }): Promise<unknown> => {
    const token = await signToken(signingKey, stack.provider.issuer)
    const context = parent === NONE ? [] : ['traceparent', `00-${CLIENT_TRACE}-${parent}-01`]
    const authorization = ['authorization', `Bearer ${token}`]
    const { headers, body } = await sendRaw(stack.url, path, [...authorization, ...context])
    const seen = body.seen as Record<string, string[]> | undefined
    return headers['x-stepgate-decision-id'] ?? seen?.['x-stepgate-decision-id']?.[0]
  }

  /** Both sides send in batches: requests go on until what is waited for has arrived. */
  const until = async <T>(found: () => T | false | undefined): Promise<T> => {
    const deadline = Date.now() + 10_000
    while (Date.now() < deadline) {
      const arrived = found()
      if (arrived) return arrived
      await sendRaw(stack.url, '/healthz')
      await wait(20)
    }
    return assert.fail(
      `it did not come; ours: ${namesOf(ours.spans)}; Envoy's: ${namesOf(envoys.spans)}`,
    )
  }

  const traceOf = (decisionId: unknown): Promise<Trace> =>
    until(() => {
      const decide = ours.spans.find(
        (span) => span.attributes['stepgate.decision.id'] === decisionId,
      )
      const ask = envoys.spans.find(({ spanId }) => spanId === decide?.parentSpanId)
      const ingress = envoys.spans.find(({ spanId }) => spanId === ask?.parentSpanId)
      return decide && ask && ingress && { decide, ask, ingress }
    })

  for (const [index, { outcome, rule, parent }] of requests.entries()) {
    const origin = parent === NONE ? 'Envoy' : 'the client'
    test(`${outcome}: Envoy's spans and ours are one trace, begun by ${origin}`, async () => {
      const { ingress, ask, decide } = await traceOf(ids[index])
      assert.deepEqual(
        [ingress, ask, decide].map(({ kind, traceId }) => ({ kind, traceId })),
        ['SERVER', 'CLIENT', 'SERVER'].map((kind) => ({ kind, traceId: ingress.traceId })),
      )
      assert.equal(ingress.parentSpanId, parent)
      if (parent !== NONE) assert.equal(decide.traceId, CLIENT_TRACE)
      assert.equal(ask.name, 'async envoy.service.auth.v3.Authorization.Check egress')
      assert.equal(decide.name, 'stepgate.decide')
      assert.deepEqual(
        [ingress, ask, decide].map(({ resource }) => resource['service.name']),
        ['envoy', 'envoy', 'stepgate'],
      )
      assert.equal(ingress.attributes['stepgate.outcome'], outcome)
      assert.equal(decide.attributes['stepgate.outcome'], outcome)
      assert.equal(decide.attributes['stepgate.rule'], rule)
      decisions.push(decide)
    })
  }

  test('a refusal is kept that Envoy does not trace, an allow is not', async () => {
    const context = ['traceparent', `00-${UNTRACED}-b7ad6b7169203331-00`]
    const token = await signToken(signingKey, stack.provider.issuer)
    const authorization = ['authorization', `Bearer ${token}`]
    await sendRaw(stack.url, READ, [...authorization, ...context])
    await sendRaw(stack.url, '/v2/unknown', [...authorization, ...context])
    const untraced = () => ours.spans.filter(({ traceId }) => traceId === UNTRACED)
    await until(() => untraced().length > 0)
    assert.deepEqual(
      untraced().map(({ attributes }) => attributes['stepgate.outcome']),
      ['deny'],
    )
    assert.ok(envoys.spans.every(({ traceId }) => traceId !== UNTRACED))
  })

  test('loading the policy and fetching the keys are spans too', async () => {
    const isFetch = ({ name, attributes }: (typeof ours.spans)[number]) =>
      name === 'stepgate.jwks.fetch' && attributes['stepgate.issuer'] === 'idp'
    await until(() => ours.spans.some(isFetch))
    const told = (name: string) => ours.spans.filter((span) => span.name === name)
    const [reload] = told('stepgate.policy.reload')
    const decided = decisions[0]?.attributes['stepgate.policy.revision']
    assert.equal(reload?.attributes['stepgate.policy.revision'], decided)
  })

  test('the log line of the decision and the access log of Envoy lead to the trace', async () => {
    await stack.envoy.stop()
    const accesses = stack.envoy.log().filter((line) => line.startsWith('{'))
    const accessed = accesses.map((line) => JSON.parse(line))
    assert.equal(decisions.length, requests.length)
    for (const { traceId, spanId, attributes } of decisions) {
      const id = attributes['stepgate.decision.id']
      const line = await stack.service.journal.find(({ decision_id }) => decision_id === id)
      assert.deepEqual([line.trace_id, line.span_id], [traceId, spanId])

      const access = accessed.find(({ stepgate }) => stepgate?.decision_id === id)
      const { outcome, rule } = access.stepgate
      const { 'stepgate.outcome': decided, 'stepgate.rule': by } = attributes
      assert.deepEqual([access.trace_id, outcome, rule], [traceId, decided, by])
    }
  })
})

function namesOf(spans: readonly ReceivedSpan[]): string {
  return [...new Set(spans.map(({ name }) => name))].join(', ')
}
