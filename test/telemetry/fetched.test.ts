import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Facts } from '../../src/domain/facts.ts'
import { loadPolicy } from '../../src/policy/load.ts'
import { buildScenario } from '../../src/scenario/scenario.ts'
import { createDecideRequest } from '../../src/service/decide-request.ts'

const RULE = '{ id: read, when: subject.authenticated && device.known, effect: allow }'

/** The stages of a decision whose facts are there like this. */
async function stagesWith(given: { facts: Facts } | Promise<{ facts: Facts }>) {
  const text = `version: 1\nrules: [${RULE}]`
  const { policy } = loadPolicy([{ file: 'p.yaml', text }], { issuers: [], revision: 'r' })
  assert.ok(policy)
  const scenario = buildScenario({ subject: { id: 'ada' } }, policy.ladder)
  assert.ok(scenario.kind === 'scenario')
  const decide = createDecideRequest({
    policy: () => policy,
    facts: { fetch: () => given, atHand: () => ({}), remember: () => {} },
    settle: (proposal) =>
      proposal.settlement === null ? proposal.decision : assert.fail('nothing is to be settled'),
    now: () => scenario.now,
    failed: (error) => assert.fail(String(error)),
  })
  const stages: string[] = []
  const { request, identity } = scenario
  const decision = await decide(
    request,
    identity,
    (stage) => void stages.push(stage),
    () => {},
  )
  assert.equal(decision.outcome, 'allow')
  return stages
}

describe('the stage in which facts are waited for', () => {
  const found = { facts: { deviceKnown: true } }

  it('lies between the choice of the rules and the facts', async () => {
    assert.deepEqual(await stagesWith(Promise.resolve(found)), [
      'selected',
      'fetched',
      'facts',
      'decided',
    ])
  })

  it('is not there when they are known at once', async () => {
    assert.deepEqual(await stagesWith(found), ['selected', 'facts', 'decided'])
  })
})
