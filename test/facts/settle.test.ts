import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { decide } from '../../src/decision/decide.ts'
import type { Settled } from '../../src/domain/settlement.ts'
import { createSettle } from '../../src/facts/settle.ts'
import { loadPolicy } from '../../src/policy/load.ts'
import { buildScenario } from '../../src/scenario/scenario.ts'
import type { PartialSituation } from '../../src/scenario/scenario-schema.ts'

const POLICY = `version: 1
assurance:
  - { level: password, acr: { idp: [pwd] } }
  - { level: mfa, acr: { idp: [mfa] } }
rules:
  - { id: allow, when: subject.authenticated, effect: allow }
  - { id: strong, match: { paths: ["/strong"] }, effect: step_up, require: { level: mfa } }
  - { id: once, match: { paths: ["/once"] }, effect: step_up, require: { level: mfa, single_use: true } }
`

const STEP_UP = 'step_up insufficient_user_authentication'
const LOOP = 'deny step-up-loop'
const LOST = 'fault source-unavailable'

/** What a store may do, and what then becomes of a request that waits for it. */
const ANSWERS: readonly (readonly [Settled | 'throws' | 'rejects', Outcomes])[] = [
  ['spent', { once: 'allow', weak: 'fault evaluation-failed', strong: 'fault evaluation-failed' }],
  ['challenged', { once: STEP_UP, weak: STEP_UP, strong: STEP_UP }],
  ['loop', { once: LOOP, weak: LOOP, strong: LOOP }],
  ['lost', { once: LOST, weak: LOST, strong: STEP_UP }],
  ['throws', { once: LOST, weak: LOST, strong: STEP_UP }],
  ['rejects', { once: LOST, weak: LOST, strong: STEP_UP }],
]

/** A login that could be spent; one too weak to be; one too weak for an operation that spends none. */
type Outcomes = { readonly once: string; readonly weak: string; readonly strong: string }

const REQUESTS = {
  once: ['/once', 'mfa'],
  weak: ['/once', 'password'],
  strong: ['/strong', 'password'],
} as const

describe('a decision that waits for the store', () => {
  for (const [answer, outcomes] of ANSWERS) {
    for (const [name, [path, level]] of Object.entries(REQUESTS)) {
      it(`${path} with a login of level ${level}, when the store says ${answer}`, async () => {
        const decision = await settled(answer, path, level)
        assert.equal(decision, outcomes[name as keyof Outcomes])
      })
    }
  }

  it('does not wait, and asks no store, when nothing is spent or challenged', () => {
    const store = { settle: () => assert.fail('asked') }
    const settle = createSettle({ store, failed: () => {} })
    const decision = settle(proposal('/', 'password'))
    assert.equal('outcome' in decision && decision.outcome, 'allow')
  })
})

async function settled(answer: (typeof ANSWERS)[number][0], path: string, level: string) {
  const errors: unknown[] = []
  const settle = createSettle({
    store: { settle: () => said(answer) },
    failed: (error) => errors.push(error),
  })
  const decision = await settle(proposal(path, level))
  assert.equal(errors.length, answer === 'throws' || answer === 'rejects' ? 1 : 0)
  return 'reason' in decision ? `${decision.outcome} ${decision.reason}` : decision.outcome
}

function said(answer: (typeof ANSWERS)[number][0]): Settled | Promise<Settled> {
  if (answer === 'throws') throw new Error('down')
  return answer === 'rejects' ? Promise.reject(new Error('down')) : answer
}

function proposal(path: string, level: string, id = 'ada') {
  const { policy } = loadPolicy([{ file: 'policy.yaml', text: POLICY }], {
    issuers: ['idp'],
    revision: 'r',
  })
  assert.ok(policy)
  const situation: PartialSituation = {
    request: { path },
    now: '2026-11-23T10:00:00Z',
    subject: { id },
    session: { level, auth_age: '5s' },
  }
  const scenario = buildScenario(situation, policy.ladder)
  assert.ok(scenario.kind === 'scenario')
  return decide(policy, scenario)
}
