import type { Indeterminate } from '../domain/decision.ts'
import type { CompiledRule } from '../policy/compiled-policy.ts'
import type { Verdict } from '../policy/expression/condition.ts'
import type { Candidate } from './select.ts'
import type { Evaluation } from './world.ts'

/** What the candidates' conditions came to. All lists are sorted by rule id. */
export type Considered = {
  readonly candidates: readonly CompiledRule[]
  readonly allows: readonly CompiledRule[]
  readonly stepUps: readonly CompiledRule[]
  /** Denies whose condition is true. */
  readonly denies: readonly CompiledRule[]
  /** Denies that apply only because something was unavailable. */
  readonly undecidedDenies: readonly CompiledRule[]
  readonly indeterminate: readonly Indeterminate[]
}

/** A failure of ours while this rule was evaluated. */
export type EvaluationFault = { readonly failedRule: string; readonly error: unknown }

/**
 * Evaluates every candidate. What is undecided falls to the stricter side: a deny or step_up then applies,
 * an allow does not.
 */
export function evaluateCandidates(
  candidates: readonly Candidate[],
  evaluation: Evaluation,
): Considered | EvaluationFault {
  const outcomes: { rule: CompiledRule; verdict: Verdict }[] = []
  for (const { rule, params } of candidates) {
    evaluation.roots.request.params = params
    const outcome = evaluateRule(rule, evaluation)
    if ('failedRule' in outcome) return outcome
    outcomes.push({ rule, verdict: outcome.verdict })
  }
  const those = (effect: CompiledRule['effect'], ...accepted: ('true' | 'undecided')[]) =>
    outcomes.flatMap(({ rule, verdict }) =>
      rule.effect === effect && accepted.some((one) => is(verdict, one)) ? [rule] : [],
    )
  return {
    candidates: candidates.map(({ rule }) => rule),
    allows: those('allow', 'true'),
    stepUps: those('step_up', 'true', 'undecided'),
    denies: those('deny', 'true'),
    undecidedDenies: those('deny', 'undecided'),
    indeterminate: outcomes.flatMap(({ rule, verdict }) =>
      typeof verdict === 'boolean' ? [] : [{ rule: rule.id, missing: verdict.missing }],
    ),
  }
}

function evaluateRule(
  rule: CompiledRule,
  evaluation: Evaluation,
): { readonly verdict: Verdict } | EvaluationFault {
  try {
    const verdict = rule.condition(evaluation.roots)
    const error = evaluation.fault()
    return error === undefined ? { verdict } : { failedRule: rule.id, error }
  } catch (error) {
    return { failedRule: rule.id, error }
  }
}

function is(verdict: Verdict, wanted: 'true' | 'undecided'): boolean {
  return wanted === 'true' ? verdict === true : typeof verdict === 'object'
}
