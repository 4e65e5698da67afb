import { quoteOrNull } from '../domain/json-text.ts'
import type { Entry } from './chain.ts'

/** An entry with the instant at which it was taken, in milliseconds since the epoch. */
export type Waiting = { readonly entry: Entry; readonly at: number }

/** Entries that wait to be written: bounded, and honest about what did not fit. */
export type Queue = {
  /** False: it does not fit, and is counted. Once one does not fit, none does until all have been taken. */
  readonly put: (entry: Entry, at: number) => boolean
  /** The next so many that wait, in order; what did not fit is a `gap` behind the last. */
  readonly take: (most: number) => readonly Waiting[]
  readonly isEmpty: () => boolean
  /** How many `take` would give, a `gap` among them. */
  readonly length: () => number
  /** How many wait or did not fit. */
  readonly unwritten: () => number
  /** Half of it is taken, or something did not fit: who comes now may find no room when the time has come to use it. */
  readonly isFilling: () => boolean
}

/** Records that are not there, and the time in which they would have been made; `count` null: nobody knows how many. */
export type Gap = {
  readonly cause: 'queue-full' | 'not-formed' | 'killed' | 'moved-or-killed' | 'removed' | 'emptied'
  readonly count: number | null
  /** Milliseconds since the epoch; null when unknown. */
  readonly since: number | null
  readonly until: number
}

/** Memory that an entry takes besides its text, in bytes. */
const OVERHEAD = 100

/** Creates a queue of so many bytes. */
export function createQueue(maxBytes: number): Queue {
  const waiting: Waiting[] = []
  let bytes = 0
  let dropped: { count: number; since: number; until: number } | null = null
  return {
    put: (entry, at) => {
      const size = sizeOf(entry)
      if (dropped === null && bytes + size <= maxBytes) {
        waiting.push({ entry, at })
        bytes += size
        return true
      }
      dropped = { count: (dropped?.count ?? 0) + 1, since: dropped?.since ?? at, until: at }
      return false
    },
    take: (most) => {
      const taken = waiting.splice(0, most)
      bytes -= taken.reduce((sum, { entry }) => sum + sizeOf(entry), 0)
      if (dropped === null || waiting.length > 0) return taken
      const gap = { entry: gapEntry({ cause: 'queue-full', ...dropped }), at: dropped.until }
      dropped = null
      return [...taken, gap]
    },
    isEmpty: () => waiting.length === 0 && dropped === null,
    isFilling: () => dropped !== null || bytes > maxBytes / 2,
    unwritten: () => waiting.length + (dropped?.count ?? 0),
    length: () => waiting.length + (dropped === null ? 0 : 1),
  }
}

function sizeOf({ fields }: Entry): number {
  return fields.length + OVERHEAD
}

/** The entry that says what is missing from the record. */
export function gapEntry({ cause, count, since, until }: Gap): Entry {
  return {
    event: 'gap',
    fields: `,"cause":"${cause}","count":${count},"since":${instant(since)},"until":${instant(until)}`,
  }
}

function instant(at: number | null): string {
  return quoteOrNull(at === null ? null : new Date(at).toISOString())
}
