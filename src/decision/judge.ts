import type { AccessRequest } from '../domain/access-request.ts'
import type { Decision, DenyReason, FaultReason, Unmet } from '../domain/decision.ts'
import type { CompiledRule } from '../policy/compiled-policy.ts'
import { type Challenged, challengeFor } from './challenge.ts'
import { type Case, grounds } from './grounds.ts'
import { decisiveRules, isTrivial, joinRequirements, shortfalls } from './requirement.ts'

/**
 * The answer out of what the rules came to: deny wins over all; without an applicable allow the answer is no; the
 * requirements of all applicable allow and step_up rules add up and are held against the login.
 */
export function judge(one: Case): Decision {
  const { denies, undecidedDenies, allows } = one.considered
  if (denies.length > 0) return refuse(one, denies, denyReason(denies))
  if (undecidedDenies.length > 0) return refuse(one, undecidedDenies, null)
  if (allows.length === 0) return refuse(one, [], 'no-rule')
  return judgeLogin(one)
}

/** A refusal; `reason` null means that only what was unavailable refused, which is our fault and worth a retry. */
function refuse(one: Case, by: readonly CompiledRule[], reason: DenyReason | null): Decision {
  if (one.caller.subject === null) {
    const asking = callerRules(one)
    if (asking.length > 0) return askToAuthenticate(one, asking)
  }
  if (reason === null) return fault(one, by, 'source-unavailable')
  return { ...grounds(one, by), outcome: 'deny', reason }
}

/** The rules that took part and that logging in could change. */
function callerRules({ considered, riskConcernsCaller }: Case): readonly CompiledRule[] {
  const { candidates, denies, undecidedDenies, stepUps } = considered
  const applied = new Set([...denies, ...undecidedDenies, ...stepUps])
  return candidates.filter(
    (rule) =>
      (rule.concernsCaller || (rule.readsRisk && riskConcernsCaller)) &&
      (rule.effect === 'allow' || applied.has(rule)),
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
  const { policy, caller, considered, now, spendable } = one
  const granting = [...considered.allows, ...considered.undecidedAllows, ...considered.stepUps]
  const requirement = joinRequirements(granting, policy.ladder)
  const { subject, login } = caller
  const met = () =>
    ({ ...grounds(one, considered.allows), outcome: 'allow', requirement }) satisfies Decision
  if (subject === null || login === null) {
    return isTrivial(requirement) ? met() : askToAuthenticate(one, callerRules(one))
  }
  const short = shortfalls(requirement, policy.ladder, { subject, login, now, spendable })
  if (short.length === 0) return met()
  const by = decisiveRules(granting.toSorted(byId), requirement, short)
  return stepUp(one, by, { subject, login }, { requirement, shortfalls: short })
}

/** The challenge that would help, or a denial that says why none would. */
function stepUp(
  one: Case,
  by: readonly CompiledRule[],
  caller: Challenged,
  unmet: Unmet,
): Decision {
  const { requirement, shortfalls: short } = unmet
  const onlyScope = short.every((what) => what === 'scope')
  const challenge = onlyScope
    ? { acrValues: [], maxAge: null, scope: requirement.scope }
    : challengeFor(requirement, one.policy.ladder, caller)
  if (challenge === null)
    return { ...grounds(one, by), outcome: 'deny', reason: 'step-up-impossible', unmet }
  const reason = onlyScope ? 'insufficient_scope' : 'insufficient_user_authentication'
  return { ...grounds(one, by), outcome: 'step_up', reason, ...unmet, challenge }
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
