import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Decision } from '../../src/domain/decision.ts'
import type { Aftermath, FactNeeds, Facts } from '../../src/domain/facts.ts'
import { loadPolicy } from '../../src/policy/load.ts'
import { buildScenario } from '../../src/scenario/scenario.ts'
import { createDecideRequest } from '../../src/service/decide-request.ts'

const TRIED = '{ id: tried, mode: shadow, when: "!device.known", effect: deny, reason: new-device }'
const AT_ONCE = '{ id: at-once, when: session.revoked, effect: deny, reason: session-revoked }'
const ENFORCED = '{ id: enforced, when: "!device.known", effect: deny, reason: new-device }'

/** What is known without waiting. */
const AT_HAND: Facts = { sessionRevoked: true }

/** Facts that come only when they are let through. */
function slowFacts() {
  const gate = Promise.withResolvers<void>()
  const asked: (FactNeeds | null)[] = []
  const remembered: Aftermath[] = []
  const fetch = (needs: FactNeeds | null) => {
    asked.push(needs)
    const facts: Facts = { ...AT_HAND, deviceKnown: false }
    return gate.promise.then(() => ({ facts }))
  }
  const remember = (_: unknown, aftermath: Aftermath) => void remembered.push(aftermath)
  const atHand = () => AT_HAND
  return { facts: { fetch, atHand, remember }, open: gate.resolve, asked, remembered }
}

describe('facts that take their time', () => {
  it('keep no answer waiting when only a rule in shadow reads them', async () => {
    const slow = slowFacts()
    const { decision, complete } = decideWith(TRIED, slow.facts)
    assert.ok('outcome' in decision, 'the answer waits')
    assert.deepEqual([decision.outcome, decision.shadow], ['allow', null])
    slow.open()
    const whole = await complete
    assert.deepEqual([whole?.outcome, whole?.shadow?.outcome], ['allow', 'deny'])
    assert.deepEqual([slow.asked.length, slow.remembered.length], [1, 1])
  })

  it('keep no answer waiting whose enforced rules read what is at hand, and those do', async () => {
    const slow = slowFacts()
    const { decision, complete } = decideWith(`${TRIED}, ${AT_ONCE}`, slow.facts)
    assert.ok('outcome' in decision, 'the answer waits')
    assert.deepEqual([decision.outcome, decision.rule], ['deny', 'at-once'])
    assert.deepEqual(decision.indeterminate, [])
    slow.open()
    assert.equal((await complete)?.outcome, 'deny')
  })

  it('are waited for when an enforced rule reads them, and then serve both', async () => {
    const slow = slowFacts()
    const { decision } = decideWith(`${TRIED}, ${ENFORCED}`, slow.facts)
    assert.ok(decision instanceof Promise, 'the answer does not wait')
    slow.open()
    const whole = await decision
    assert.deepEqual([whole.outcome, whole.shadow?.outcome], ['deny', 'deny'])
    assert.deepEqual([slow.asked.length, slow.remembered.length], [1, 1])
  })
})

function decideWith(rules: string, facts: ReturnType<typeof slowFacts>['facts']) {
  const text = `version: 1\nrules: [{ id: allow, when: subject.authenticated, effect: allow }, ${rules}]`
  const { policy, issues } = loadPolicy([{ file: 'p.yaml', text }], { issuers: [], revision: 'r' })
  assert.ok(policy, JSON.stringify(issues))
  const scenario = buildScenario({ subject: { id: 'ada' } }, policy.ladder)
  assert.ok(scenario.kind === 'scenario')
  let complete: Promise<Decision> | undefined
  const decide = createDecideRequest({
    policy: () => policy,
    facts,
    settle: (proposal) => {
      assert.ok(proposal.settlement === null)
      return proposal.decision
    },
    now: () => scenario.now,
    failed: (error) => assert.fail(String(error)),
  })
  const decision = decide(
    scenario.request,
    scenario.identity,
    () => {},
    (later) => {
      complete = later
    },
  )
  return { decision, complete }
}
