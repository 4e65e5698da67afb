import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { DEFAULT_MASK, type Mask } from '../../src/audit/mask.ts'
import { CANARY, OUTCOMES, recordOf, TOKEN } from '../telemetry/fixtures.ts'
import { CONTEXT, line, pseudonyms, SPAN, TRAIL } from './lines.ts'

const HOSTILE = [
  '"}\n{"v":1',
  '\u2028',
  '\u202e',
  '\\',
  '\ud800',
  '\x7f',
  '\x9b31m',
  '__proto__',
  '\0',
]

const KEEP_ALL: Mask = {
  ...DEFAULT_MASK,
  client_ip: 'keep',
  device: 'keep',
  params: 'keep',
  inputs: { '*': 'keep' },
}

describe('the record of a decision', () => {
  it('says who, what, from where, with what outcome and why', () => {
    const { fields } = line(recordOf('step_up'))
    const { prev, hash, subject, seq, v, event, ts, instance, ...rest } = fields
    assert.deepEqual(
      [v, event, seq, instance, ts],
      [1, 'decision', 1, 'i', '2026-11-18T11:06:40.000Z'],
    )
    assert.equal(subject, pseudonyms.of('subject', 'idp', `${CANARY}-subject`))
    assert.deepEqual(rest, {
      decision_id: '0b0e7d0c-9a4e-4d6b-8d3a-2f5c1e6b7a80',
      issuer: 'idp',
      client_id: `${CANARY}-client`,
      workload: false,
      presented: { level: 'mfa', acr: `${CANARY}-acr`, amr: ['pwd'], auth_time: 1_795_000_000 },
      client_ip: '192.0.2.0/24',
      device: null,
      method: 'PUT',
      host: 'licensing.example.com',
      path_template: null,
      path: '/v1/licenses/L-1/tier',
      params: {},
      outcome: 'step_up',
      reason: 'insufficient_user_authentication',
      problem: null,
      rule: 'big-tier-change',
      rules: ['big-tier-change', 'manage'],
      required: {
        level: 'phishing-resistant',
        max_age: 300,
        amr: [[['fido'], ['hwk', 'user']]],
        scope: ['licenses.write'],
        single_use: false,
      },
      shortfalls: ['too-weak', 'too-old'],
      shadow: null,
      risk: null,
      indeterminate: [],
      considered: null,
      policy: { revision: 'abc123' },
      trace_id: SPAN.traceId,
      span_id: SPAN.spanId,
      request_id: null,
      latency_us: 413,
    })
  })

  it('has the same fields whatever the outcome', () => {
    const names = Object.keys(line(recordOf('step_up')).fields)
    for (const outcome of OUTCOMES) {
      const { fields } = line(recordOf(outcome), { span: null, latencyMs: 1 })
      assert.deepEqual(Object.keys(fields), names)
      assert.equal(fields.outcome, outcome)
    }
    const blank = { ...recordOf('fault'), request: null, identity: null }
    assert.deepEqual(Object.keys(line(blank).fields), names)
  })

  it('has what was undecided, the risk and the shadow', () => {
    const evidence = [
      { signal: 'vpn', name: 'source.country', value: 'DE' },
      { signal: 'vpn', name: 'travel.speed_kmh', value: 900 },
      { signal: 'vpn', name: 'device.known', value: null },
    ]
    const risk = { score: 40, level: 'high', signals: ['vpn'], evidence }
    const shadow = { outcome: 'deny', rule: 'strict', reason: 'no-rule' } as const
    const { fields } = line(recordOf('deny', { risk, shadow }))
    assert.deepEqual([fields.risk, fields.shadow], [risk, shadow])
    assert.deepEqual(fields.indeterminate, [
      { rule: 'suspended', missing: 'subject.claims.suspended' },
    ])
  })

  it('has what a login lacked that no challenge would have given it', () => {
    const { decision } = recordOf('step_up')
    assert.ok(decision.outcome === 'step_up')
    const unmet = { requirement: decision.requirement, shortfalls: decision.shortfalls }
    const { fields } = line(recordOf('deny', { reason: 'step-up-impossible', unmet }))
    assert.deepEqual(fields.shortfalls, ['too-weak', 'too-old'])
    assert.deepEqual(fields.required, line(recordOf('step_up')).fields.required)
  })

  it('never has a token, subject, query, header, body, role or other claim', () => {
    const shown = [`${CANARY}-client`, `${CANARY}-acr`]
    for (const outcome of OUTCOMES) {
      for (const path of [`/reset/${TOKEN}`, `/reset/${'Ab3_'.repeat(12)}`]) {
        const { text } = line(recordOf(outcome, { path }))
        assert.ok(!shown.reduce((rest, one) => rest.replaceAll(one, ''), text).includes(CANARY))
        assert.ok(!text.includes('Ab3_'.repeat(12)))
        assert.match(text, /"path":"\/reset\/\[[\w-]{8}:[\w-]{22}\]"/)
      }
    }
  })

  it('is one line of valid JSON, whatever a caller writes', () => {
    const hostile = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(...HOSTILE))
    fc.assert(
      fc.property(hostile, hostile, (one, other) => {
        const record = recordOf('deny', { path: `/${one}` })
        const { request } = record
        assert.ok(request !== null)
        const headers = new Map([['x-request-id', [other]]])
        const asked = { ...request, host: one, method: other, headers }
        const trail = { ...TRAIL, params: { [one]: other }, pathTemplate: other }
        const { fields } = line({ ...record, request: asked }, { ...CONTEXT, trail }, KEEP_ALL)
        assert.equal(fields.outcome, 'deny')
        if (other.length < 40) assert.equal(fields.path_template, other)
      }),
    )
  })
})
