import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { decide } from '../src/decision/decide.ts'
import { compareDecision } from '../src/scenario/compare.ts'
import { readCaseFolders } from './support/case-files.ts'

for (const { name, policy, cases } of readCaseFolders()) {
  describe(`${name}, decided by the pure core`, () => {
    for (const { name: title, scenario, expect } of cases) {
      it(title, () => {
        assert.equal(scenario.kind, 'scenario', JSON.stringify(scenario))
        if (scenario.kind !== 'scenario') return
        const decision = decide(policy, { ...scenario, stage: () => {} })
        assert.deepEqual(compareDecision(expect, decision), [])
      })
    }
  })
}
