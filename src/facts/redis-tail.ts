import type { JournalReader } from './journal.ts'
import type { Send } from './redis-script.ts'
import { START, type Stream, type StreamEntry, writtenAt } from './redis-stream.ts'

/** Asks something on the connection at hand; rejects when there is no answer. */
export type Ask = <T>(work: (send: Send) => Promise<T>) => Promise<T>

/** What is followed, and how far back it goes. */
export type TailOptions = {
  readonly stream: Stream
  readonly reader: JournalReader
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Milliseconds on a clock that never goes back. */
  readonly clock: () => number
  /** Milliseconds after which an entry is cut off. */
  readonly life: number
  /** Entries: of more, the oldest are cut off. */
  readonly capacity: number
}

/** Reads a stream to its end, and what comes behind it. */
export type Tail = {
  /** Hands over what there is, or waits a moment for the next; to be called again and again, on any connection. */
  readonly readOn: (ask: Ask) => Promise<void>
  /** When everything up to then had been handed over, by the clock. */
  readonly contact: () => number
}

/** Milliseconds that a read waits for the next entry. */
export const BLOCK = 1000
/** Milliseconds between two looks at what is to be cut off. */
const CUT = 60_000
/** Entries that are read at once. */
const BATCH = 1000

/** Creates it at the beginning of the stream. */
export function createTail(options: TailOptions): Tail {
  const { stream, reader, clock } = options
  let contact = Number.NEGATIVE_INFINITY
  let position = START
  let isBehind = true
  let cutAt = clock()

  /** False when they do not follow what was read last, which is gone: after a restart without its data, say. */
  async function read(ask: Ask): Promise<boolean> {
    const found = await ask((send) => stream.after(send, position, BATCH, isBehind ? 0 : BLOCK))
    // Looked at after the read: what is still there then was there all the time, and nothing is missing in between.
    if (position !== START && !(await ask((send) => stream.has(send, position)))) return false
    for (const { entry } of found) reader.read(entry)
    position = found.at(-1)?.id ?? position
    isBehind = found.length === BATCH
    return true
  }

  async function cut(ask: Ask): Promise<void> {
    if (clock() - cutAt < CUT) return
    cutAt = clock()
    await cutOff(ask, options)
  }

  return {
    contact: () => contact,
    readOn: async (ask) => {
      const began = clock()
      if (!(await read(ask))) {
        position = START
        isBehind = true
        reader.lost()
        return
      }
      if (isBehind) return
      contact = began
      reader.caughtUp()
      await cut(ask)
    },
  }
}

/** Cuts off what is too old or too much, and writes again before that what must not be forgotten. */
async function cutOff(
  ask: Ask,
  { stream, reader, now, life, capacity }: TailOptions,
): Promise<void> {
  let excess = (await ask(stream.length)) - capacity
  const isGone = (one: StreamEntry, index: number) =>
    index < excess || writtenAt(one) < now() - life
  for (;;) {
    const gone = (await ask((send) => stream.oldest(send, BATCH))).filter(isGone)
    const last = gone.at(-1)
    if (last === undefined) return
    const kept = reader.keep(gone.map(({ entry }) => entry))
    await ask((send) => Promise.all(kept.map((entry) => stream.add(send, entry))))
    await ask((send) => stream.cut(send, last.id))
    excess -= gone.length
    if (gone.length < BATCH) return
  }
}
