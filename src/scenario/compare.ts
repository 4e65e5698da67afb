import type { Decision } from '../domain/decision.ts'
import { parseDuration } from '../domain/duration.ts'
import type { Expectation } from './scenario-schema.ts'

/** One difference between what a test expected and what the policy decided. */
export type Difference = { readonly what: string; readonly expected: string; readonly got: string }

/** Compares a decision with an expectation; only what the expectation names is looked at. */
export function compareDecision(expected: Expectation, decision: Decision): readonly Difference[] {
  const wanted = typeof expected === 'string' ? { [expected]: undefined } : expected
  return Object.entries(wanted).flatMap(([what, value]) => differences(what, value, decision))
}

function differences(what: string, value: unknown, decision: Decision): readonly Difference[] {
  switch (what) {
    case 'rule':
      return differ('rule', value, decision.rule)
    case 'rules':
      return differ('rules', sorted(value), sorted(decision.rules))
    case 'indeterminate':
      return differ('indeterminate', value, missingByRule(decision))
    default:
      return outcomeDifferences(what, value, decision)
  }
}

function outcomeDifferences(
  outcome: string,
  value: unknown,
  decision: Decision,
): readonly Difference[] {
  if (decision.outcome !== outcome) return differ('outcome', outcome, describe(decision))
  if (typeof value === 'string')
    return differ('reason', value, 'reason' in decision ? decision.reason : null)
  if (decision.outcome !== 'step_up' || typeof value !== 'object') return []
  const { requirement, challenge, shortfalls } = decision
  const got: Record<string, unknown> = {
    level: requirement.level,
    max_age: requirement.maxAge,
    amr: requirement.amr,
    scope: requirement.scope,
    acr_values: challenge.acrValues,
    shortfalls,
  }
  return Object.entries(value ?? {}).flatMap(([key, wanted]) =>
    differ(`step_up.${key}`, key === 'max_age' ? parseDuration(String(wanted)) : wanted, got[key]),
  )
}

function describe(decision: Decision): string {
  const reason = 'reason' in decision ? ` (${decision.reason})` : ''
  return `${decision.outcome}${reason}${decision.rule ? ` by ${decision.rule}` : ''}`
}

function missingByRule(decision: Decision): Record<string, string> {
  return Object.fromEntries(decision.indeterminate.map(({ rule, missing }) => [rule, missing]))
}

function sorted(list: unknown): unknown {
  return Array.isArray(list) ? list.map(String).toSorted() : list
}

function differ(what: string, expected: unknown, got: unknown): readonly Difference[] {
  const [a, b] = [show(expected), show(got)]
  return a === b ? [] : [{ what, expected: a, got: b }]
}

function show(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? null)
}
