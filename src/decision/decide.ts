import type { AccessRequest } from '../domain/access-request.ts'
import { type Decision, type DenyReason, type FaultReason, NO_GROUNDS } from '../domain/decision.ts'
import type { Stage } from '../domain/decision-record.ts'
import type { Identity } from '../domain/identity.ts'
import type { CompiledPolicy, CompiledRule } from '../policy/compiled-policy.ts'
import { challengeFor } from './challenge.ts'
import { type Considered, evaluateCandidates } from './evaluate.ts'
import { type Case, grounds } from './grounds.ts'
import { decisiveRules, isTrivial, joinRequirements, shortfalls } from './requirement.ts'
import { selectCandidates } from './select.ts'
import { type Caller, openEvaluation } from './world.ts'

/** Everything that a decision is made of besides the policy. */
export type DecisionInput = {
  readonly request: AccessRequest
  readonly identity: Identity
  /** Milliseconds since the epoch. */
  readonly now: number
  /** Told when the candidates are known and when the facts are there. */
  readonly stage: (stage: Stage) => void
}

/**
 * Decides one request: the strictest applicable rule wins, whatever the order. Deny wins over all; without an
 * applicable allow the answer is no; the requirements of all applicable allow and step_up rules add up.
 * Total: a failure of ours is a `fault`.
 */
export function decide(policy: CompiledPolicy, input: DecisionInput): Decision {
  const { identity } = input
  const grounds = { ...NO_GROUNDS, revision: policy.revision }
  switch (identity.kind) {
    case 'rejected':
      return {
        ...grounds,
        outcome: 'unauthenticated',
        reason: 'invalid_token',
        problem: identity.problem,
      }
    case 'unavailable':
      return { ...grounds, outcome: 'fault', reason: 'source-unavailable' }
    case 'anonymous':
      return decideFor(policy, input, { subject: null, login: null })
    case 'authenticated':
      return decideFor(policy, input, identity)
  }
}

function decideFor(policy: CompiledPolicy, input: DecisionInput, caller: Caller): Decision {
  const { request, now, stage } = input
  const candidates = selectCandidates(policy, request)
  stage('selected')
  const evaluation = openEvaluation(policy, request, caller, now)
  stage('facts')
  const considered = evaluateCandidates(candidates, evaluation)
  if ('failedRule' in considered) {
    const grounds = {
      ...NO_GROUNDS,
      rule: considered.failedRule,
      candidates: candidates.length,
      revision: policy.revision,
    }
    return { ...grounds, outcome: 'fault', reason: 'evaluation-failed' }
  }
  return judge({ policy, request, caller, now, considered })
}

function judge(one: Case): Decision {
  const { denies, undecidedDenies, allows } = one.considered
  if (denies.length > 0) return refuse(one, denies, denyReason(denies))
  if (undecidedDenies.length > 0) return refuse(one, undecidedDenies, null)
  if (allows.length === 0) return refuse(one, [], 'no-rule')
  return judgeLogin(one)
}

/** A refusal; `reason` null means that only what was unavailable refused, which is our fault and worth a retry. */
function refuse(one: Case, by: readonly CompiledRule[], reason: DenyReason | null): Decision {
  if (one.caller.subject === null) {
    const asking = callerRules(one.considered)
    if (asking.length > 0) return askToAuthenticate(one, asking)
  }
  if (reason === null) return fault(one, by, 'source-unavailable')
  return { ...grounds(one, by), outcome: 'deny', reason }
}

/** The rules that took part and that logging in could change. */
function callerRules({
  candidates,
  denies,
  undecidedDenies,
  stepUps,
}: Considered): readonly CompiledRule[] {
  const applied = new Set([...denies, ...undecidedDenies, ...stepUps])
  return candidates.filter(
    (rule) => rule.concernsCaller && (rule.effect === 'allow' || applied.has(rule)),
  )
}

function askToAuthenticate(one: Case, by: readonly CompiledRule[]): Decision {
  if (isPreflight(one.request)) return { ...grounds(one, []), outcome: 'deny', reason: 'no-rule' }
  return {
    ...grounds(one, by),
    outcome: 'unauthenticated',
    reason: 'unauthenticated',
    problem: null,
  }
}

/** A browser sends a preflight without credentials by design (Fetch §3.3): a challenge would only mislead. */
function isPreflight({ method, headers }: AccessRequest): boolean {
  return (
    method === 'OPTIONS' && headers.has('origin') && headers.has('access-control-request-method')
  )
}

function judgeLogin(one: Case): Decision {
  const { policy, caller, considered, now } = one
  const granting = [...considered.allows, ...considered.stepUps]
  const requirement = joinRequirements(granting, policy.ladder)
  const allow = (): Decision => ({
    ...grounds(one, considered.allows),
    outcome: 'allow',
    requirement,
  })
  if (caller.subject === null || caller.login === null) {
    return isTrivial(requirement) ? allow() : askToAuthenticate(one, callerRules(considered))
  }
  const short = shortfalls(requirement, policy.ladder, caller.subject, caller.login, now)
  if (short.length === 0) return allow()
  const by = decisiveRules(granting.toSorted(byId), requirement, short)
  const onlyScope = short.every((what) => what === 'scope')
  const challenge = onlyScope
    ? { acrValues: [], maxAge: null, scope: requirement.scope }
    : challengeFor(requirement, policy.ladder, caller.subject)
  if (challenge === null)
    return { ...grounds(one, by), outcome: 'deny', reason: 'step-up-impossible' }
  const reason = onlyScope ? 'insufficient_scope' : 'insufficient_user_authentication'
  return {
    ...grounds(one, by),
    outcome: 'step_up',
    reason,
    requirement,
    shortfalls: short,
    challenge,
  }
}

function denyReason(denies: readonly CompiledRule[]): DenyReason {
  return denies[0]?.reason ?? 'denied'
}

function fault(one: Case, by: readonly CompiledRule[], reason: FaultReason): Decision {
  return { ...grounds(one, by), outcome: 'fault', reason }
}

function byId(a: CompiledRule, b: CompiledRule): number {
  return a.id < b.id ? -1 : 1
}
