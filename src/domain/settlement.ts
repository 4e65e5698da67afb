/**
 * What an answer leaves behind in the store, and has to before it may be given: carried out in one atomic step.
 * First `spend` is tried, where there is one; what was not spent is challenged, and the challenge is recorded.
 */
export type Settlement = {
  readonly subject: SubjectKey
  /** Milliseconds since the epoch: the time of the decision. */
  readonly now: number
  /** The attempt of Envoy's that asks: a retried Check repeats it and gets the same answer. Null when it has no id. */
  readonly stream: string | null
  readonly spend: Spend | null
  readonly challenge: ChallengeAttempt
}

/** A subject is issuer and `sub` together. */
export type SubjectKey = { readonly issuer: string; readonly id: string }

/**
 * A login to be spent on one operation. It is good for that when it is unspent, and was made past the second in which
 * the same subject was challenged for the same operation.
 */
export type Spend = {
  /** Seconds since the epoch; with the subject it names the login. */
  readonly authTime: number
  readonly operation: string
}

/** A challenge that is about to be given. */
export type ChallengeAttempt = {
  /** What a login is to be made for; null when any login will do. */
  readonly operation: string | null
  /**
   * Seconds since the epoch: when the login was made that fell short; null when that is unknown. It is no answer to the
   * challenge, also where its issuer's clock is ahead of ours.
   */
  readonly authTime: number | null
  /** The requirement: what the same subject would be challenged for again. */
  readonly about: string
  /** Seconds since the epoch: when the token was issued that fell short. */
  readonly issuedAt: number
  /** In how many ways it fell short: fewer than before is progress. */
  readonly shortfalls: number
}

/**
 * What came of it. `spent`: the login is good for this operation and is now used up. `challenged`: it is not, and the
 * challenge may be given. `loop`: nor would another challenge help. `lost`: the store did not answer in time.
 */
export type Settled = 'spent' | 'challenged' | 'loop' | 'lost'
