import type { Login } from '../domain/identity.ts'
import type { SubjectKey } from '../domain/settlement.ts'
import type { Forgotten, JournalEntry } from './journal.ts'
import { createNamedRevocations, NEVER, type Revocation } from './named-revocations.ts'

/**
 * Creates the memory of revoked logins, empty. What it has no room for raises the time up to which every login counts as
 * revoked; `overflowed` is told.
 */
export function createRevocations(capacity: number, overflowed: () => void) {
  let lostUntil = NEVER
  const lose = (at: number) => {
    lostUntil = Math.max(lostUntil, at)
  }
  const named = createNamedRevocations(capacity, (_, { at }) => {
    lose(at)
    overflowed()
  })
  return {
    isNews: (entry: Revocation | Forgotten): boolean =>
      entry.at > (entry.kind === 'forgotten' ? lostUntil : named.lastOf(entry)),
    put: (entry: Revocation | Forgotten): void => {
      if (entry.kind === 'forgotten') lose(entry.at)
      else named.put(entry)
    },
    isRevoked: (
      subject: SubjectKey,
      { sessionId, authTime }: Pick<Login, 'sessionId' | 'authTime'>,
    ): boolean => {
      if (sessionId !== undefined && named.isOver(subject, sessionId)) return true
      const until = Math.max(lostUntil, named.until(subject, sessionId))
      return until !== NEVER && !(authTime !== undefined && authTime * 1000 > until)
    },
    entries: (): readonly JournalEntry[] => [
      ...(lostUntil === NEVER ? [] : [{ kind: 'forgotten' as const, at: lostUntil }]),
      ...named.values(),
    ],
    forget: (before: number): void => {
      if (lostUntil < before) lostUntil = NEVER
      named.forget(before)
    },
  }
}
