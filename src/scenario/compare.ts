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
      return differ('indeterminate', byKey(value), byKey(missingByRule(decision)))
    case 'shadow':
      return differ('shadow', value, decision.shadow?.outcome)
    case 'risk':
      return members('risk', value, { ...decision.risk, signals: sorted(decision.risk?.signals) })
    default:
      return outcomeDifferences(what, value, decision)
  }
}

function outcomeDifferences(
  outcome: string,
  value: unknown,
  decision: Decision,
): readonly Difference[] {
  if (decision.outcome !== outcome) return differ('outcome', outcome, describeOutcome(decision))
  if (typeof value === 'string')
    return differ('reason', value, 'reason' in decision ? decision.reason : null)
  if (decision.outcome !== 'step_up') return []
  const { requirement, challenge, shortfalls } = decision
  return members('step_up', value, {
    level: requirement.level,
    max_age: requirement.maxAge,
    amr: requirement.amr,
    scope: requirement.scope,
    single_use: requirement.singleUse,
    acr_values: challenge.acrValues,
    shortfalls,
  })
}

/** Holds each member that is named against what there is; durations by their length. */
function members(
  of: string,
  wanted: unknown,
  got: Readonly<Record<string, unknown>>,
): readonly Difference[] {
  return Object.entries(wanted ?? {}).flatMap(([key, value]) => {
    if (key === 'max_age') {
      const same = parseDuration(String(value)) === got[key]
      const seconds = typeof got[key] === 'number' ? `${got[key]}s` : null
      return same ? [] : differ(`${of}.${key}`, value, seconds)
    }
    return differ(`${of}.${key}`, key === 'signals' ? sorted(value) : value, got[key])
  })
}

/** An outcome with its reason and rule, in one line. */
export function describeOutcome(decision: Decision): string {
  const reason = 'reason' in decision ? ` (${decision.reason})` : ''
  return `${decision.outcome}${reason}${decision.rule ? ` by ${decision.rule}` : ''}`
}

function missingByRule(decision: Decision): Record<string, string> {
  return Object.fromEntries(decision.indeterminate.map(({ rule, missing }) => [rule, missing]))
}

function sorted(list: unknown): unknown {
  return Array.isArray(list) ? list.map(String).toSorted() : list
}

function byKey(record: unknown): unknown {
  return Object.fromEntries(Object.entries(record ?? {}).toSorted())
}

function differ(what: string, expected: unknown, got: unknown): readonly Difference[] {
  const [a, b] = [show(expected), show(got)]
  return a === b ? [] : [{ what, expected: a, got: b }]
}

function show(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? null)
}
