import type { JournalEntry } from './journal.ts'
import { readEntry } from './journal-entry.ts'
import type { Send } from './redis-script.ts'

/** An entry of a stream: its id, which is milliseconds of the server and a number, and what it says. */
export type StreamEntry = { readonly id: string; readonly entry: JournalEntry }

/** Before the first entry. */
export const START = '0-0'

/** The field of a stream's entry that everything stands in. */
const FIELD = 'e'

/** The commands that a journal in a stream takes. Each rejects when the server says what it cannot have meant. */
export type Stream = {
  readonly add: (send: Send, entry: JournalEntry) => Promise<void>
  /** At most `count` entries after `id`, oldest first; waits up to `patience` ms for the first of them, 0 for not at all. */
  readonly after: (
    send: Send,
    id: string,
    count: number,
    patience: number,
  ) => Promise<readonly StreamEntry[]>
  readonly oldest: (send: Send, count: number) => Promise<readonly StreamEntry[]>
  readonly has: (send: Send, id: string) => Promise<boolean>
  readonly length: (send: Send) => Promise<number>
  /** Cuts off everything up to `id`, which goes as well. */
  readonly cut: (send: Send, id: string) => Promise<void>
}

/** Makes them for the stream under a key. `odd` is told of entries that cannot be read. */
export function createStream(key: string, odd: (error: Error) => void): Stream {
  const read = (reply: unknown) => entriesIn(reply, odd)
  const range = (send: Send, from: string, to: string, count: number) =>
    send(key, ['XRANGE', key, from, to, 'COUNT', String(count)])
  return {
    add: async (send, entry) => {
      await send(key, ['XADD', key, '*', FIELD, JSON.stringify(entry)])
    },
    after: async (send, id, count, patience) => {
      const wait = patience === 0 ? [] : ['BLOCK', String(patience)]
      const args = ['XREAD', 'COUNT', String(count), ...wait, 'STREAMS', key, id]
      const reply = await send(key, args)
      return reply === null ? [] : read(entriesOf(reply, key))
    },
    oldest: async (send, count) => read(await range(send, '-', '+', count)),
    has: async (send, id) => listOf(await range(send, id, id, 1)).length > 0,
    length: async (send) => Number(await send(key, ['XLEN', key])),
    cut: async (send, id) => {
      await send(key, ['XTRIM', key, 'MINID', after(id)])
    },
  }
}

/** When an entry was written, by the server's clock. */
export function writtenAt({ id }: Pick<StreamEntry, 'id'>): number {
  return Number.parseInt(id, 10)
}

function after(id: string): string {
  const [time = '', number = ''] = id.split('-')
  return `${time}-${BigInt(number) + 1n}`
}

function entriesIn(reply: unknown, odd: (error: Error) => void): readonly StreamEntry[] {
  return listOf(reply).map((one) => {
    const [id, fields] = listOf(one)
    const [, text] = listOf(fields)
    const name = String(id)
    const entry = typeof text === 'string' ? readEntry(text) : null
    if (entry !== null) return { id: name, entry }
    odd(new Error(`the journal of security events has an entry that cannot be read: ${name}`))
    // Whatever it said: it was written before the next login.
    return { id: name, entry: { kind: 'forgotten', at: writtenAt({ id: name }) } }
  })
}

/** RESP3 answers with a mapping of streams, RESP2 with a list of pairs. */
function entriesOf(reply: unknown, key: string): unknown {
  if (!Array.isArray(reply)) return (reply as Readonly<Record<string, unknown>>)[key]
  return listOf(reply[0])[1]
}

function listOf(reply: unknown): readonly unknown[] {
  if (Array.isArray(reply)) return reply
  throw new Error(`Redis gave ${typeof reply} for a stream`)
}
