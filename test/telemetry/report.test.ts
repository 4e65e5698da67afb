import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readLogLevel } from '../../src/telemetry/log-level.ts'
import { CANARY, DECISION_ID, memoryLog, OUTCOMES, recordOf, TOKEN } from './fixtures.ts'
import { setUp } from './report-support.ts'

/** What a line says of every decision on the same request. */
const COMMON = {
  event: 'decision',
  decision_id: DECISION_ID,
  method: 'PUT',
  host: 'licensing.example.com',
  path: '/v1/licenses/L-1/tier',
  trace_id: '4bf92f3577b34da6a3ce929d0e0e4736',
  span_id: '00f067aa0ba902b7',
  latency_us: 1500,
}

const REQUIRED = {
  level: 'phishing-resistant',
  max_age: 300,
  amr: [[['fido'], ['hwk', 'user']]],
  scope: ['licenses.write'],
  single_use: false,
}
const GROUNDS = {
  rule: 'big-tier-change',
  rules: ['big-tier-change', 'manage'],
  policy: 'abc123',
  problem: null,
  required: null,
  shortfalls: [],
  presented: { level: 'mfa', auth_age: 180 },
  indeterminate: [],
  risk: null,
  shadow: null,
  issuer: 'idp',
  workload: false,
}
const NONE = { ...GROUNDS, rule: null, rules: [], presented: null, issuer: null, workload: null }

const LINES = {
  allow: { level: 'info', ...GROUNDS, rule: 'manage', reason: null, required: REQUIRED },
  step_up: {
    level: 'info',
    ...GROUNDS,
    reason: 'insufficient_user_authentication',
    required: REQUIRED,
    shortfalls: ['too-weak', 'too-old'],
  },
  deny: {
    level: 'info',
    ...GROUNDS,
    rule: null,
    rules: [],
    reason: 'no-rule',
    indeterminate: [{ rule: 'suspended', missing: 'subject.claims.suspended' }],
  },
  unauthenticated: { level: 'info', ...NONE, reason: 'invalid_token', problem: 'expired' },
  fault: { level: 'warn', ...NONE, reason: 'not-ready', policy: null, issuer: 'idp' },
}

describe('the line of a decision', () => {
  for (const outcome of OUTCOMES) {
    it(`explains ${outcome}`, () => {
      const { observe, lines, clock } = setUp()
      const observation = observe()
      clock.now += 1.5
      observation.decided(recordOf(outcome))
      assert.equal(lines().length, 1)
      const { time, ...line } = lines()[0] ?? {}
      assert.deepEqual(line, { ...COMMON, ...LINES[outcome], outcome })
      assert.match(String(time), /^\d{4}-\d\d-\d\dT[\d:.]+Z$/)
    })
  }

  it('says nothing that identifies the caller or opens a door', () => {
    const { observe, text } = setUp()
    for (const outcome of OUTCOMES) observe().decided(recordOf(outcome))
    observe().decided(recordOf('allow', { path: `/v1/licenses/${TOKEN}` }))
    assert.ok(!text().includes(CANARY))
  })

  it('counts time until the answer, however late the report is', () => {
    const { observe, lines, clock } = setUp()
    const observation = observe()
    clock.now += 1.5
    observation.answered()
    clock.now += 1000
    observation.decided(recordOf('allow'))
    assert.equal(lines()[0]?.latency_us, 1500)
  })

  it('is there for a request that could not be read', () => {
    const { observe, lines } = setUp()
    observe().decided({ ...recordOf('fault'), request: null, identity: null })
    const { method, host, path, issuer } = lines()[0] ?? {}
    assert.deepEqual(
      { method, host, path, issuer },
      { method: null, host: null, path: null, issuer: null },
    )
  })

  it('is bounded in length', () => {
    const { observe, text } = setUp()
    observe().decided(recordOf('allow', { path: `/${'x'.repeat(60_000)}` }))
    assert.ok(text().length < 4000)
  })
})

describe('the level of the log', () => {
  it('is read in any case, and `info` by default', () => {
    const levels = { ' WARN ': 'warn', silent: 'silent', '': 'info' }
    for (const [text, level] of Object.entries(levels)) {
      assert.deepEqual(readLogLevel({ LOG_LEVEL: text }), { ok: true, level })
    }
    assert.deepEqual(readLogLevel({}), { ok: true, level: 'info' })
  })

  const UNKNOWN = { debgu: 'did you mean `debug`?', loud: 'it is one of trace, debug, info' }
  for (const [text, hint] of Object.entries(UNKNOWN)) {
    it(`is a mistake when it is ${text}`, () => {
      const result = readLogLevel({ LOG_LEVEL: text })
      assert.ok(!result.ok)
      const { file, code, source } = result.issue
      assert.deepEqual([file, code, source], ['environment', 'bad-value', `LOG_LEVEL=${text}`])
      assert.ok(result.issue.hint?.startsWith(hint))
    })
  }

  it('silences decisions above info, and never faults below error', () => {
    const { log, lines } = memoryLog('warn')
    const { observe } = setUp({ log })
    for (const outcome of OUTCOMES) observe().decided(recordOf(outcome))
    assert.deepEqual(
      lines().map((line) => line.outcome),
      ['fault'],
    )
  })
})
