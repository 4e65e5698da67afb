import { decide } from '../decision/decide.ts'
import { type Decision, NO_GROUNDS } from '../domain/decision.ts'
import type { CompiledPolicy } from '../policy/compiled-policy.ts'
import type { Scenario } from './scenario.ts'

/** A situation that can be: it reaches the rules, or is refused before them. */
export type PossibleScenario = Exclude<Scenario, { kind: 'mistake' }>

/** The decision on a made-up request, as the service would give it. */
export function decideScenario(policy: CompiledPolicy, scenario: PossibleScenario): Decision {
  if (scenario.kind === 'scenario') return decide(policy, scenario)
  return { ...NO_GROUNDS, outcome: 'deny', reason: scenario.reason, revision: policy.revision }
}
