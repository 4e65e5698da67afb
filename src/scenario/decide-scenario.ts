import { decide } from '../decision/decide.ts'
import { type Decision, NO_GROUNDS } from '../domain/decision.ts'
import type { CompiledPolicy } from '../policy/compiled-policy.ts'
import type { AskedScenario, Scenario } from './scenario.ts'
import { factsFor } from './scenario-facts.ts'

/** A situation that can be: it reaches the rules, or is refused before them. */
export type PossibleScenario = Exclude<Scenario, { kind: 'mistake' }>

/** The decision on a request that reaches the rules; nothing remembers it, so no challenge is one too many. */
export function decideAsked(policy: CompiledPolicy, scenario: AskedScenario): Decision {
  const facts = factsFor(policy, scenario.facts)
  const proposal = decide(policy, { ...scenario, facts })
  if (proposal.settlement === null) return proposal.decision
  const spent = proposal.settlement.spend !== null && scenario.spendable
  return proposal.conclude(spent ? 'spent' : 'challenged')
}

/** The decision on a made-up request, as the service would give it. */
export function decideScenario(policy: CompiledPolicy, scenario: PossibleScenario): Decision {
  if (scenario.kind === 'scenario') return decideAsked(policy, scenario)
  return { ...NO_GROUNDS, outcome: 'deny', reason: scenario.reason, revision: policy.revision }
}
