import type { Explained } from './explain.ts'

/** The explanation for a program: the situation as it was understood, the decision, and every rule. */
export function explanationJson(explained: Explained): string {
  const { situation, decision, explanation, challenge, needed, scenario } = explained
  const refused = scenario.kind === 'refused' ? scenario.why : null
  const { proven = null, rules = [], signals = [] } = explanation ?? {}
  const data = { situation, decision, refused, challenge, needed, proven, rules, signals }
  return `${JSON.stringify(data, null, 2)}\n`
}
