import { setTimeout as wait } from 'node:timers/promises'
import type { Journal } from './journal.ts'
import { connectRedis, type RedisAddress } from './redis-connection.ts'
import type { RedisLink } from './redis-link.ts'
import { createStream } from './redis-stream.ts'
import { type Ask, BLOCK, createTail, type Tail } from './redis-tail.ts'
import { within } from './within.ts'

/** Where the journal is, and what it takes. */
export type RedisJournalOptions = {
  readonly address: RedisAddress
  /** What every key begins with. */
  readonly prefix: string
  /** Writes on the connection of the store; what waits for entries has one of its own. */
  readonly call: RedisLink['call']
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Milliseconds on a clock that never goes back. */
  readonly clock: () => number
  /** Milliseconds after which an entry is cut off. */
  readonly life: number
  /** Entries: of more, the oldest are cut off. */
  readonly capacity?: number
  /** Told when the journal is lost sight of, and of entries that cannot be read. */
  readonly failed: (error: unknown) => void
}

const CAPACITY = 500_000

/**
 * Milliseconds without contact after which nothing is known: more than a restart or a failover of Redis takes, and as long
 * as a session that was revoked can go on unnoticed.
 */
const BLIND = 10_000

/** Milliseconds that an answer may take, beyond what it waits for. */
const PATIENCE = 2000
/** Milliseconds between two attempts to connect. */
const AGAIN = 250
/** Entries that are written within one deadline of the store. */
const BATCH = 100

/** Creates a journal in a stream of Redis: every replica reads the whole of it at its start, and follows it from there. */
export function createRedisJournal(options: RedisJournalOptions): Journal {
  const { address, prefix, call, clock, failed, capacity = CAPACITY } = options
  const stream = createStream(`${prefix}events`, failed)
  const stopping = new AbortController()
  const { signal } = stopping
  let tail: Tail | null = null
  let following: Promise<void> = Promise.resolve()
  const follow = async (from: Tail) => {
    while (!signal.aborted) {
      const reading = connected(address, signal, from.readOn)
      await reading.catch((error: unknown) => signal.aborted || failed(error))
      await wait(AGAIN, undefined, { ref: false, signal }).catch(() => {})
    }
  }
  return {
    append: async (entries) => {
      for (let at = 0; at < entries.length; at += BATCH) {
        const some = entries.slice(at, at + BATCH)
        await call((send) => Promise.all(some.map((entry) => stream.add(send, entry))))
      }
    },
    follow: (reader) => {
      tail = createTail({ ...options, capacity, stream, reader })
      following = follow(tail)
    },
    isCurrent: () => tail !== null && clock() - tail.contact() <= BLIND,
    stop: async () => {
      stopping.abort()
      await following
    },
  }
}

/** Does some work again and again on a connection of its own, until that breaks or the signal ends it. */
async function connected(
  address: RedisAddress,
  signal: AbortSignal,
  work: (ask: Ask) => Promise<void>,
): Promise<void> {
  const { send, close } = await connectRedis(address, PATIENCE, () => {})
  signal.addEventListener('abort', close)
  try {
    while (!signal.aborted) await work((one) => within(one(send), BLOCK + PATIENCE))
  } finally {
    signal.removeEventListener('abort', close)
    close()
  }
}
