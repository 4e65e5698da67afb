import { loadPolicy } from '../policy/load.ts'
import type { PolicySource } from '../policy/text/source-file.ts'
import { createListReader } from '../runtime/policy-lists.ts'
import { explainScenario, type RuleExplanation } from '../scenario/explain.ts'
import { buildScenario } from '../scenario/scenario.ts'
import type { Recorded } from './recorded.ts'

/**
 * Where no rule fitted a recorded request: the rules of its policy, each with what kept the request out, as far as method,
 * host and path tell. Empty where the record does not show them, or the policy cannot be read here any more.
 */
export function otherRules(
  { considered, method, host, path }: Recorded,
  sources: readonly PolicySource[],
): readonly RuleExplanation[] {
  if (considered?.length !== 0 || method === null || host === null || path === null) return []
  const { readList } = createListReader()
  const { policy } = loadPolicy(sources, { issuers: [], revision: 'recorded', readList })
  if (policy === null) return []
  const scenario = buildScenario({ request: { method, host, path } }, policy.ladder)
  if (scenario.kind !== 'scenario') return []
  return explainScenario(policy, scenario).rules.filter(({ fits }) => !fits)
}
