import type { Send } from './redis-script.ts'

/**
 * What a server is not fit for. `store-may-forget`: it drops keys when its memory is full, and with them logins that
 * were spent and what was counted. `store-too-old`: it is older than Redis 7. `store-not-inspected`: it does not let
 * itself be asked.
 */
export type RedisWarning = 'store-may-forget' | 'store-too-old' | 'store-not-inspected'

const OLDEST = 7

/** Asks a server for its version and for what it does when its memory is full. Rejects when it does not answer. */
export async function inspectRedis(send: Send): Promise<readonly RedisWarning[]> {
  const info = await send('', ['INFO']).catch((error: unknown) => {
    if (error instanceof Error && error.message.startsWith('NOPERM')) return null
    throw error
  })
  if (info === null) return ['store-not-inspected']
  const fields = readInfo(String(info))
  const isOld = Number.parseInt(fields.get('redis_version') ?? '', 10) < OLDEST
  const forgets = fields.get('maxmemory_policy') !== 'noeviction'
  return [
    ...(isOld ? (['store-too-old'] as const) : []),
    ...(forgets ? (['store-may-forget'] as const) : []),
  ]
}

function readInfo(text: string): ReadonlyMap<string, string> {
  const pairs = text.split('\r\n').map((line) => line.split(':', 2))
  return new Map(pairs.map(([name = '', value = '']) => [name, value]))
}
