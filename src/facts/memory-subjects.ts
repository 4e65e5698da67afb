import { LRUCache } from 'lru-cache'
import type { SubjectKey } from '../domain/settlement.ts'
import { digest, subjectDigest } from './digest.ts'
import type { Memory, Observed, Sighting } from './store.ts'
import { type StoreLimits, subjectLife } from './store-limits.ts'
import {
  learnInSession,
  learnSubject,
  observeSubject,
  type Session,
  type Subject,
  sessionText,
  subjectText,
} from './subject-state.ts'

/** What subjects are known for, in memory. */
export type MemorySubjects = {
  readonly observe: (subject: SubjectKey, sighting: Sighting) => Omit<Observed, 'counters'>
  readonly learn: (subject: SubjectKey, memory: Memory) => void
}

/** Creates the memory of at most `capacity` subjects, and as many sessions: what was used longest ago is dropped. */
export function createMemorySubjects(limits: StoreLimits, capacity: number): MemorySubjects {
  const subjects = createShelf<Subject>(capacity, subjectLife(limits), subjectText)
  const sessions = createShelf<Session>(capacity, limits.sessionLife, sessionText)
  const newSubject = (used: number): Subject => ({ used, sights: [], place: null, roles: null })
  const newSession = (now: number): Session => ({ first: now, used: now, fingerprints: null })
  return {
    observe: (key, sighting) => {
      const { now, session: id } = sighting
      const session =
        id === undefined ? null : sessions.use(sessionKey(key, id), now, newSession, (one) => one)
      return subjects.use(subjectDigest(key), now, newSubject, (subject) =>
        observeSubject(subject, session, sighting, limits),
      )
    },
    learn: (key, memory) => {
      const { now, fingerprint } = memory
      subjects.use(subjectDigest(key), now, newSubject, (subject) =>
        learnSubject(subject, memory, limits),
      )
      if (fingerprint === undefined) return
      sessions.use(sessionKey(key, fingerprint.session), now, newSession, (session) =>
        learnInSession(session, fingerprint.value, limits),
      )
    },
  }
}

function sessionKey({ issuer, id }: SubjectKey, session: string): string {
  return digest(issuer, id, session)
}

/** How a thing is kept as text. */
type Text<Thing> = {
  readonly write: (thing: Thing) => string
  readonly read: (text: string) => Thing
}

/** Keeps things for `life` milliseconds after their last use, and drops those used longest ago when there are too many. */
function createShelf<Thing extends { used: number }>(
  capacity: number,
  life: number,
  { write, read }: Text<Thing>,
) {
  const shelf = new LRUCache<string, string>({ max: capacity })
  const find = (key: string, now: number): Thing | null => {
    const text = shelf.get(key)
    const known = text === undefined ? null : read(text)
    return known !== null && known.used + life > now ? known : null
  }
  const use = <T>(
    key: string,
    now: number,
    create: (now: number) => Thing,
    act: (thing: Thing) => T,
  ): T => {
    const thing = find(key, now) ?? create(now)
    thing.used = Math.max(thing.used, now)
    const result = act(thing)
    shelf.set(key, write(thing))
    return result
  }
  return { use }
}
