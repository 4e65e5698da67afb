import type { Decision, Unmet } from './decision.ts'
import { numberOrNull, quote, quoteAll, quoteOrNull } from './json-text.ts'
import type { Requirement } from './requirement.ts'

/**
 * The answer, what was required, what was undecided, and what the shadow policy would have answered: JSON members with a
 * comma before each. Nothing that a caller wrote is in them.
 */
export function verdictFields(decision: Decision): string {
  const problem = decision.outcome === 'unauthenticated' ? decision.problem : null
  return (
    `,"outcome":"${decision.outcome}"` +
    `,"reason":${quoteOrNull(reasonOf(decision))}` +
    `,"problem":${quoteOrNull(problem)}` +
    `,"rule":${quoteOrNull(decision.rule)}` +
    `,"rules":${quoteAll(decision.rules)}` +
    `,"required":${requiredJson(requirementOf(decision))}` +
    `,"shortfalls":${quoteAll(unmetOf(decision)?.shortfalls ?? [])}` +
    doubtFields(decision)
  )
}

function doubtFields({ shadow, indeterminate }: Decision): string {
  let undecided = ''
  for (const { rule, missing } of indeterminate) {
    undecided += `${undecided && ','}{"rule":${quote(rule)},"missing":${quote(missing)}}`
  }
  const would =
    shadow &&
    `{"outcome":"${shadow.outcome}","rule":${quoteOrNull(shadow.rule)},"reason":${quoteOrNull(shadow.reason)}}`
  return `,"shadow":${would ?? 'null'},"indeterminate":[${undecided}]`
}

/** The reason code of a refusal; null for allow. */
export function reasonOf(decision: Decision): string | null {
  return decision.outcome === 'allow' ? null : decision.reason
}

/** What the caller's login had to prove; null where no requirement was computed. */
export function requirementOf(decision: Decision): Requirement | null {
  if (decision.outcome === 'allow') return decision.requirement
  return unmetOf(decision)?.requirement ?? null
}

/** What the login had to prove and did not. */
function unmetOf(decision: Decision): Unmet | null {
  if (decision.outcome === 'step_up') return decision
  return (decision.outcome === 'deny' && decision.unmet) || null
}

function requiredJson(requirement: Requirement | null): string {
  if (requirement === null) return 'null'
  const { level, maxAge, amr, scope, singleUse } = requirement
  const clauses = amr.map((sets) => `[${sets.map(quoteAll).join(',')}]`).join(',')
  return (
    `{"level":${quoteOrNull(level)},"max_age":${numberOrNull(maxAge)},"amr":[${clauses}]` +
    `,"scope":${quoteAll(scope)},"single_use":${singleUse}}`
  )
}
