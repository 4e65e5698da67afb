import type { Indeterminate } from '../domain/decision.ts'
import type { CompiledRule } from '../policy/compiled-policy.ts'
import type { Undecided, Verdict } from '../policy/expression/condition.ts'
import type { Candidate } from './select.ts'
import type { Evaluation } from './world.ts'

/** A rule that fits, and what its condition came to. */
export type Evaluated = { readonly rule: CompiledRule; readonly verdict: Verdict }

/** What the candidates' conditions came to, by what they do. All lists are sorted by rule id. */
export type Considered = {
  readonly candidates: readonly CompiledRule[]
  readonly allows: readonly CompiledRule[]
  /** Allows that could not be decided: they grant nothing, but what they require counts. */
  readonly undecidedAllows: readonly CompiledRule[]
  readonly stepUps: readonly CompiledRule[]
  /** Denies whose condition is true. */
  readonly denies: readonly CompiledRule[]
  /** Denies that apply only because something was unavailable. */
  readonly undecidedDenies: readonly CompiledRule[]
  readonly indeterminate: readonly Indeterminate[]
}

/** A failure of ours while this rule was evaluated. */
export type EvaluationFault = { readonly failedRule: string; readonly error: unknown }

/** What is already known of some rules. */
export type KnownVerdicts = ReadonlyMap<CompiledRule, Verdict>

/** Evaluates candidates, with the risk that the enforced or the shadow policy sees; verdicts that are known are kept. */
export function evaluateCandidates(
  candidates: readonly Candidate[],
  evaluation: Evaluation,
  shadow: boolean,
  known: KnownVerdicts | null = null,
): readonly Evaluated[] | EvaluationFault {
  const evaluated: Evaluated[] = []
  for (const candidate of candidates) {
    const { rule } = candidate
    try {
      const verdict = known?.get(rule) ?? evaluateRule(candidate, evaluation, shadow)
      evaluated.push({ rule, verdict })
    } catch (error) {
      return { failedRule: rule.id, error }
    }
  }
  return evaluated
}

/**
 * Sorts rules by what they do. What is undecided falls to the stricter side: a deny or step_up then applies,
 * an allow does not, though what it requires counts.
 */
export function consider(evaluated: readonly Evaluated[]): Considered {
  const lists: Lists = {
    allows: [],
    undecidedAllows: [],
    stepUps: [],
    denies: [],
    undecidedDenies: [],
  }
  const candidates: CompiledRule[] = []
  const indeterminate: Indeterminate[] = []
  for (const { rule, verdict } of evaluated) {
    candidates.push(rule)
    if (verdict !== false) listFor(lists, rule, verdict)?.push(rule)
    if (typeof verdict !== 'boolean')
      indeterminate.push({ rule: rule.id, missing: verdict.missing })
  }
  return { ...lists, candidates, indeterminate }
}

type Lists = Record<
  'allows' | 'undecidedAllows' | 'stepUps' | 'denies' | 'undecidedDenies',
  CompiledRule[]
>

/** Where a rule belongs whose condition is not false; null when it takes no part. */
function listFor(
  lists: Lists,
  { effect, require }: CompiledRule,
  verdict: true | Undecided,
): CompiledRule[] | null {
  switch (effect) {
    case 'allow':
      if (verdict === true) return lists.allows
      return require === null ? null : lists.undecidedAllows
    case 'step_up':
      return lists.stepUps
    case 'deny':
      return verdict === true ? lists.denies : lists.undecidedDenies
  }
}

/** A deny that is true only because of signals that could not be decided is undecided itself. */
function evaluateRule(
  { rule, params }: Candidate,
  { evaluate, risk }: Evaluation,
  shadow: boolean,
): Verdict {
  const view = { shadow, certainOnly: false }
  const verdict = evaluate(rule, params, view)
  if (verdict !== true || rule.effect !== 'deny' || !rule.readsRisk || !risk.isUncertain(view)) {
    return verdict
  }
  const certain = evaluate(rule, params, { shadow, certainOnly: true })
  return certain === true ? true : { missing: 'risk' }
}
