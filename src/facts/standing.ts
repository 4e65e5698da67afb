import type { Login } from '../domain/identity.ts'
import type { AccountStatus, DeviceStatus } from '../domain/security-event.ts'
import type { SubjectKey } from '../domain/settlement.ts'
import type { JournalEntry } from './journal.ts'
import { createReports } from './reports.ts'
import { createRevocations } from './revocations.ts'
import { subjectName } from './subject-name.ts'

/**
 * What security events came to. It is the same whatever their order and however often each came: a revocation is never
 * undone, and what was disabled or not compliant is well again only by a report that is newer.
 */
export type Standing = {
  /** Takes an entry in; false when it changes nothing. */
  readonly apply: (entry: JournalEntry) => boolean
  readonly isNews: (entry: JournalEntry) => boolean
  /** A login is revoked unless it is known to be newer than every revocation that may be meant for it. */
  readonly isRevoked: (subject: SubjectKey, login: Pick<Login, 'sessionId' | 'authTime'>) => boolean
  /** Undefined when there was no room to remember. */
  readonly isDisabled: (subject: SubjectKey) => boolean | undefined
  /** Whether the device was reported not to be compliant; undefined as above. */
  readonly isNotCompliant: (device: string) => boolean | undefined
  /** The entries that lead to all of this. */
  readonly entries: () => readonly JournalEntry[]
  /** Forgets what happened before that time, but for what is still disabled or not compliant. */
  readonly forget: (before: number) => void
}

/** Bounds of a standing, and who is told when they are reached. */
export type StandingOptions = {
  /** Entries of each kind: subjects, their sessions, ended sessions, accounts and devices. */
  readonly capacity?: number
  readonly overflowed?: () => void
}

const CAPACITY = 100_000

/**
 * Creates it empty. Of what it has no room for it drops what came in longest ago, to the stricter side: with a revocation
 * all logins up to it count as revoked, and with a disabled account none that is not known to be enabled is known not to
 * be disabled; so also with devices.
 */
export function createStanding({
  capacity = CAPACITY,
  overflowed = () => {},
}: StandingOptions): Standing {
  const revocations = createRevocations(capacity, overflowed)
  const accounts = createReports<AccountStatus>(capacity, overflowed)
  const devices = createReports<DeviceStatus>(capacity, overflowed)

  function isNews(entry: JournalEntry): boolean {
    switch (entry.kind) {
      case 'session-revoked':
      case 'session-ended':
      case 'forgotten':
        return revocations.isNews(entry)
      case 'account':
        return accounts.isNews(subjectName(entry.subject), entry.disabled, entry.at)
      case 'device':
        return devices.isNews(entry.device, !entry.compliant, entry.at)
    }
  }

  function put(entry: JournalEntry): void {
    switch (entry.kind) {
      case 'session-revoked':
      case 'session-ended':
      case 'forgotten':
        revocations.put(entry)
        break
      case 'account':
        accounts.put(subjectName(entry.subject), entry.disabled, entry)
        break
      case 'device':
        devices.put(entry.device, !entry.compliant, entry)
    }
  }

  return {
    isNews,
    apply: (entry) => {
      if (!isNews(entry)) return false
      put(entry)
      return true
    },
    isRevoked: revocations.isRevoked,
    isDisabled: (subject) => accounts.isBad(subjectName(subject)),
    isNotCompliant: devices.isBad,
    entries: () => [...revocations.entries(), ...accounts.values(), ...devices.values()],
    forget: (before) => {
      for (const kind of [revocations, accounts, devices]) kind.forget(before)
    },
  }
}
