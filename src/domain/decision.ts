import type { TokenProblem } from './identity.ts'
import type { Challenge, Requirement, Shortfall } from './requirement.ts'

/** The five answers, under the same names in YAML, logs, metrics and spans. */
export type Outcome = Decision['outcome']

/**
 * The answer to one request, with its grounds. A closed union: nothing in it starts as allowed,
 * and whoever handles it handles every member.
 */
export type Decision =
  | (Grounds & { readonly outcome: 'allow'; readonly requirement: Requirement })
  | (Grounds & {
      readonly outcome: 'step_up'
      readonly reason: 'insufficient_user_authentication' | 'insufficient_scope'
      readonly requirement: Requirement
      readonly shortfalls: readonly Shortfall[]
      readonly challenge: Challenge
    })
  | (Grounds & {
      readonly outcome: 'deny'
      readonly reason: DenyReason
      /** Set where a requirement was not met and no challenge would help. */
      readonly unmet?: Unmet
    })
  | (Grounds & {
      readonly outcome: 'unauthenticated'
      readonly reason: 'unauthenticated' | 'invalid_token'
      /** Set with `invalid_token`: which check the credential failed. */
      readonly problem: TokenProblem | null
    })
  | (Grounds & { readonly outcome: 'fault'; readonly reason: FaultReason })

/** A requirement, and how the login falls short of it. */
export type Unmet = {
  readonly requirement: Requirement
  readonly shortfalls: readonly Shortfall[]
}

/** What led to the answer. Refusals before any rule carry `NO_GROUNDS`. */
export type Grounds = {
  /** The rule that set the deciding part, first by id; null when no rule did. */
  readonly rule: string | null
  /** Every applicable rule, sorted by id. */
  readonly rules: readonly string[]
  /** Rules whose condition could not be decided, and the names that were unavailable. */
  readonly indeterminate: readonly Indeterminate[]
  /** How many rules fitted by `match`. */
  readonly candidates: number
  /** What the caller's login proves now; null without a login. */
  readonly presented: Presented | null
  /** Revision of the policy that decided; null when no policy was asked. */
  readonly revision: string | null
  /** Null when no rule that took part reads risk. */
  readonly risk: RiskReading | null
  /** What the policy would have answered with its shadow parts enforced; null when none of them took part. */
  readonly shadow: ShadowOutcome | null
}

/** A rule that was undecided, with the unavailable names that made it so. */
export type Indeterminate = { readonly rule: string; readonly missing: string }

/** The risk of a request: the points of its active signals, at most 100, and the highest level that they reach. */
export type RiskReading = {
  readonly score: number
  readonly level: string | null
  readonly signals: readonly string[]
  /** What the active signals saw, as far as it may be told: facts and numbers, nothing that a caller wrote. */
  readonly evidence: readonly Evidence[]
}

/** One value behind a signal; null when it was unavailable. Durations are in milliseconds. */
export type Evidence = {
  readonly signal: string
  readonly name: string
  readonly value: string | number | boolean | null
}

/** The answer that the shadow policy would have given. */
export type ShadowOutcome = {
  readonly outcome: Outcome
  readonly rule: string | null
  readonly reason: string | null
}

/** The level that the login proves (null: none) and its age in whole seconds (null: unknown). */
export type Presented = { readonly level: string | null; readonly authAge: number | null }

/** Codes of ours for a denial, or the `reason` that the author of a deny rule wrote. */
export type DenyReason = (typeof DENY_REASONS)[number] | AuthorReason

/** A reason in a policy's own words: checked at load to be kebab-case and none of `RESERVED_REASONS`. */
export type AuthorReason = string & { readonly authorReason: true }

/** Our own failures: refused, and worth a retry. */
export type FaultReason = (typeof FAULT_REASONS)[number]

const DENY_REASONS = [
  'no-rule',
  'denied',
  'ambiguous-path',
  'ambiguous-method',
  'step-up-impossible',
  'step-up-loop',
] as const

const FAULT_REASONS = [
  'evaluation-failed',
  'source-unavailable',
  'audit-unavailable',
  'overloaded',
  'not-ready',
] as const

/** Every code that has a meaning of its own: an author's `reason` may not reuse one. */
export const RESERVED_REASONS: readonly string[] = [
  ...DENY_REASONS,
  ...FAULT_REASONS,
  'unauthenticated',
  'invalid_token',
  'insufficient_scope',
  'insufficient_user_authentication',
  'missing',
  'too-weak',
  'too-old',
  'not-single-use',
  'wrong-method',
  'scope',
]

/** The grounds of an answer that no rule took part in. */
export const NO_GROUNDS: Grounds = {
  rule: null,
  rules: [],
  indeterminate: [],
  candidates: 0,
  presented: null,
  revision: null,
  risk: null,
  shadow: null,
}
