import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createEvents, type Events } from '../../src/telemetry/events.ts'
import { memoryLog, recordOf, TOKEN } from './fixtures.ts'
import { carrier, exported, SAMPLED, setUp } from './tracing-support.ts'

const LOADED = { revision: 'r2', files: ['p.yaml'], rules: ['a'], durationMs: 40, warnings: null }

/** What happens, and the span that tells of it: name, kind, status, attributes. */
const SPANS: Record<string, readonly [(events: Events) => void, readonly unknown[]]> = {
  'a policy that was loaded': [
    (events) => events.policyLoaded(LOADED),
    ['stepgate.policy.reload', 'INTERNAL', 'UNSET', { 'stepgate.policy.revision': 'r2' }],
  ],
  'a policy that was rejected': [
    (events) => events.policyRejected({ issues: TOKEN, serving: 'r1', durationMs: 40 }),
    [
      'stepgate.policy.reload',
      'INTERNAL',
      'ERROR',
      { 'stepgate.policy.revision': 'r1', 'error.type': 'policy-rejected' },
    ],
  ],
  'keys that were fetched': [
    (events) => events.keysRefreshed('idp', true, 40),
    [
      'stepgate.jwks.fetch',
      'CLIENT',
      'UNSET',
      { 'stepgate.issuer': 'idp', 'stepgate.keys.changed': true },
    ],
  ],
  'keys that could not be fetched': [
    (events) => events.keysFailed('idp', `it answered ${TOKEN}`, 40),
    [
      'stepgate.jwks.fetch',
      'CLIENT',
      'ERROR',
      { 'stepgate.issuer': 'idp', 'error.type': 'keys-failed' },
    ],
  ],
}

describe('besides decisions', () => {
  for (const [name, [happen, expected]] of Object.entries(SPANS)) {
    it(`${name} is a span of its own, whatever the sampler says`, async (t) => {
      const world = await setUp(t, { sample: 0 })
      const { happened } = world.tracing
      const { log } = memoryLog()
      happen(createEvents({ log, metrics: world.metrics, happened, now: Date.now }))
      const [span, ...more] = await exported(world.tracing, world.receiver)
      assert.ok(span && more.length === 0)
      assert.deepEqual([span.name, span.kind, span.status, span.attributes], expected)
      assert.equal(span.parentSpanId, '')
      assert.equal(Math.round(Number(span.end - span.start) / 1e6), 40)
      assert.ok(!Buffer.concat(world.receiver.bytes).includes(TOKEN))
    })
  }

  it('keys from a file are no span', async (t) => {
    const { tracing, receiver, metrics } = await setUp(t)
    const { log } = memoryLog()
    const { happened } = tracing
    const events = createEvents({ log, metrics, happened, now: Date.now })
    events.keysRefreshed('idp', true)
    events.keysFailed('idp', 'no such file')
    assert.deepEqual(await exported(tracing, receiver), [])
  })
})

describe('waiting for facts over the network', () => {
  it('is a span below the decision, from one stage to the next', async (t) => {
    const time = { now: 1000 }
    const { observe, tracing, receiver } = await setUp(t, { clock: () => time.now })
    const observation = observe(carrier(SAMPLED))
    for (const stage of ['identified', 'selected', 'fetched', 'facts', 'decided'] as const) {
      time.now += 10
      observation.stage(stage)
    }
    observation.decided(recordOf('allow'))
    const spans = await exported(tracing, receiver)
    const [wait, decide] = spans.toSorted((a, b) => b.name.localeCompare(a.name))
    assert.ok(wait && decide && spans.length === 2)
    assert.deepEqual([wait.name, wait.kind], ['stepgate.facts.fetch', 'CLIENT'])
    assert.deepEqual([wait.traceId, wait.parentSpanId], [decide.traceId, decide.spanId])
    assert.deepEqual(
      decide.events.map((event) => event.name),
      ['identified', 'selected', 'facts', 'decided'],
    )
    assert.deepEqual(
      [wait.start, wait.end].map((at) => Number(at - decide.start) / 1e6),
      [20, 30],
    )
  })
})
