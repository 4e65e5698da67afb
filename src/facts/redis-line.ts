import { connectRedis, type RedisAddress, type RedisConnection } from './redis-connection.ts'
import { inspectRedis, type RedisWarning } from './redis-inspection.ts'
import type { Send } from './redis-script.ts'
import { within } from './within.ts'

/** Where the line leads, and what it is held to. */
export type RedisLineOptions = {
  readonly address: RedisAddress
  /** What every key begins with. */
  readonly prefix: string
  /** Milliseconds that an answer may take. */
  readonly deadline: number
  /** Milliseconds on a clock that never goes back. */
  readonly clock: () => number
  /** Told of each thing that a server is found not to be fit for, whenever it is connected to. */
  readonly onWarning: (warning: RedisWarning) => void
}

/** The one connection of this process, closed or open. */
export type RedisLine = {
  /** Rejects when it is closed. */
  readonly send: Send
  /** Opens it if it is closed, and rejects unless a write is then answered in time. */
  readonly prove: () => Promise<void>
  readonly hangUp: () => void
}

/** Milliseconds after which a connection without an answer is given up for another. */
const PATIENCE = 1000

/**
 * Creates the line. It is proven by writing a key of its own, so that a server that is slow, full or a replica does not
 * pass; it stays open when the answer is late, and not when there is none. `onEnd` is told when it breaks.
 */
export function createRedisLine(
  options: RedisLineOptions,
  onEnd: (error: Error) => void,
): RedisLine {
  let line: RedisConnection | null = null
  const hangUp = () => {
    line?.close()
    line = null
  }
  const open = async (): Promise<RedisConnection> => {
    const opened = await connectRedis(options.address, PATIENCE, (error) => {
      if (line !== opened) return
      hangUp()
      onEnd(error)
    })
    return opened
  }
  const prove = async (): Promise<void> => {
    try {
      line ??= await openInspected(open, options)
      const took = await timeWrite(line.send, options)
      if (took > options.deadline) throw new SlowError(`it takes ${Math.ceil(took)} ms to answer`)
    } catch (error) {
      if (!(error instanceof SlowError)) hangUp()
      throw error
    }
  }
  const send: Send = async (key, args) => {
    if (line === null) throw new Error('it is not connected')
    return await line.send(key, args)
  }
  return { send, prove, hangUp }
}

class SlowError extends Error {}

async function openInspected(open: () => Promise<RedisConnection>, options: RedisLineOptions) {
  const line = await open()
  try {
    const found = await within(inspectRedis(line.send), PATIENCE)
    found.forEach(options.onWarning)
    return line
  } catch (error) {
    line.close()
    throw error
  }
}

async function timeWrite(send: Send, { prefix, clock }: RedisLineOptions): Promise<number> {
  const key = `${prefix}probe`
  const began = clock()
  await within(send(key, ['SET', key, '1', 'PX', '1000']), PATIENCE)
  return clock() - began
}
