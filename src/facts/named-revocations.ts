import type { SessionEnded, SessionsRevoked } from '../domain/security-event.ts'
import type { SubjectKey } from '../domain/settlement.ts'
import { createLatest } from './latest.ts'
import { endedName, sessionName, subjectName } from './subject-name.ts'

/** What revokes logins of which it says whose, or of which session, they are. */
export type Revocation = SessionsRevoked | SessionEnded

/** Before all time. */
export const NEVER = Number.NEGATIVE_INFINITY

/** Creates the memory of the last of each, empty; `dropped` is told of what it has no room for. */
export function createNamedRevocations(
  capacity: number,
  dropped: (name: string, entry: Revocation) => void,
) {
  const ofSubjects = createLatest<Revocation>(capacity, dropped)
  const ofSessions = createLatest<Revocation>(capacity, dropped)
  /** The last one of any session of a subject: what is not known to be of another session may be of that one. */
  const ofSome = createLatest<Revocation>(capacity, dropped)
  /** Sessions that have ended, whoever's they were. */
  const ended = createLatest<Revocation>(capacity, dropped)
  const home = (entry: Revocation) => {
    if (entry.kind === 'session-ended')
      return [ended, endedName(entry.issuer, entry.session)] as const
    const { subject, session } = entry
    return session === null
      ? ([ofSubjects, subjectName(subject)] as const)
      : ([ofSessions, sessionName(subject, session)] as const)
  }
  return {
    /** When the last one like it happened. */
    lastOf: (entry: Revocation): number => {
      const [latest, name] = home(entry)
      return latest.get(name)?.at ?? NEVER
    },
    put: (entry: Revocation): void => {
      const [latest, name] = home(entry)
      latest.put(name, entry)
      if (entry.kind === 'session-revoked' && entry.session !== null)
        ofSome.put(subjectName(entry.subject), entry)
    },
    /** True for a session no login of which counts, however new it is. */
    isOver: (subject: SubjectKey, session: string): boolean =>
      ofSessions.get(sessionName(subject, session)) !== undefined ||
      ended.get(endedName(subject.issuer, session)) !== undefined,
    /** Up to when a subject's logins are revoked that are not of another session. */
    until: (subject: SubjectKey, session: string | undefined): number => {
      const name = subjectName(subject)
      const some = session === undefined ? ofSome.get(name) : undefined
      return Math.max(ofSubjects.get(name)?.at ?? NEVER, some?.at ?? NEVER)
    },
    values: (): readonly Revocation[] => [
      ...ofSubjects.values(),
      ...ofSessions.values(),
      ...ended.values(),
    ],
    forget: (before: number): void => {
      for (const latest of [ofSubjects, ofSessions, ofSome, ended]) latest.forget(before)
    },
  }
}
