import type { AccessRequest } from '../domain/access-request.ts'
import type { Decision } from '../domain/decision.ts'
import type { FactKind } from '../domain/facts.ts'
import type { CompiledPolicy, CompiledRule, CompiledSignal } from '../policy/compiled-policy.ts'
import { type Caller, ENFORCED, type Evaluation, NO_PARAMS, openEvaluation } from './world.ts'

/** A decided request. */
type Decided = {
  readonly policy: CompiledPolicy
  readonly request: AccessRequest
  readonly caller: Caller
  readonly now: number
  readonly evaluation: Evaluation
}

/**
 * What may be learnt of a request: only of an allowed one, and only while nothing that reads the fact objects, or with a
 * login that is newer than the first sight of the value. So a stolen session teaches nothing, whatever it asks for first.
 */
export function learnable(decided: Decided, decision: Decision): readonly FactKind[] {
  const { unlearnt } = decided.evaluation.facts()
  if (decision.outcome !== 'allow' || unlearnt === undefined) return []
  return [...unlearnt].flatMap(([kind, login]) =>
    login === 'login-newer' || !isObjectedTo(kind, decided) ? [kind] : [],
  )
}

/**
 * True when some guard of the fact is on, or cannot be decided, for any request that this caller could make now: else a
 * harmless one could teach what a dangerous one is asked about.
 */
function isObjectedTo(
  kind: FactKind,
  { policy, request, caller, now, evaluation }: Decided,
): boolean {
  const any = openEvaluation(policy, request, caller, now, 'any')
  any.know(evaluation.facts())
  return (policy.guards.get(kind) ?? []).some((guard) => objects(guard, any))
}

/** An allow grants by the fact, and so always objects. */
function objects(guard: CompiledRule | CompiledSignal, { evaluate }: Evaluation): boolean {
  if ('effect' in guard && guard.effect === 'allow') return true
  return evaluate(guard, NO_PARAMS, ENFORCED) !== false
}
