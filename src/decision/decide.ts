import type { AccessRequest } from '../domain/access-request.ts'
import { type Decision, type Grounds, NO_GROUNDS } from '../domain/decision.ts'
import type { Stage } from '../domain/decision-record.ts'
import { type Aftermath, type FactNeeds, type Facts, NO_FACTS } from '../domain/facts.ts'
import type { Identity } from '../domain/identity.ts'
import type { CompiledPolicy } from '../policy/compiled-policy.ts'
import { consider, type Evaluated, type EvaluationFault, evaluateCandidates } from './evaluate.ts'
import type { Case } from './grounds.ts'
import { judge } from './judge.ts'
import { learnable } from './learn.ts'
import { needsOf } from './needs.ts'
import { concludeWith, type Proposal } from './proposal.ts'
import type { RiskAssessment } from './risk.ts'
import { type Candidate, selectCandidates } from './select.ts'
import { satisfiedBy, settlementOf } from './settlement.ts'
import { shadowOutcome } from './shadow.ts'
import { type Caller, type Evaluation, openEvaluation } from './world.ts'

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
  /** True when only what is in shadow needs it: then the answer does not have to wait. */
  readonly onlyForShadow: boolean
  /**
   * Where the answer spends a login or gives a challenge, what it proposes is final only once that has been settled.
   * A fact that is absent is unavailable. `later` leaves out the shadow policy, which `tryShadow` then adds.
   */
  readonly decide: (facts: Facts, shadow?: 'later') => Proposal
  /** The decision that was given, with what the shadow policy would have answered to it. */
  readonly tryShadow: (given: Decision, facts: Facts) => Decision
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
  return {
    ...looked,
    decide: (facts, when) => {
      evaluation.know(facts)
      stage?.('facts')
      const { proposal, tryShadow } = propose(input, selected, when !== 'later')
      shadow = tryShadow
      return proposal
    },
    tryShadow: (given, facts) => {
      evaluation.know(facts)
      return shadow(given)
    },
  }
}

type Selected = Pick<Case, 'policy' | 'request' | 'caller' | 'now'> & {
  readonly candidates: readonly Candidate[]
  readonly evaluation: Evaluation
}

type TryShadow = (given: Decision) => Decision

function propose(
  input: DecisionInput,
  selected: Selected,
  withShadow: boolean,
): { readonly proposal: Proposal; readonly tryShadow: TryShadow } {
  const { policy, caller, candidates, evaluation } = selected
  const enforced = policy.hasShadow ? candidates.filter(({ rule }) => !rule.shadow) : candidates
  const evaluated = evaluateCandidates(enforced, evaluation, false)
  if ('failedRule' in evaluated) {
    const proposal = final(failure(policy, input, candidates, evaluated))
    return { proposal, tryShadow: unchanged }
  }
  const { judged, tryShadow } = judging(selected, evaluated)
  const answer = (spendable: boolean) => {
    const decision = judged(spendable)
    return withShadow ? tryShadow(decision) : decision
  }
  const decision = answer(true)
  const aftermath = (given: Decision) => ({
    allowed: given.outcome === 'allow',
    learn: learnable(policy, given, evaluation),
    satisfied: satisfiedBy(given, caller),
  })
  const settlement = settlementOf(decision, selected)
  if (settlement === null) return { proposal: { settlement, decision, aftermath }, tryShadow }
  const unspent = () => (settlement.spend === null ? decision : answer(false))
  const conclude = concludeWith(settlement, { spent: () => decision, unspent })
  return { proposal: { settlement, conclude, aftermath }, tryShadow }
}

/** The judgement when a login that has to be spent can be, and when it cannot; and that of the shadow policy beside it. */
function judging(
  { candidates, evaluation, ...known }: Selected,
  evaluated: readonly Evaluated[],
): { readonly judged: (spendable: boolean) => Decision; readonly tryShadow: TryShadow } {
  const { policy } = known
  const risk = seenSoFar(evaluation.risk)
  const concerning = policy.risk.signals.filter((signal) => signal.concernsCaller)
  const riskConcernsCaller = concerning.some((signal) => !signal.shadow)
  const considered = consider(evaluated)
  const inShadow = { ...known, risk, riskConcernsCaller: concerning.length > 0 }
  return {
    judged: (spendable) => judge({ ...known, risk, riskConcernsCaller, considered, spendable }),
    tryShadow: (given) => {
      if (!policy.hasShadow) return given
      const shadow = shadowOutcome(policy, candidates, evaluated, evaluation, (seen) => {
        const hopeful = judge({ ...inShadow, considered: seen, spendable: true })
        // What is tried in shadow spends nothing, but shares what is spent anyway.
        if (!spends(hopeful) || spends(given)) return hopeful
        return judge({ ...inShadow, considered: seen, spendable: false })
      })
      return { ...given, shadow }
    },
  }
}

function unchanged(given: Decision): Decision {
  return given
}

/** The risk as the enforced rules read it: what is tried in shadow may read it afterwards. */
function seenSoFar(risk: RiskAssessment): Case['risk'] {
  const [reading, indeterminate] = [risk.reading(), risk.indeterminate()]
  return { reading: () => reading, indeterminate: () => indeterminate }
}

function spends(decision: Decision): boolean {
  return decision.outcome === 'allow' && decision.requirement.singleUse
}

function done(decision: Decision): Opened {
  const none = { needs: null, onlyForShadow: false }
  return { ...none, decide: () => final(decision), tryShadow: unchanged }
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
