import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Decision } from '../src/domain/decision.ts'
import { compareDecision } from '../src/scenario/compare.ts'
import { decideAsked } from '../src/scenario/decide-scenario.ts'
import type { AskedScenario, Scenario } from '../src/scenario/scenario.ts'
import { type CaseFolder, readCaseFolders } from './support/case-files.ts'
import { type CheckClient, startCheckClient } from './support/check-client.ts'

const stage = () => {}

for (const folder of readCaseFolders()) {
  describe(`${folder.name}, decided by the pure core`, () => {
    for (const { name, scenario, expect } of folder.cases) {
      it(name, () => {
        const decision = decideAsked(folder.policy, whole(scenario))
        assert.deepEqual(compareDecision(expect, decision), [])
      })
    }
  })

  describe(`${folder.name}, asked over gRPC`, () => throughGrpc(folder))
}

/** The same cases through the wire, with the caller handed in where tokens would be verified. */
function throughGrpc({ policy, cases }: CaseFolder): void {
  let client: CheckClient
  let current: AskedScenario
  let decided: Decision | null = null
  before(async () => {
    client = await startCheckClient({
      identify: () => current.identity,
      decide: (request, identity) => decideAsked(policy, { ...current, request, identity }),
      observe: () => ({
        stage,
        answered: () => {},
        decided: (record) => {
          decided = record.decision
        },
      }),
    })
  })
  after(() => client.stop())
  for (const { name, scenario, rawPath, expect } of cases) {
    it(name, async () => {
      current = whole(scenario)
      const { status, dynamic_metadata } = await client.check(current.request, rawPath)
      assert.ok(decided)
      assert.deepEqual(compareDecision(expect, decided), [])
      assert.equal(status?.code === 0, decided.outcome === 'allow')
      const { stepgate } = dynamic_metadata?.fields ?? {}
      assert.equal(stepgate?.structValue?.fields.outcome?.stringValue, decided.outcome)
    })
  }
}

function whole(scenario: Scenario): AskedScenario {
  if (scenario.kind !== 'scenario') throw new Error(JSON.stringify(scenario))
  return scenario
}
