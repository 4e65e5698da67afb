import { LRUCache } from 'lru-cache'
import type {
  ChallengeAttempt,
  Settled,
  Settlement,
  Spend,
  SubjectKey,
} from '../domain/settlement.ts'
import { digest, subjectDigest } from './digest.ts'
import { nextRounds, type Rounds } from './loop.ts'
import type { StoreLimits } from './store-limits.ts'

/** A login that has been used up: by what, and until when nothing could accept it again (ms since the epoch). */
type Spent = {
  readonly operation: string
  readonly stream: string | null
  readonly expires: number
}

/** A challenge that asked for a login for one operation: the second that it must be past, and how long it stands (ms). */
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
  { loop, challengeLife, challenges }: StoreLimits,
  capacity: number,
): MemoryLogins {
  const asked = createChallenges(capacity, challenges)
  const rounds = new LRUCache<string, Rounds>({ max: capacity })
  const spent = createSpentLogins(capacity)

  function spend({ authTime, operation }: Spend, { subject, now, stream }: Settlement): boolean {
    const login = key(subject, String(authTime))
    const before = spent.get(login, now)
    if (before) return stream !== null && before.stream === stream && before.operation === operation
    const challenge = asked.get(subject, operation, now)
    if (challenge === undefined || authTime <= challenge.at) return false
    // No challenge that is older than this login outlives this.
    const until = Math.max(now, authTime * 1000) + challengeLife
    spent.add(login, { operation, stream, expires: until }, now)
    asked.delete(subject, operation)
    return true
  }

  /** The first of several challenges stands, so that one login answers them all. */
  function ask({ subject, now, challenge }: Settlement, operation: string): void {
    if (asked.get(subject, operation, now) !== undefined) return
    const at = Math.max(Math.floor(now / 1000), challenge.authTime ?? 0)
    asked.add(subject, operation, { at, expires: now + challengeLife }, now)
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
    if (challenge.operation !== null) ask(settlement, challenge.operation)
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

/**
 * Challenges that wait for a login, a few for each subject, so that nobody pushes out those of others: one too many, and
 * the oldest has to be given again.
 */
function createChallenges(capacity: number, most: number) {
  const subjects = new LRUCache<string, Map<string, Asked>>({ max: capacity })
  const inDate = (pending: Map<string, Asked>, now: number) =>
    [...pending].filter(([, { expires }]) => expires > now)
  return {
    get: (subject: SubjectKey, operation: string, now: number): Asked | undefined => {
      const entry = subjects.get(subjectDigest(subject))?.get(digest(operation))
      return entry && entry.expires > now ? entry : undefined
    },
    add: (subject: SubjectKey, operation: string, entry: Asked, now: number): void => {
      const of = subjectDigest(subject)
      const pending = inDate(subjects.get(of) ?? new Map(), now).toSorted(byAge)
      const kept = pending.slice(Math.max(0, pending.length - most + 1))
      subjects.set(of, new Map([...kept, [digest(operation), entry]]))
    },
    delete: (subject: SubjectKey, operation: string): void => {
      subjects.get(subjectDigest(subject))?.delete(digest(operation))
    },
  }
}

/** Of the same age, in any order that every store has. */
function byAge([a, one]: [string, Asked], [b, other]: [string, Asked]): number {
  return one.expires - other.expires || (a < b ? -1 : 1)
}

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
