import type { Decision } from '../domain/decision.ts'
import type { CompiledPolicy } from '../policy/compiled-policy.ts'
import { compareDecision, type Difference } from './compare.ts'
import { decideScenario } from './decide-scenario.ts'
import { type RuleVerdict, ruleVerdicts } from './rule-verdicts.ts'
import { buildScenario, withDefaults } from './scenario.ts'
import { counterMistake } from './scenario-facts.ts'
import type { PolicyTests } from './scenario-schema.ts'

/** What one test of a policy came to. */
export type TestResult = { readonly name: string } & (
  | {
      readonly kind: 'decided'
      readonly decision: Decision
      /** Empty when the test passed. */
      readonly differences: readonly Difference[]
      /** Of every rule; empty when the request never reached the rules. */
      readonly verdicts: readonly RuleVerdict[]
    }
  /** There can be no such request. */
  | { readonly kind: 'mistake'; readonly message: string }
)

/** Runs the tests of a policy, in their order. */
export function runTests(
  policy: CompiledPolicy,
  { defaults = {}, tests }: PolicyTests,
): readonly TestResult[] {
  return tests.map(({ name, expect, ...own }) => {
    const situation = withDefaults(defaults, own)
    const scenario = buildScenario(situation, policy.ladder)
    const misnamed = counterMistake(policy, situation)
    if (misnamed !== null) return { name, kind: 'mistake' as const, message: misnamed }
    if (scenario.kind === 'mistake')
      return { name, kind: 'mistake' as const, message: scenario.message }
    const decision = decideScenario(policy, scenario)
    const asked = scenario.kind === 'scenario' && scenario.identity.kind !== 'rejected'
    return {
      name,
      kind: 'decided' as const,
      decision,
      differences: compareDecision(expect, decision),
      verdicts: asked ? ruleVerdicts(policy, scenario) : [],
    }
  })
}

/** True when the policy decided as the test expects. */
export function passed(result: TestResult): boolean {
  return result.kind === 'decided' && result.differences.length === 0
}
