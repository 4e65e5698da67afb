import type { SecurityEvent } from '../domain/security-event.ts'

/** What a journal can say: an event, or that some of them are lost. */
export type JournalEntry = SecurityEvent | Forgotten

/** Revocations up to `at` (ms since the epoch) may be lost: nobody knows whose. */
export type Forgotten = { readonly kind: 'forgotten'; readonly at: number }

/** Keeps entries for every replica, and hands each of them to every replica. */
export type Journal = {
  /** Resolves when they are kept; rejects when some of them may not be. */
  readonly append: (entries: readonly JournalEntry[]) => Promise<void>
  /** Begins to hand over everything that is kept, and goes on with what comes. */
  readonly follow: (reader: JournalReader) => void
  /** False until everything was handed over once, and when there was no contact for too long. */
  readonly isCurrent: () => boolean
  /** Resolves when nothing of it is left. */
  readonly stop: () => Promise<void>
}

/** Who follows a journal in one replica. */
export type JournalReader = {
  readonly read: (entry: JournalEntry) => void
  /** Everything that is kept has been handed over; said again and again. */
  readonly caughtUp: () => void
  /** The journal does not have what it had: it is handed over again from its beginning. */
  readonly lost: () => void
  /** Of entries that are about to be cut off, those to be kept, in as few words as say it. */
  readonly keep: (entries: readonly JournalEntry[]) => readonly JournalEntry[]
}

/** Creates a journal of this process alone: there is nothing to hand over, and it ends with the process. */
export function createMemoryJournal(): Journal {
  return {
    append: async () => {},
    follow: (reader) => reader.caughtUp(),
    isCurrent: () => true,
    stop: async () => {},
  }
}
