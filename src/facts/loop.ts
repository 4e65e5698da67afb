import type { ChallengeAttempt } from '../domain/settlement.ts'

/** How often a client may be challenged about the same, and for how long that is remembered, in milliseconds. */
export type LoopLimit = { readonly attempts: number; readonly window: number }

/** The rounds that one client has gone through about one requirement. */
export type Rounds = {
  readonly attempts: number
  /** The second, since the epoch, of the last challenge that counted, or of its token by a clock that is ahead. */
  readonly at: number
  /** The fewest shortfalls that it came back with. */
  readonly fewest: number
  /** Milliseconds since the epoch. */
  readonly expires: number
}

/**
 * The rounds after one more challenge. It counts only when the token was issued in a later second than that of the last
 * one that counted: requests in parallel, and a client that asks again with the token it has, are not going in circles.
 * A token that falls short in fewer ways than any before it is progress, and starts the count anew.
 */
export function nextRounds(
  known: Rounds | undefined,
  { issuedAt, shortfalls }: ChallengeAttempt,
  now: number,
  { window }: LoopLimit,
): Rounds {
  const at = Math.max(Math.floor(now / 1000), issuedAt)
  if (known === undefined || known.expires <= now) {
    return { attempts: 1, at, fewest: shortfalls, expires: now + window }
  }
  if (shortfalls < known.fewest) return { ...known, attempts: 1, at, fewest: shortfalls }
  if (issuedAt <= known.at) return known
  return { ...known, attempts: known.attempts + 1, at }
}
