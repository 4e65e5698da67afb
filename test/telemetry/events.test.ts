import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createEvents } from '../../src/telemetry/events.ts'
import { createMetrics } from '../../src/telemetry/metrics.ts'
import type { ObserverDeps } from '../../src/telemetry/observe.ts'
import { parseExposition, valueIn } from './exposition.ts'
import { DECISION_ID, memoryLog, recordOf } from './fixtures.ts'
import { setUp } from './report-support.ts'

describe('a part of the report that fails', () => {
  const broken = () => {
    throw new Error('broken')
  }
  const PARTS: Record<string, Partial<ObserverDeps>> = {
    span: { tracing: { decided: broken } },
    metrics: {
      metrics: {
        ...createMetrics({ process: false }),
        started: broken,
        decided: broken,
      },
    },
  }
  for (const [name, change] of Object.entries(PARTS)) {
    it(`(${name}) is no one else's problem, and is said once a minute`, () => {
      const { observe, lines, clock } = setUp(change)
      const decide = () => {
        const observation = observe()
        observation.stage('identified')
        observation.decided(recordOf('allow'))
      }
      decide()
      decide()
      const count = (event: string) => lines().filter((line) => line.event === event).length
      assert.deepEqual([count('decision'), count('report-lost')], [2, 1])
      clock.now += 60_000
      decide()
      assert.deepEqual([count('decision'), count('report-lost')], [3, 2])
    })
  }

  it('is counted', async () => {
    const { log } = memoryLog()
    const { observe, metrics } = setUp({ log: Object.assign(log, { line: broken }) })
    observe().decided(recordOf('allow'))
    const samples = parseExposition((await metrics.exposition()).body)
    assert.equal(valueIn(samples, 'stepgate_reporting_failures_total', { part: 'log' }), 1)
    assert.equal(valueIn(samples, 'stepgate_decisions_total'), 1)
  })
})

describe('an event', () => {
  const ISSUES = 'policy.yaml:3:7: error[unknown-level]: …\n\n  3 | level: mfaa\n    |        ^^^^'
  const EVENTS: [string, (events: ReturnType<typeof createEvents>) => void, object][] = [
    [
      'policy-loaded',
      (events) =>
        events.policyLoaded({
          revision: 'r',
          files: ['p.yaml'],
          rules: ['a', 'b', 'c'],
          durationMs: 4.4,
          warnings: null,
        }),
      { level: 'info', revision: 'r', files: ['p.yaml'], rules: 3, duration_ms: 4, warnings: null },
    ],
    [
      'policy-rejected',
      (events) => events.policyRejected({ issues: ISSUES, serving: 'r', durationMs: 1 }),
      { level: 'warn', issues: ISSUES, serving: 'r' },
    ],
    [
      'keys-refreshed',
      (events) => events.keysRefreshed('idp', true),
      { level: 'info', issuer: 'idp', changed: true },
    ],
    [
      'keys-failed',
      (events) => events.keysFailed('idp', 'HTTP 500'),
      { level: 'warn', issuer: 'idp', reason: 'HTTP 500' },
    ],
    [
      'ready',
      (events) => events.ready({ grpc: 'a:1', admin: 'b:2' }),
      { level: 'info', grpc: 'a:1', admin: 'b:2' },
    ],
    ['stopping', (events) => events.stopping('SIGTERM'), { level: 'info', reason: 'SIGTERM' }],
    [
      'traces-not-delivered',
      (events) => {
        events.exportFailed(new Error('refused'))
        events.exportFailed(undefined)
      },
      { level: 'warn', reason: 'refused' },
    ],
  ]
  for (const [event, report, expected] of EVENTS) {
    it(`${event} is one line`, () => {
      const { log, lines } = memoryLog()
      const metrics = createMetrics({ process: false })
      report(createEvents({ log, metrics, happened: () => {}, now: () => 0 }))
      const { time: _, ...line } = lines()[0] ?? {}
      assert.deepEqual(line, { event, ...expected })
      assert.equal(lines().length, 1)
    })
  }

  it('of introspection that fails is said once a minute for each issuer', () => {
    const { log, lines } = memoryLog()
    const clock = { now: 0 }
    const metrics = createMetrics({ process: false })
    const events = createEvents({ log, metrics, happened: () => {}, now: () => clock.now })
    const said = () => lines().map(({ issuer, reason }) => `${issuer}: ${reason}`)
    for (const issuer of ['noisy', 'noisy', 'other']) {
      events.introspectionFailed(issuer, new Error('refused'))
    }
    assert.deepEqual(said(), ['noisy: refused', 'other: refused'])
    clock.now += 60_000
    events.introspectionFailed('noisy', new Error('late'))
    assert.equal(said().at(-1), 'noisy: late')
  })

  it('of an exception leads to its decision', () => {
    const { log, lines } = memoryLog()
    const metrics = createMetrics({ process: false })
    const events = createEvents({ log, metrics, happened: () => {}, now: () => 0 })
    events.internalError(new Error('boom'), DECISION_ID)
    assert.equal(lines()[0]?.decision_id, DECISION_ID)
  })
})
