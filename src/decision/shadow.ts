import type { Decision, ShadowOutcome } from '../domain/decision.ts'
import type { CompiledPolicy } from '../policy/compiled-policy.ts'
import { consider, type Evaluated, evaluateCandidates, type KnownVerdicts } from './evaluate.ts'
import type { Candidate } from './select.ts'
import type { Evaluation } from './world.ts'

/**
 * What the policy would answer with every shadow part enforced and every `replaces` carried out; null when nothing in
 * shadow took part. It changes nothing: a failure in it is only its own outcome.
 */
export function shadowOutcome(
  policy: CompiledPolicy,
  candidates: readonly Candidate[],
  enforced: readonly Evaluated[],
  evaluation: Evaluation,
  judge: (evaluated: ReturnType<typeof consider>) => Decision,
): ShadowOutcome | null {
  const inPlay = candidates.filter(({ rule }) => !policy.replaced.has(rule.id))
  const touched = inPlay.length < candidates.length || inPlay.some(({ rule }) => rule.shadow)
  const riskDiffers = policy.risk.signals.some((signal) => signal.shadow)
  if (!touched && !riskDiffers) return null
  try {
    const evaluated = evaluateCandidates(inPlay, evaluation, true, reusable(enforced, riskDiffers))
    if ('failedRule' in evaluated) return failed(evaluated.failedRule)
    const decision = judge(consider(evaluated))
    return { outcome: decision.outcome, rule: decision.rule, reason: reasonOf(decision) }
  } catch {
    return failed(null)
  }
}

/** Verdicts hold for both policies, unless they depend on a risk that is not the same. */
function reusable(enforced: readonly Evaluated[], riskDiffers: boolean): KnownVerdicts {
  const same = enforced.filter(({ rule }) => !(riskDiffers && rule.readsRisk))
  return new Map(same.map(({ rule, verdict }) => [rule, verdict]))
}

function failed(rule: string | null): ShadowOutcome {
  return { outcome: 'fault', rule, reason: 'evaluation-failed' }
}

function reasonOf(decision: Decision): string | null {
  return 'reason' in decision ? decision.reason : null
}
