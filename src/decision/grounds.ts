import type { AccessRequest } from '../domain/access-request.ts'
import { authAge, provenRank } from '../domain/assurance.ts'
import type { Grounds, Presented } from '../domain/decision.ts'
import type { CompiledPolicy, CompiledRule } from '../policy/compiled-policy.ts'
import type { Considered } from './evaluate.ts'
import type { RiskAssessment } from './risk.ts'
import type { Caller } from './world.ts'

/** One request whose rules have been evaluated and whose answer is being formed. */
export type Case = {
  readonly policy: CompiledPolicy
  readonly request: AccessRequest
  readonly caller: Caller
  readonly now: number
  readonly risk: Pick<RiskAssessment, 'reading' | 'indeterminate'>
  /** True when some signal of the policy that is being judged reads the caller. */
  readonly riskConcernsCaller: boolean
  readonly considered: Considered
  /** True when the login, should it have to be spent, can be. */
  readonly spendable: boolean
}

/** What led to an answer that the rules `by` decided, the first of them first. */
export function grounds(one: Case, by: readonly CompiledRule[]): Grounds {
  const { candidates, indeterminate } = one.considered
  return {
    rule: by[0]?.id ?? null,
    rules: applied(one.considered),
    indeterminate: [...indeterminate, ...one.risk.indeterminate()],
    candidates: candidates.length,
    presented: presented(one),
    revision: one.policy.revision,
    risk: one.risk.reading(),
    shadow: null,
  }
}

function presented({ policy, caller, now }: Case): Presented | null {
  if (caller.subject === null || caller.login === null) return null
  const age = authAge(caller.login, now)
  const rank = provenRank(policy.ladder, caller.subject.issuer, caller.login, now)
  return {
    level: policy.ladder[rank - 1]?.name ?? null,
    authAge: age === null ? null : Math.floor(age),
  }
}

/** Ids of the rules that took part in the answer, sorted. */
function applied(considered: Considered): readonly string[] {
  const { allows, undecidedAllows, stepUps, denies, undecidedDenies } = considered
  const all = [...allows, ...undecidedAllows, ...stepUps, ...denies, ...undecidedDenies]
  return all.map((rule) => rule.id).sort()
}
