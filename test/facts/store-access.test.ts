import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { Decision } from '../../src/domain/decision.ts'
import { createMemoryStore } from '../../src/facts/memory-store.ts'
import type { Memory } from '../../src/facts/store.ts'
import type { CompiledPolicy } from '../../src/policy/compiled-policy.ts'
import { type AskedScenario, buildScenario } from '../../src/scenario/scenario.ts'
import type { PartialSituation } from '../../src/scenario/scenario-schema.ts'
import { createReplica, decideNow, policyOf, requestOf } from '../support/chain.ts'
import { compile, shadowed, situation } from '../support/random-policies.ts'

/** One decision over an empty store, and what was asked of the store for it. */
function decided(policy: CompiledPolicy, { request, identity, now }: AskedScenario) {
  const store = createMemoryStore({ loop: { attempts: 3, window: 300_000 }, capacity: 10 })
  const asked: string[] = []
  const noted =
    <A, R>(name: string, answer: (question: A) => R) =>
    (question: A): R => {
      asked.push(name)
      return answer(question)
    }
  const replica = createReplica({
    policy,
    now: () => now,
    store: {
      ...store,
      observe: noted('observe', store.observe),
      settle: noted('settle', store.settle),
      remember: noted('remember', (memory) => {
        assertEmpty(memory)
        return store.remember(memory)
      }),
    },
  })
  return { decision: decideNow(replica, request, identity), asked }
}

/** It only ends the rounds of a challenge. */
function assertEmpty({
  satisfied,
  subject: _subject,
  now: _now,
  stream: _stream,
  ...learnt
}: Memory) {
  assert.notEqual(satisfied, null)
  assert.deepEqual(learnt, { count: [], giveBack: [] })
}

/** What a decision asks of the store when no rule or signal reads anything that is remembered. */
function neededFor(decision: Decision, asked: AskedScenario): readonly string[] {
  if (decision.outcome === 'step_up') return ['settle']
  // A login that could not be spent, of a program: that was found out by asking.
  if (decision.outcome === 'deny' && decision.unmet !== undefined)
    return decision.unmet.shortfalls.every((what) => what === 'not-single-use') ? ['settle'] : []
  if (decision.outcome !== 'allow') return []
  const { level, maxAge, amr, scope, singleUse } = decision.requirement
  const isMet = level !== null || maxAge !== null || amr.length + scope.length > 0 || singleUse
  const isAnswer = isMet && mayBeAnswer(asked)
  return [...(singleUse ? ['settle'] : []), ...(isAnswer ? ['remember'] : [])]
}

/** No token from before the rounds that are remembered answers a challenge of them. */
function mayBeAnswer({ identity, now }: AskedScenario): boolean {
  if (identity.kind !== 'authenticated') return true
  const { authTime, issuedAt = authTime } = identity.login
  return issuedAt === undefined || issuedAt * 1000 + 300_000 >= now
}

function scenarioOf(policy: CompiledPolicy, asked: PartialSituation): AskedScenario {
  const scenario = buildScenario(asked, policy.ladder)
  return scenario.kind === 'scenario' ? scenario : assert.fail(JSON.stringify(scenario))
}

describe('a policy that reads nothing that is remembered', () => {
  it('asks the store for nothing but to challenge, to spend, and to end a challenge', () => {
    const property = fc.property(shadowed, situation, (parts, asked) => {
      const policy = compile(parts)
      const scenario = scenarioOf(policy, asked)
      const result = decided(policy, scenario)
      assert.deepEqual(result.asked, neededFor(result.decision, scenario))
    })
    fc.assert(property, { numRuns: 300 })
  })
})

describe('the store is asked', () => {
  const policy = policyOf(`
version: 1
assurance:
  - { level: password, acr: { idp: [pwd] } }
  - { level: mfa, acr: { idp: [mfa] } }
signals: [{ id: unknown, match: { methods: [PUT] }, when: "!device.known", score: 60 }]
risk: { levels: { high: 50 } }
rules:
  - { id: read, match: { methods: [GET], paths: [/a] }, effect: allow }
  - { id: risky, match: { paths: [/a] }, when: risk.at_least("high"), effect: deny }
  - { id: change, match: { methods: [PUT], paths: [/a] }, when: subject.authenticated, effect: allow }
  - { id: mfa, match: { paths: [/mfa] }, when: subject.authenticated, effect: allow, require: { level: mfa } }
  - { id: once, match: { paths: [/once] }, when: subject.authenticated, effect: allow, require: { level: mfa, single_use: true } }
`)
  const cases: readonly [what: string, method: string, path: string, asked: readonly string[]][] = [
    ['nothing for an allow', 'GET', '/a', []],
    ['for what a signal reads that fits', 'PUT', '/a', ['observe']],
    ['nothing for a refusal', 'GET', '/b', []],
    ['afterwards, to end a challenge, when a requirement is met', 'GET', '/mfa', ['remember']],
    ['to spend a login', 'GET', '/once', ['settle']],
  ]
  for (const [what, method, path, expected] of cases) {
    it(what, () => {
      const asked = scenarioOf(policy, {
        request: { method, path },
        source: { ip: '10.0.0.1' },
        subject: { id: 'ada' },
        session: { level: 'mfa', auth_age: '1m' },
      })
      const { headers } = requestOf(
        { method, path, device: 'x', userAgent: '', ip: '' },
        asked.request,
      )
      const request = { ...asked.request, headers }
      assert.deepEqual(decided(policy, { ...asked, request }).asked, expected)
    })
  }

  it('to challenge', () => {
    const asked = scenarioOf(policy, {
      request: { method: 'GET', path: '/mfa' },
      subject: { id: 'ada' },
      session: { level: 'password', auth_age: '1m' },
    })
    assert.deepEqual(decided(policy, asked).asked, ['settle'])
  })
})
