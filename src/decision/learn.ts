import type { Decision } from '../domain/decision.ts'
import type { FactKind } from '../domain/facts.ts'
import type { CompiledPolicy, CompiledRule, CompiledSignal } from '../policy/compiled-policy.ts'
import { isOfParams } from '../policy/expression/walk.ts'
import { ENFORCED, type Evaluation, NO_PARAMS } from './world.ts'

/**
 * What may be learnt of a request: only of an allowed one, and only while nothing that reads the fact objects, or with a
 * login that is newer than the first sight of the value. So a stolen session teaches nothing, whatever it asks for first.
 */
export function learnable(
  policy: CompiledPolicy,
  decision: Decision,
  evaluation: Evaluation,
): readonly FactKind[] {
  const { unlearnt } = evaluation.facts()
  if (decision.outcome !== 'allow' || unlearnt === undefined) return []
  return [...unlearnt].flatMap(([kind, login]) => {
    const objects = () => (policy.guards.get(kind) ?? []).some((one) => holds(one, evaluation))
    return login === 'login-newer' || !objects() ? [kind] : []
  })
}

/**
 * True when a signal or tightening rule is on, or cannot be decided, whatever requests it is meant for: else one that
 * it does not watch could teach what it would object to. An allow grants by the fact, and so always objects.
 */
function holds(one: CompiledRule | CompiledSignal, { evaluate }: Evaluation): boolean {
  if ('effect' in one && (one.effect === 'allow' || readsParams(one))) return true
  return evaluate(one, NO_PARAMS, ENFORCED) !== false
}

/** Captured by the paths of the rule, which need not be those of this request. */
function readsParams({ when, unless }: CompiledRule): boolean {
  return [when, unless].some((half) => half !== null && [...half.reads].some(isOfParams))
}
