import type { Decision } from '../domain/decision.ts'
import type { CompiledPolicy, CompiledRule } from '../policy/compiled-policy.ts'
import type { RequestMatch } from '../policy/match/request-matcher.ts'
import type { RuleVerdict } from './rule-verdicts.ts'
import type { TestResult } from './run-tests.ts'

/** What tests can see of a rule: it applies or not; what it requires is met or not. */
export type Sight = 'applies' | 'does not apply' | 'met' | 'not met'

/** How much of a policy its tests saw. */
export type Coverage = {
  readonly rules: readonly RuleCoverage[]
  readonly seen: number
  readonly wanted: number
  /** Rounded down, so that 100 means all. */
  readonly percent: number
}

/** One rule: what some test saw of it, and what none did. */
export type RuleCoverage = {
  readonly rule: string
  readonly seen: readonly Sight[]
  readonly missing: readonly Sight[]
}

/** Holds the results of all tests against what there is to see of each rule. */
export function measureCoverage(policy: CompiledPolicy, results: readonly TestResult[]): Coverage {
  const seen = new Map(policy.rules.map(({ id }) => [id, new Set<Sight>()]))
  for (const result of results) {
    if (result.kind !== 'decided') continue
    for (const verdict of result.verdicts) {
      for (const sight of sightsOf(verdict, result.decision)) seen.get(verdict.rule.id)?.add(sight)
    }
  }
  return sum(policy.rules.map((rule) => ruleCoverage(rule, seen.get(rule.id) ?? new Set())))
}

function ruleCoverage(rule: CompiledRule, seen: ReadonlySet<Sight>): RuleCoverage {
  const wanted = sightsToSee(rule)
  return {
    rule: rule.id,
    seen: wanted.filter((sight) => seen.has(sight)),
    missing: wanted.filter((sight) => !seen.has(sight)),
  }
}

function sum(rules: readonly RuleCoverage[]): Coverage {
  const seen = rules.reduce((count, rule) => count + rule.seen.length, 0)
  const wanted = rules.reduce((count, rule) => count + rule.missing.length, seen)
  return { rules, seen, wanted, percent: wanted === 0 ? 100 : Math.floor((100 * seen) / wanted) }
}

/** A rule for every request can never be seen not to apply. */
function sightsToSee(rule: CompiledRule): readonly Sight[] {
  const always = !hasCondition(rule) && rule.bounds === null && fitsEverything(rule.match)
  const login: readonly Sight[] = rule.require === null ? [] : ['met', 'not met']
  return ['applies', ...(always ? [] : (['does not apply'] as const)), ...login]
}

/** Where there is a condition, a request that `match` keeps out says nothing about it. */
function sightsOf({ rule, params, applies, require }: RuleVerdict, decision: Decision): Sight[] {
  if (!applies) return params === null && hasCondition(rule) ? [] : ['does not apply']
  if (require === null || !isJudgedByLogin(decision)) return ['applies']
  return ['applies', require.shortfalls.length === 0 ? 'met' : 'not met']
}

/** Only then did the requirements of the rules matter. */
function isJudgedByLogin(decision: Decision): boolean {
  switch (decision.outcome) {
    case 'allow':
    case 'step_up':
      return true
    case 'unauthenticated':
      return decision.reason === 'unauthenticated'
    case 'deny':
      return decision.reason === 'step-up-impossible'
    case 'fault':
      return false
  }
}

function hasCondition({ when, unless }: CompiledRule): boolean {
  return when !== null || unless !== null
}

function fitsEverything(match: RequestMatch): boolean {
  return Object.values(match).every((list) => list.length === 0)
}
