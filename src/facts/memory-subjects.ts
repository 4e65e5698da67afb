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
} from './subject-state.ts'

/** What subjects are known for, in memory. */
export type MemorySubjects = {
  readonly observe: (subject: SubjectKey, sighting: Sighting) => Omit<Observed, 'counters'>
  readonly learn: (subject: SubjectKey, memory: Memory) => void
}

/** Creates the memory of at most `capacity` subjects, and as many sessions: what was used longest ago is dropped. */
export function createMemorySubjects(limits: StoreLimits, capacity: number): MemorySubjects {
  const subjects = createShelf<Subject>(capacity, subjectLife(limits))
  const sessions = createShelf<Session>(capacity, limits.sessionLife)
  const subjectOf = (key: SubjectKey, now: number) =>
    subjects.open(subjectDigest(key), now, { used: now, sights: [], place: null, roles: null })
  const sessionOf = (key: SubjectKey, id: string, now: number) =>
    sessions.open(sessionKey(key, id), now, { first: now, used: now, fingerprints: null })
  return {
    observe: (key, sighting) => {
      const { now, session: id } = sighting
      const session = id === undefined ? null : sessionOf(key, id, now)
      return observeSubject(subjectOf(key, now), session, sighting, limits)
    },
    learn: (key, memory) => {
      const { now, fingerprint } = memory
      learnSubject(subjectOf(key, now), memory, limits)
      if (fingerprint === undefined) return
      learnInSession(sessionOf(key, fingerprint.session, now), fingerprint.value, limits)
    },
  }
}

function sessionKey({ issuer, id }: SubjectKey, session: string): string {
  return digest(issuer, id, session)
}

/** Keeps things for `life` milliseconds after their last use, and drops those used longest ago when there are too many. */
function createShelf<Thing extends { used: number }>(capacity: number, life: number) {
  const shelf = new LRUCache<string, Thing>({ max: capacity })
  const open = (key: string, now: number, fresh: Thing): Thing => {
    const known = shelf.get(key)
    if (known && known.used + life > now) {
      known.used = Math.max(known.used, now)
      return known
    }
    shelf.set(key, fresh)
    return fresh
  }
  return { open }
}
