import type { AccessRequest } from '../domain/access-request.ts'
import { type Decision, type Grounds, NO_GROUNDS } from '../domain/decision.ts'
import type { Stage } from '../domain/decision-record.ts'
import { type Aftermath, type FactNeeds, type Facts, NO_FACTS } from '../domain/facts.ts'
import type { Identity } from '../domain/identity.ts'
import type { CompiledPolicy } from '../policy/compiled-policy.ts'
import { type Evaluated, type EvaluationFault, evaluateCandidates } from './evaluate.ts'
import { judging, type Selected, type TryShadow } from './judging.ts'
import { learnable } from './learn.ts'
import { needsOf } from './needs.ts'
import { concludeWith, type Proposal } from './proposal.ts'
import { type Candidate, selectCandidates } from './select.ts'
import { satisfiedBy, settlementOf } from './settlement.ts'
import { NO_TRAIL, type TellTrail, trailOf } from './trail.ts'
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
 * What has to be looked up is taken from the input; `open` says what that is.
 */
export function decide(policy: CompiledPolicy, input: DecisionInput & { readonly facts?: Facts }) {
  return open(policy, input).decide(input.facts ?? NO_FACTS)
}

/** A request whose rules are chosen, but not evaluated yet. */
export type Opened = {
  /** What has to be looked up first; null for nothing. */
  readonly needs: FactNeeds | null
  /** True when only what is in shadow needs what is remembered: then the answer does not have to wait for that. */
  readonly onlyForShadow: boolean
  /**
   * Where the answer spends a login or gives a challenge, what it proposes is final only once that has been settled.
   * A fact that is absent is unavailable. `later` leaves out the shadow policy, which `tryShadow` then adds.
   */
  readonly decide: (facts: Facts, shadow?: 'later') => Proposal
  /** The decision that was given, with what the shadow policy would have answered to it. */
  readonly tryShadow: (given: Decision, facts: Facts) => Decision
  /** How the decision that was given came about. Costs as much as deciding did; nothing unless it is called. */
  readonly trail: TellTrail
}

/** Chooses the rules for one request, and says what they need to know. */
export function open(policy: CompiledPolicy, input: DecisionInput): Opened {
  const { identity } = input
  switch (identity.kind) {
    case 'rejected': {
      const { problem } = identity
      return done({ ...none(policy), outcome: 'unauthenticated', reason: 'invalid_token', problem })
    }
    case 'unavailable':
      return done({ ...none(policy), outcome: 'fault', reason: 'source-unavailable' })
    case 'anonymous':
      return openFor(policy, input, { subject: null, login: null })
    case 'authenticated':
      return openFor(policy, input, identity)
  }
}

function openFor(policy: CompiledPolicy, input: DecisionInput, caller: Caller): Opened {
  const { request, now, stage } = input
  const candidates = selectCandidates(policy, request)
  const evaluation = openEvaluation(policy, request, caller, now)
  const looked = needsOf(policy, request, candidates, evaluation)
  stage?.('selected')
  const selected = { policy, request, now, caller, candidates, evaluation }
  let shadow: TryShadow = unchanged
  let known: readonly Evaluated[] = []
  return {
    ...looked,
    trail: trailOf(selected, () => new Map(known.map(({ rule, verdict }) => [rule, verdict]))),
    decide: (facts, when) => {
      evaluation.know(facts)
      stage?.('facts')
      const { proposal, tryShadow, evaluated } = propose(input, selected, when !== 'later')
      shadow = tryShadow
      known = evaluated
      return proposal
    },
    tryShadow: (given, facts) => {
      evaluation.know(facts)
      return shadow(given)
    },
  }
}

type Proposed = {
  readonly proposal: Proposal
  readonly tryShadow: TryShadow
  readonly evaluated: readonly Evaluated[]
}

function propose(input: DecisionInput, selected: Selected, withShadow: boolean): Proposed {
  const { policy, caller, candidates, evaluation } = selected
  const enforced = policy.hasShadow ? candidates.filter(({ rule }) => !rule.shadow) : candidates
  const evaluated = evaluateCandidates(enforced, evaluation, false)
  if ('failedRule' in evaluated) {
    const proposal = final(failure(policy, input, candidates, evaluated))
    return { proposal, tryShadow: unchanged, evaluated: [] }
  }
  const { judged, tryShadow } = judging(selected, evaluated)
  const answer = (spendable: boolean) => {
    const decision = judged(spendable)
    return withShadow ? tryShadow(decision) : decision
  }
  const decision = answer(true)
  const aftermath = (given: Decision) => ({
    allowed: given.outcome === 'allow',
    learn: learnable(selected, given),
    satisfied: satisfiedBy(given, caller),
  })
  const rest = { tryShadow, evaluated }
  const settlement = settlementOf(decision, selected)
  if (settlement === null) return { ...rest, proposal: { settlement, decision, aftermath } }
  const unspent = () => (settlement.spend === null ? decision : answer(false))
  const conclude = concludeWith(settlement, { spent: () => decision, unspent })
  return { ...rest, proposal: { settlement, conclude, aftermath } }
}

function unchanged(given: Decision): Decision {
  return given
}

function done(decision: Decision): Opened {
  const none = { needs: null, onlyForShadow: false }
  const told = { tryShadow: unchanged, trail: () => NO_TRAIL }
  return { ...none, ...told, decide: () => final(decision) }
}

function final(decision: Decision): Proposal {
  return { settlement: null, decision, aftermath: untouched }
}

function untouched({ outcome }: Decision): Aftermath {
  return { allowed: outcome === 'allow', learn: [], satisfied: null }
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
