import { LRUCache } from 'lru-cache'
import type {
  ChallengeAttempt,
  Settled,
  Settlement,
  Spend,
  SubjectKey,
} from '../domain/settlement.ts'
import { digest } from './digest.ts'
import { nextRounds, type Rounds } from './loop.ts'
import type { StoreLimits } from './store-limits.ts'

/** A login that has been used up: by what, and until when nothing could accept it again (ms since the epoch). */
type Spent = {
  readonly operation: string
  readonly stream: string | null
  readonly expires: number
}

/** A challenge that asked for a login for one operation: in which second, and how long it stands (ms). */
type Asked = { readonly at: number; readonly expires: number }

/** Challenges, rounds and spent logins, in memory. */
export type MemoryLogins = {
  readonly settle: (settlement: Settlement) => Settled
  /** Ends the rounds about something; true when there were any. */
  readonly satisfy: (subject: SubjectKey, about: string, now: number) => boolean
}

/**
 * Creates them. Challenges and rounds are dropped when there are too many of them, which only asks clients once more;
 * spent logins never are: when there is no room for one, it is not spent.
 */
export function createMemoryLogins(
  { loop, challengeLife }: StoreLimits,
  capacity: number,
): MemoryLogins {
  const asked = new LRUCache<string, Asked>({ max: capacity })
  const rounds = new LRUCache<string, Rounds>({ max: capacity })
  const spent = createSpentLogins(capacity)

  function spend({ authTime, operation }: Spend, { subject, now, stream }: Settlement): boolean {
    const login = key(subject, String(authTime))
    const before = spent.get(login, now)
    if (before) return stream !== null && before.stream === stream && before.operation === operation
    const challenge = key(subject, operation)
    const { at, expires } = asked.get(challenge) ?? NEVER_ASKED
    if (expires <= now || authTime <= at) return false
    // No challenge that is older than this login outlives this.
    const until = Math.max(now, authTime * 1000) + challengeLife
    spent.add(login, { operation, stream, expires: until }, now)
    asked.delete(challenge)
    return true
  }

  /** The first of several challenges stands, so that one login answers them all. */
  function ask(subject: SubjectKey, operation: string, now: number): void {
    const challenge = key(subject, operation)
    if ((asked.peek(challenge)?.expires ?? 0) > now) return
    asked.set(challenge, { at: Math.floor(now / 1000), expires: now + challengeLife })
  }

  function count(subject: SubjectKey, attempt: ChallengeAttempt, now: number): boolean {
    const about = key(subject, attempt.about)
    const next = nextRounds(rounds.get(about), attempt, now, loop)
    rounds.set(about, next)
    return next.attempts <= loop.attempts
  }

  function settle(settlement: Settlement): Settled {
    const { subject, now, challenge } = settlement
    if (settlement.spend !== null && spend(settlement.spend, settlement)) return 'spent'
    if (!count(subject, challenge, now)) return 'loop'
    if (challenge.operation !== null) ask(subject, challenge.operation, now)
    return 'challenged'
  }

  return {
    settle,
    satisfy: (subject, about, now) => endRounds(rounds, key(subject, about), now),
  }
}

function endRounds(rounds: LRUCache<string, Rounds>, about: string, now: number): boolean {
  const known = rounds.peek(about)
  rounds.delete(about)
  return known !== undefined && known.expires > now
}

const NEVER_ASKED: Asked = { at: 0, expires: 0 }

/** Spent logins in the order in which they were spent, which is nearly that in which they expire. */
function createSpentLogins(capacity: number) {
  const logins = new Map<string, Spent>()
  const forget = (now: number) => {
    for (const [login, { expires }] of logins) {
      if (expires > now) return
      logins.delete(login)
    }
  }
  return {
    get: (login: string, now: number): Spent | undefined => {
      const entry = logins.get(login)
      return entry && entry.expires > now ? entry : undefined
    },
    add: (login: string, entry: Spent, now: number): void => {
      forget(now)
      if (logins.size >= capacity) throw new Error('no room to remember another spent login')
      logins.delete(login)
      logins.set(login, entry)
    },
  }
}

function key({ issuer, id }: SubjectKey, what: string): string {
  return digest(issuer, id, what)
}
