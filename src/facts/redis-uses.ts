import type { Send } from './redis-script.ts'
import type { SingleUse } from './store.ts'

/** Milliseconds that a use is remembered longer than it has to be, for replicas whose clocks are behind. */
const MARGIN = 60_000

/**
 * As `createMemoryUses`, in one command: the first to set the key has the use, and every other one learns who had.
 * Rejects when the server does, or says what it cannot have meant.
 */
export async function useOnceInRedis(
  send: Send,
  prefix: string,
  { name, now, until, stream }: SingleUse,
): Promise<boolean> {
  const key = `${prefix}u:${name}`
  const life = String(Math.ceil(Math.max(until - now, 0)) + MARGIN)
  const before = await send(key, ['SET', key, stream ?? '', 'NX', 'GET', 'PX', life])
  if (before === null) return true
  if (typeof before !== 'string') throw new Error(`Redis remembered ${typeof before} of a use`)
  return stream !== null && before === stream
}
