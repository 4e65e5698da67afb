/** What a login must prove: the join of the `require` of every applicable allow and step_up rule. */
export type Requirement = {
  /** Name of the required level, null when no level is required. */
  readonly level: string | null
  /** Its rank, 0 when no level is required. */
  readonly rank: number
  /** Seconds: the shortest of all `max_age` and of the level's own; null when age does not matter. */
  readonly maxAge: number | null
  /** Every clause must be met; a clause is met when any of its sets is contained in the login's `amr`. */
  readonly amr: readonly (readonly (readonly string[])[])[]
  /** OAuth scopes that the token must carry, sorted. */
  readonly scope: readonly string[]
  /** The login must have been made for this very operation, and is spent by it. */
  readonly singleUse: boolean
}

/** One way in which a login falls short of a requirement; names as in the contract's reason codes. */
export type Shortfall =
  | 'missing'
  | 'too-weak'
  | 'too-old'
  | 'not-single-use'
  | 'wrong-method'
  | 'scope'

/** What would let the client through, in RFC 9470 terms. */
export type Challenge = {
  /** `acr` values of the caller's issuer, best first; empty when no level is asked for. */
  readonly acrValues: readonly string[]
  /** Seconds; null when any age will do. */
  readonly maxAge: number | null
  readonly scope: readonly string[]
}
