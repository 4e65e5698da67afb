import type { Login } from '../domain/identity.ts'
import type { SecurityEvent } from '../domain/security-event.ts'
import type { SubjectKey } from '../domain/settlement.ts'
import type { Journal, JournalEntry, JournalReader } from './journal.ts'
import { createJournalRepair } from './journal-repair.ts'
import { createStanding, type Standing, type StandingOptions } from './standing.ts'

/** What security events came to, in the memory of this replica. Look-ups answer at once; undefined is unavailable. */
export type Standings = {
  readonly isRevoked: (
    subject: SubjectKey,
    login: Pick<Login, 'sessionId' | 'authTime'>,
  ) => boolean | undefined
  readonly isDisabled: (subject: SubjectKey) => boolean | undefined
  readonly isNotCompliant: (device: string) => boolean | undefined
  /** Takes an event in for all replicas. Rejects when it cannot be kept: then it has to be told again. */
  readonly tell: (event: SecurityEvent) => Promise<'applied' | 'superseded'>
  readonly isCurrent: () => boolean
  /** Resolves when nothing of it is left. */
  readonly stop: () => Promise<void>
}

/** What standings need, and who is told of them. */
export type StandingsOptions = StandingOptions & {
  readonly journal: Journal
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Told in every replica of each event that changed something there. */
  readonly onEvent: (event: SecurityEvent) => void
  /** The journal could be read for the first time. */
  readonly onCurrent: () => void
  /** What was lost could not be written again; it will be tried again. */
  readonly failed: (error: unknown) => void
  /** From 0 to below 1. */
  readonly random?: () => number
}

/**
 * Milliseconds for which events are remembered: no access token lives as long after its session was revoked. Journals are
 * cut at the same age.
 */
export const EVENT_LIFE = 90 * 86_400_000

/**
 * Milliseconds that an event may be ahead of our clock: one that is further ahead would win over all later ones. No less
 * than any leeway: what was told twice must not be dated by when it came.
 */
const AHEAD = 301_000

const HOUR = 3_600_000

/** Creates them, and begins to follow the journal. */
export function createStandings(options: StandingsOptions): Standings {
  const { journal, now, onEvent } = options
  const overflowed = onceAnHour(options.overflowed, now)
  const standing = createStanding({ ...options, overflowed })
  const forget = setInterval(() => standing.forget(now() - EVENT_LIFE), HOUR).unref()
  const take = (entry: JournalEntry) => {
    if (!standing.apply(entry)) return
    if (entry.kind === 'forgotten') overflowed()
    else onEvent(entry)
  }
  const known = <T>(look: () => T): T | undefined => (journal.isCurrent() ? look() : undefined)
  journal.follow(createReader(options, standing, take))
  return {
    isRevoked: (subject, login) => known(() => standing.isRevoked(subject, login)),
    isDisabled: (subject) => known(() => standing.isDisabled(subject)),
    isNotCompliant: (device) => known(() => standing.isNotCompliant(device)),
    tell: async (event) => {
      const dated = { ...event, at: Math.min(event.at, now() + AHEAD) }
      if (!standing.isNews(dated)) return 'superseded'
      await journal.append([dated])
      take(dated)
      return 'applied'
    },
    isCurrent: journal.isCurrent,
    stop: async () => {
      clearInterval(forget)
      await journal.stop()
    },
  }
}

function onceAnHour(tell: () => void = () => {}, now: () => number): () => void {
  let told = Number.NEGATIVE_INFINITY
  return () => {
    if (now() - told < HOUR) return
    told = now()
    tell()
  }
}

/** Reads a journal, and has what it loses written again. */
function createReader(
  options: StandingsOptions,
  standing: Standing,
  take: (entry: JournalEntry) => void,
): JournalReader {
  const { now, onCurrent, random = Math.random } = options
  const repair = createJournalRepair({ ...options, standing, random })
  let isFirst = true
  return {
    read: (entry) => {
      repair.read(entry)
      take(entry)
    },
    lost: () => {
      standing.forget(now() - EVENT_LIFE)
      repair.lost()
    },
    caughtUp: () => {
      if (isFirst) onCurrent()
      isFirst = false
      repair.caughtUp()
    },
    keep: (entries) => keptOf(entries, standing, now() - EVENT_LIFE),
  }
}

/** What is still disabled or not compliant, and up to when revocations are cut off that still count. */
function keptOf(
  entries: readonly JournalEntry[],
  standing: Standing,
  before: number,
): readonly JournalEntry[] {
  const lasting = entries.filter((entry) => isStillBad(entry, standing))
  const lost = entries.flatMap((entry) =>
    isRevocation(entry) && entry.at >= before ? [entry.at] : [],
  )
  return lost.length === 0 ? lasting : [...lasting, { kind: 'forgotten', at: Math.max(...lost) }]
}

function isRevocation({ kind }: JournalEntry): boolean {
  return kind === 'session-revoked' || kind === 'session-ended' || kind === 'forgotten'
}

function isStillBad(entry: JournalEntry, standing: Standing): boolean {
  if (entry.kind === 'account' && entry.disabled) return standing.isDisabled(entry.subject) ?? true
  if (entry.kind === 'device' && !entry.compliant)
    return standing.isNotCompliant(entry.device) ?? true
  return false
}
