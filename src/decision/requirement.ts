import { authAge, evidenceRank, inDate, type Ladder, usedMethods } from '../domain/assurance.ts'
import type { Login, Subject } from '../domain/identity.ts'
import type { Requirement, Shortfall } from '../domain/requirement.ts'
import type { CompiledRule, RuleRequirement } from '../policy/compiled-policy.ts'

const NO_SCOPE: readonly string[] = []

/**
 * The join of what all applicable rules require: the highest level with its age limit, the shortest age, every
 * method clause side by side, every scope. A join, so the order of rules never matters.
 */
export function joinRequirements(rules: readonly CompiledRule[], ladder: Ladder): Requirement {
  let rank = 0
  let maxAge: number | null = null
  let singleUse = false
  const amr: (readonly (readonly string[])[])[] = []
  let scope: readonly string[] = NO_SCOPE
  for (const { require } of rules) {
    if (require === null) continue
    rank = Math.max(rank, require.rank)
    maxAge = shorter(maxAge, require.maxAge)
    singleUse ||= require.singleUse
    if (require.amr.length > 0) amr.push(require.amr)
    if (require.scope.length > 0) scope = union(scope, require.scope)
  }
  const level = ladder[rank - 1]
  maxAge = shorter(maxAge, level?.maxAge ?? null)
  return { rank, level: level?.name ?? null, maxAge, amr, scope, singleUse }
}

/** True when nothing is required: then even nobody meets it. */
export function isTrivial({ rank, maxAge, amr, scope, singleUse }: Requirement): boolean {
  return rank === 0 && maxAge === null && amr.length === 0 && scope.length === 0 && !singleUse
}

/** A login that is held against a requirement. */
export type JudgedLogin = {
  readonly subject: Subject
  readonly login: Login
  /** Milliseconds since the epoch. */
  readonly now: number
  /** True when the login can be spent on the operation at hand. */
  readonly spendable: boolean
}

/**
 * How a login falls short; empty when it meets the requirement. Age is judged apart from strength, so that
 * `too-old` means that logging in again the same way would do.
 */
export function shortfalls(
  requirement: Requirement,
  ladder: Ladder,
  judged: JudgedLogin,
): readonly Shortfall[] {
  const { maxAge, amr, scope, singleUse } = requirement
  const { subject, login, now, spendable } = judged
  const short: Shortfall[] = []
  if (evidenceRank(ladder, subject.issuer, login) < requirement.rank) short.push(weakness(login))
  const age = authAge(login, now)
  if (!inDate(age, maxAge) || (singleUse && age === null)) short.push(staleness(login))
  if (singleUse && !spendable) short.push('not-single-use')
  if (!amr.every((clause) => usedMethods(login, clause))) short.push('wrong-method')
  if (!scope.every((one) => subject.scopes?.includes(one) ?? false)) short.push('scope')
  return short.length > 1 ? [...new Set(short)] : short
}

function weakness({ acr, acrs, amr }: Login): Shortfall {
  return acr === undefined && acrs === undefined && amr === undefined ? 'missing' : 'too-weak'
}

function staleness({ authTime }: Login): Shortfall {
  return authTime === undefined ? 'missing' : 'too-old'
}

/** The rules that set the part of the requirement which is not met: the level, then the age, then the rest. */
export function decisiveRules(
  rules: readonly CompiledRule[],
  requirement: Requirement,
  short: readonly Shortfall[],
): readonly CompiledRule[] {
  const byLevel = (one: RuleRequirement) => one.rank === requirement.rank && requirement.rank > 0
  const byAge = (one: RuleRequirement) => one.maxAge !== null && one.maxAge === requirement.maxAge
  const byRest = (one: RuleRequirement) =>
    one.singleUse || one.amr.length > 0 || one.scope.length > 0
  const weak = short.includes('too-weak') || short.includes('missing')
  const order = weak
    ? [byLevel, byAge, byRest]
    : short.includes('too-old')
      ? [byAge, byLevel, byRest]
      : [byRest, byLevel, byAge]
  for (const sets of order) {
    const found = rules.filter(({ require }) => require !== null && sets(require))
    if (found.length > 0) return found
  }
  return rules
}

function shorter(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b
  return Math.min(a, b)
}

function union(some: readonly string[], more: readonly string[]): readonly string[] {
  return [...new Set([...some, ...more])].toSorted()
}
