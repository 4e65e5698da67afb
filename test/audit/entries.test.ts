import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createChain } from '../../src/audit/chain.ts'
import { createKeep } from '../../src/audit/keep.ts'
import { DEFAULT_MASK } from '../../src/audit/mask.ts'
import { createQueue } from '../../src/audit/queue.ts'
import {
  keysChangedEntry,
  policyLoadedEntry,
  policyRejectedEntry,
  startEntry,
  stopEntry,
} from '../../src/audit/service-entries.ts'
import type { Decision } from '../../src/domain/decision.ts'
import type { Issue } from '../../src/domain/issue.ts'
import { OUTCOMES, recordOf } from '../telemetry/fixtures.ts'
import type { Fields } from './lines.ts'

describe('which decisions are recorded', () => {
  const indeterminate = [{ rule: 'r', missing: 'm' }]
  const shadow = { outcome: 'step_up', rule: 's', reason: null } as const
  const cases: readonly (readonly [string, Decision, boolean])[] = [
    ['a plain allow', recordOf('allow').decision, false],
    ['an allow with something undecided', recordOf('allow', { indeterminate }).decision, true],
    [
      'an allow that the shadow policy would challenge',
      recordOf('allow', { shadow }).decision,
      true,
    ],
    ...OUTCOMES.slice(1).map((outcome) => [outcome, recordOf(outcome).decision, true] as const),
  ]
  for (const [name, decision, always] of cases) {
    it(`${name}: ${always ? 'always' : 'as the setting says'}`, () => {
      const keeps = (kind: 'complete' | 'challenged-and-denied') =>
        createKeep({ kind }, () => 0)(decision)
      const sampled = (random: number) =>
        createKeep({ kind: 'sampled', share: 0.1 }, () => random)(decision)
      assert.equal(keeps('complete'), true)
      assert.equal(keeps('challenged-and-denied'), always)
      assert.deepEqual([sampled(0.05), sampled(0.1)], [true, always])
    })
  }
})

it('the record of the service is one line of valid JSON for each event', () => {
  const chain = createChain('c', 'i', null)
  const issue: Issue = {
    severity: 'error',
    code: 'bad-cel',
    message: 'm',
    file: 'p.yaml',
    line: 3,
    column: 1,
    source: 's',
    length: 1,
    hint: null,
  }
  const entries = [
    startEntry('0.1.0', { kind: 'sampled', share: 0.1 }, DEFAULT_MASK),
    policyLoadedEntry({ revision: 'r', digest: 'd', files: ['a\n.yaml'], rules: 3 }),
    policyRejectedEntry([issue, { ...issue, severity: 'warning' }], 'r'),
    keysChangedEntry('idp'),
    stopEntry('SIGTERM'),
  ]
  const fields = entries.map((one) => JSON.parse(chain.add(one, 0)) as Fields)
  assert.deepEqual(
    fields.map(({ event }) => event),
    ['start', 'policy-loaded', 'policy-rejected', 'keys-changed', 'stop'],
  )
  assert.deepEqual([fields[0]?.records, fields[0]?.share], ['sampled', 0.1])
  assert.deepEqual([fields[2]?.issues, fields[2]?.errors], [['p.yaml:3 bad-cel'], 1])
})

it('what waits is bounded, and after the first entry that did not fit nothing jumps the queue', () => {
  const queue = createQueue(1000)
  const small = { event: 'decision', fields: '' } as const
  const large = { event: 'decision', fields: 'x'.repeat(700) } as const
  assert.deepEqual(
    [large, large, small].map((one, at) => queue.put(one, at)),
    [true, false, false],
  )
  const gap = ',"cause":"queue-full","count":2,"since":"1970-01-01T00:00:00.001Z"'
  const taken = queue.take(10).map(({ entry: { event, fields } }) => [event, fields.slice(0, 66)])
  assert.deepEqual(taken, [
    ['decision', 'x'.repeat(66)],
    ['gap', gap],
  ])
  assert.deepEqual([queue.isEmpty(), queue.put(large, 3)], [true, true])
})
