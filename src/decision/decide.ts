import type { AccessRequest } from '../domain/access-request.ts'
import { type Decision, type Grounds, NO_GROUNDS } from '../domain/decision.ts'
import type { Stage } from '../domain/decision-record.ts'
import type { Identity } from '../domain/identity.ts'
import type { CompiledPolicy } from '../policy/compiled-policy.ts'
import { consider, type EvaluationFault, evaluateCandidates } from './evaluate.ts'
import { judge } from './judge.ts'
import { type Candidate, selectCandidates } from './select.ts'
import { shadowOutcome } from './shadow.ts'
import { type Caller, openEvaluation } from './world.ts'

/** Everything that a decision is made of besides the policy. */
export type DecisionInput = {
  readonly request: AccessRequest
  readonly identity: Identity
  /** Milliseconds since the epoch. */
  readonly now: number
  /** Told when the candidates are known and when the facts are there. */
  readonly stage?: (stage: Stage) => void
  /** Told of the exception behind a fault of ours. */
  readonly failed?: (error: unknown) => void
}

/**
 * Decides one request: the strictest applicable rule wins, whatever the order. Total: a failure of ours is a `fault`.
 */
export function decide(policy: CompiledPolicy, input: DecisionInput): Decision {
  const { identity } = input
  switch (identity.kind) {
    case 'rejected': {
      const { problem } = identity
      return { ...none(policy), outcome: 'unauthenticated', reason: 'invalid_token', problem }
    }
    case 'unavailable':
      return { ...none(policy), outcome: 'fault', reason: 'source-unavailable' }
    case 'anonymous':
      return decideFor(policy, input, { subject: null, login: null })
    case 'authenticated':
      return decideFor(policy, input, identity)
  }
}

function decideFor(policy: CompiledPolicy, input: DecisionInput, caller: Caller): Decision {
  const { request, now, stage } = input
  const candidates = selectCandidates(policy, request)
  stage?.('selected')
  const evaluation = openEvaluation(policy, request, caller, now)
  stage?.('facts')
  const enforced = policy.hasShadow ? candidates.filter(({ rule }) => !rule.shadow) : candidates
  const evaluated = evaluateCandidates(enforced, evaluation, false)
  if ('failedRule' in evaluated) return failure(policy, input, candidates, evaluated)
  const concerning = policy.risk.signals.filter((signal) => signal.concernsCaller)
  const one = { policy, request, caller, now, risk: evaluation.risk }
  const riskConcernsCaller = concerning.some((signal) => !signal.shadow)
  const decision = judge({ ...one, riskConcernsCaller, considered: consider(evaluated) })
  if (!policy.hasShadow) return decision
  const shadow = shadowOutcome(policy, candidates, evaluated, evaluation, (considered) =>
    judge({ ...one, riskConcernsCaller: concerning.length > 0, considered }),
  )
  return { ...decision, shadow }
}

function none({ revision }: CompiledPolicy): Grounds {
  return { ...NO_GROUNDS, revision }
}

function failure(
  { revision }: CompiledPolicy,
  { failed }: DecisionInput,
  candidates: readonly Candidate[],
  { failedRule, error }: EvaluationFault,
): Decision {
  failed?.(error)
  const grounds: Grounds = {
    ...NO_GROUNDS,
    rule: failedRule,
    candidates: candidates.length,
    revision,
  }
  return { ...grounds, outcome: 'fault', reason: 'evaluation-failed' }
}
