import type { Login } from '../domain/identity.ts'
import type { SessionsRevoked } from '../domain/security-event.ts'
import type { SubjectKey } from '../domain/settlement.ts'
import type { Forgotten, JournalEntry } from './journal.ts'
import { createLatest } from './latest.ts'
import { sessionName, subjectName } from './subject-name.ts'

const NEVER = Number.NEGATIVE_INFINITY

/**
 * Creates the memory of revoked logins, empty. What it has no room for raises the time up to which every login counts as
 * revoked; `overflowed` is told.
 */
export function createRevocations(capacity: number, overflowed: () => void) {
  let lostUntil = NEVER
  const dropped = (_: string, { at }: { readonly at: number }) => {
    lostUntil = Math.max(lostUntil, at)
    overflowed()
  }
  const ofSubjects = createLatest<SessionsRevoked>(capacity, dropped)
  const ofSessions = createLatest<SessionsRevoked>(capacity, dropped)
  /** The last one of any session: what is not known to be of another session may be of that one. */
  const ofSome = createLatest<SessionsRevoked>(capacity, dropped)
  const home = ({ subject, session }: SessionsRevoked) =>
    session === null
      ? ([ofSubjects, subjectName(subject)] as const)
      : ([ofSessions, sessionName(subject, session)] as const)
  return {
    isNews: (entry: SessionsRevoked | Forgotten): boolean => {
      if (entry.kind === 'forgotten') return entry.at > lostUntil
      const [latest, name] = home(entry)
      return entry.at > (latest.get(name)?.at ?? NEVER)
    },
    put: (entry: SessionsRevoked | Forgotten): void => {
      if (entry.kind === 'forgotten') {
        lostUntil = Math.max(lostUntil, entry.at)
        return
      }
      const [latest, name] = home(entry)
      latest.put(name, entry)
      if (entry.session !== null) ofSome.put(subjectName(entry.subject), entry)
    },
    isRevoked: (
      subject: SubjectKey,
      { sessionId, authTime }: Pick<Login, 'sessionId' | 'authTime'>,
    ) => {
      const name = subjectName(subject)
      if (sessionId !== undefined && ofSessions.get(sessionName(subject, sessionId))) return true
      const one = sessionId === undefined ? ofSome.get(name) : undefined
      const until = Math.max(lostUntil, ofSubjects.get(name)?.at ?? NEVER, one?.at ?? NEVER)
      return until !== NEVER && !(authTime !== undefined && authTime * 1000 > until)
    },
    entries: (): readonly JournalEntry[] => [
      ...(lostUntil === NEVER ? [] : [{ kind: 'forgotten' as const, at: lostUntil }]),
      ...ofSubjects.values(),
      ...ofSessions.values(),
    ],
    forget: (before: number): void => {
      if (lostUntil < before) lostUntil = NEVER
      for (const latest of [ofSubjects, ofSessions, ofSome]) latest.forget(before)
    },
  }
}
