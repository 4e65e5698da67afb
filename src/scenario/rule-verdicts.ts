import { consider, evaluateCandidates } from '../decision/evaluate.ts'
import { isTrivial, joinRequirements, shortfalls } from '../decision/requirement.ts'
import { type Caller, type Evaluation, openEvaluation } from '../decision/world.ts'
import type { Identity } from '../domain/identity.ts'
import type { Requirement, Shortfall } from '../domain/requirement.ts'
import type { CompiledPolicy, CompiledRule } from '../policy/compiled-policy.ts'
import type { Verdict } from '../policy/expression/condition.ts'
import type { PathParams } from '../policy/match/path-template.ts'
import type { AskedScenario } from './scenario.ts'
import { factsFor } from './scenario-facts.ts'

/** What one rule came to for one request, those in shadow as if they were enforced. */
export type RuleVerdict = {
  readonly rule: CompiledRule
  /** Captured parameters; null when the rule does not fit. */
  readonly params: PathParams | null
  /** Of the condition; null when the rule does not fit, or on a failure of ours. */
  readonly verdict: Verdict | null
  readonly applies: boolean
  /** What the rule by itself requires; null when it requires nothing. */
  readonly require: OwnRequirement | null
}

/** The requirement of one rule against the login at hand; `unauthenticated` when there is no login. */
export type OwnRequirement = {
  readonly requirement: Requirement
  readonly shortfalls: readonly Shortfall[] | 'unauthenticated'
}

/** Asks every rule of a policy, by the steps that a decision is made of. */
export function ruleVerdicts(
  policy: CompiledPolicy,
  scenario: AskedScenario,
  evaluation: Evaluation = openScenario(policy, scenario),
): readonly RuleVerdict[] {
  return policy.rules.map((rule) => {
    const params = rule.fits(scenario.request)
    const require = ownRequirement(policy, rule, scenario)
    if (params === null) return { rule, params, verdict: null, applies: false, require }
    return { rule, params, require, ...evaluated(rule, params, evaluation) }
  })
}

/** Opens a made-up request to the expressions of a policy. */
export function openScenario(policy: CompiledPolicy, scenario: AskedScenario): Evaluation {
  const { request, identity, now, facts } = scenario
  const evaluation = openEvaluation(policy, request, callerOf(identity), now)
  evaluation.know(factsFor(policy, facts))
  return evaluation
}

/** Nobody, unless there is a verified caller. */
export function callerOf(identity: Identity): Caller {
  return identity.kind === 'authenticated' ? identity : { subject: null, login: null }
}

function evaluated(
  rule: CompiledRule,
  params: PathParams,
  evaluation: Evaluation,
): Pick<RuleVerdict, 'verdict' | 'applies'> {
  const outcome = evaluateCandidates([{ rule, params }], evaluation, rule.shadow)
  if ('failedRule' in outcome) return { verdict: null, applies: false }
  const { allows, stepUps, denies, undecidedDenies } = consider(outcome)
  const applies = [allows, stepUps, denies, undecidedDenies].some((rules) => rules.length > 0)
  return { verdict: outcome[0]?.verdict ?? null, applies }
}

function ownRequirement(
  { ladder }: CompiledPolicy,
  rule: CompiledRule,
  { identity, now, spendable }: AskedScenario,
): OwnRequirement | null {
  const requirement = joinRequirements([rule], ladder)
  if (isTrivial(requirement)) return null
  const { subject, login } = callerOf(identity)
  if (subject === null || login === null) return { requirement, shortfalls: 'unauthenticated' }
  return {
    requirement,
    shortfalls: shortfalls(requirement, ladder, { subject, login, now, spendable }),
  }
}
