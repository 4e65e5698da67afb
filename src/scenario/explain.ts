import { authAge, provenRank } from '../domain/assurance.ts'
import type { Decision } from '../domain/decision.ts'
import type { CompiledPolicy, CompiledRule, CompiledSignal } from '../policy/compiled-policy.ts'
import { compileCondition, type Verdict } from '../policy/expression/condition.ts'
import type { Expression } from '../policy/expression/expression.ts'
import { explainMatch, type Misfit } from '../policy/match/explain-match.ts'
import { decideScenario } from './decide-scenario.ts'
import { type NameReading, readNames, type Viewpoint } from './read-names.ts'
import {
  callerOf,
  type OwnRequirement,
  openScenario,
  type RuleVerdict,
  ruleVerdicts,
} from './rule-verdicts.ts'
import type { AskedScenario } from './scenario.ts'

/** Why a made-up request is decided as it is, rule by rule. */
export type Explanation = {
  readonly decision: Decision
  /** What the login proves now; null without one. */
  readonly proven: Proven | null
  /** Sorted by id. */
  readonly rules: readonly RuleExplanation[]
  readonly signals: readonly SignalExplanation[]
}

/** The highest level in date, and the age of the login in seconds when it is known. */
export type Proven = { readonly level: string | null; readonly age: number | null }

/** Whether something fits, by which keys it does not, and what its conditions came to. */
type Considered = {
  readonly id: string
  readonly description: string | null
  readonly shadow: boolean
  readonly fits: boolean
  /** Empty when it fits; a key of the file's bounds starts with `bounds.`. */
  readonly misfits: readonly Misfit[]
  /** Only of what fits. */
  readonly conditions: readonly ConditionExplanation[]
}

export type RuleExplanation = Considered & {
  readonly effect: CompiledRule['effect']
  readonly replaces: string | null
  readonly applies: boolean
  /** True when it applies, or does not, only for want of something. */
  readonly undecided: boolean
  readonly require: OwnRequirement | null
}

export type SignalExplanation = Considered & { readonly score: number; readonly counts: boolean }

/** One half of a condition, with its three-valued result and the values that it saw. */
export type ConditionExplanation = {
  readonly key: 'when' | 'unless'
  readonly text: string
  readonly result: Verdict
  readonly reads: readonly NameReading[]
}

/** Explains the decision on a request that reaches the rules. */
export function explainScenario(policy: CompiledPolicy, scenario: AskedScenario): Explanation {
  const evaluation = openScenario(policy, scenario)
  const verdicts = ruleVerdicts(policy, scenario, evaluation)
  const proven = provenBy(policy, scenario)
  const viewpoint = { evaluation, level: proven?.level ?? null }
  const consider = (one: CompiledRule | CompiledSignal, tightens: boolean) =>
    considered(one, tightens, scenario, viewpoint)
  return {
    decision: decideScenario(policy, scenario),
    proven,
    rules: verdicts.map((verdict) => ({
      ...consider(verdict.rule, verdict.rule.effect !== 'allow'),
      ...ruleFacts(verdict),
    })),
    signals: policy.risk.signals.map((signal) => {
      const facts = consider(signal, true)
      const counts = facts.fits && facts.conditions.every(countsTowards)
      return { ...facts, score: signal.score, counts }
    }),
  }
}

function ruleFacts({ rule, verdict, applies, require }: RuleVerdict) {
  const { effect, replaces } = rule
  const undecided = verdict !== null && typeof verdict !== 'boolean'
  return { effect, replaces, applies, undecided, require }
}

/** What is undecided counts. */
function countsTowards({ key, result }: ConditionExplanation): boolean {
  return result !== (key === 'unless')
}

function provenBy({ ladder }: CompiledPolicy, { identity, now }: AskedScenario): Proven | null {
  const { subject, login } = callerOf(identity)
  if (subject === null || login === null) return null
  const rank = provenRank(ladder, subject.issuer, login, now)
  return { level: ladder[rank - 1]?.name ?? null, age: authAge(login, now) }
}

function considered(
  one: CompiledRule | CompiledSignal,
  tightens: boolean,
  { request }: AskedScenario,
  viewpoint: Pick<Viewpoint, 'evaluation' | 'level'>,
): Considered {
  const { id, description, shadow, scope } = one
  const params = one.fits(request)
  const facts = { id, description, shadow, fits: params !== null }
  if (params === null)
    return { ...facts, misfits: misfitsOf(one, tightens, request), conditions: [] }
  const from = { ...viewpoint, scope, params, view: { shadow, certainOnly: false } }
  const conditions = [...half('when', one.when, from), ...half('unless', one.unless, from)]
  return { ...facts, misfits: [], conditions }
}

function misfitsOf(
  { match, bounds }: CompiledRule | CompiledSignal,
  tightens: boolean,
  request: AskedScenario['request'],
): readonly Misfit[] {
  const outside = bounds ? explainMatch(bounds, tightens, request) : []
  const prefixed = outside.map((misfit) => ({ ...misfit, key: `bounds.${misfit.key}` }))
  return [...prefixed, ...explainMatch(match, tightens, request)]
}

function half(
  key: 'when' | 'unless',
  expression: Expression | null,
  viewpoint: Viewpoint,
): readonly ConditionExplanation[] {
  if (expression === null) return []
  const reads = readNames(expression, viewpoint)
  return [{ key, text: expression.text, result: resultOf(expression, viewpoint), reads }]
}

/** A failure of ours is shown in the place of what it kept from being known. */
function resultOf(expression: Expression, { evaluation, scope, params, view }: Viewpoint): Verdict {
  const condition = compileCondition(expression, null)
  try {
    return evaluation.evaluate({ scope, condition }, params, view)
  } catch (error) {
    return { missing: `the value of a function that failed: ${String(error)}` }
  }
}
