import { createMemoryStore } from '../src/facts/memory-store.ts'
import type { Store } from '../src/facts/store.ts'
import { openFollowedStore } from '../test/support/followed-store.ts'
import { findRedis } from '../test/support/redis-binary.ts'
import { startRedis } from '../test/support/redis-server.ts'

/**
 * `npm run bench:store`: what 100,000 subjects with a session each take, in memory and in Redis, and whether a million
 * requests more of the same take anything. Each subject has a device, a place, a fingerprint, three roles and one
 * counter; every tenth has been challenged for an operation and has spent a login on it.
 */

const SUBJECTS = 100_000
const REQUESTS = 1_000_000
const START = 1_795_428_000_000
const COUNTER = { id: 'c', window: 20_000, of: 'attempts', amount: 1, read: true } as const

type Part = 'subjects' | 'counters' | 'logins'

/** One request of a subject, of which everything is learnt. */
async function ask(store: Store, at: number, part: Part): Promise<void> {
  const id = String(at % SUBJECTS)
  const now = START + at / 10
  const base = { subject: { issuer: 'https://idp.example', id }, now, stream: `stream-${at}` }
  if (part === 'counters') {
    await store.observe({ ...base, counters: [{ ...COUNTER, key: id }] })
    return
  }
  if (part === 'logins') {
    await settle(store, base)
    return
  }
  const roles = ['reader', 'license-manager', 'auditor']
  const [device, session, fingerprint] = [
    `device-${id}`,
    `session-${id}`,
    `${id}-fingerprint`.padEnd(43, '-'),
  ]
  await store.observe({ ...base, device, place: 'DE/1', session, fingerprint, roles, counters: [] })
  const place = { latitude: 52.52, longitude: 13.4, accuracyKm: 20, country: 'DE', at: now }
  const learnt = { device, place, roles, fingerprint: { session, value: fingerprint } }
  await store.remember({ ...base, ...learnt, count: [], giveBack: [], satisfied: null })
}

async function settle(
  store: Store,
  base: {
    readonly subject: { readonly issuer: string; readonly id: string }
    readonly now: number
    readonly stream: string
  },
): Promise<void> {
  const second = Math.floor(base.now / 1000)
  const challenge = {
    operation: 'DELETE h/x',
    authTime: null,
    about: 'mfa',
    issuedAt: second,
    shortfalls: 1,
  }
  await store.settle({ ...base, spend: null, challenge })
  const spend = { authTime: second + 1, operation: 'DELETE h/x' }
  await store.settle({ ...base, now: base.now + 2_000, spend, challenge })
}

const PARTS: readonly (readonly [part: Part, of: number])[] = [
  ['subjects', SUBJECTS],
  ['counters', SUBJECTS],
  ['logins', SUBJECTS / 10],
]

async function fill(store: Store, used: () => Promise<number>): Promise<void> {
  let before = await used()
  for (const [part, of] of PARTS) {
    for (let at = 0; at < of; at += 500) {
      await Promise.all(Array.from({ length: 500 }, (_, n) => ask(store, at + n, part)))
    }
    const after = await used()
    console.log(
      `  ${of} ${part}: ${mega(after - before)}, ${Math.round((after - before) / of)} bytes each`,
    )
    before = after
  }
}

function mega(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`
}

async function heap(): Promise<number> {
  if (globalThis.gc === undefined) throw new Error('run with --expose-gc')
  for (let n = 0; n < 3; n += 1) globalThis.gc()
  return process.memoryUsage().heapUsed
}

async function inMemory(): Promise<void> {
  console.log('in memory')
  const empty = await heap()
  const store = createMemoryStore({ loop: { attempts: 3, window: 300_000 } })
  console.log(`  empty: ${mega((await heap()) - empty)}`)
  await fill(store, heap)
  const began = performance.now()
  for (let at = 0; at < REQUESTS; at += 1) {
    await ask(store, at, 'subjects')
    await ask(store, at, 'counters')
    if (at % (REQUESTS / 5) === 0)
      console.log(`  after ${at} more requests: ${mega((await heap()) - empty)}`)
  }
  console.log(`  after ${REQUESTS} more requests: ${mega((await heap()) - empty)}`)
  console.log(`  ${((1000 * (performance.now() - began)) / REQUESTS).toFixed(1)} µs a request`)
  // Still alive until here, or there would be nothing to measure.
  await ask(store, 0, 'subjects')
}

async function inRedis(): Promise<void> {
  const redis = await findRedis()
  if ('missing' in redis) throw new Error(redis.missing)
  const server = await startRedis(redis)
  const store = await openFollowedStore({ url: server.url, deadline: 5_000 })
  console.log('in Redis (used_memory)')
  await fill(store, async () => {
    const info = await server.command('INFO', 'memory')
    return Number(/used_memory:(\d+)/.exec(info)?.[1])
  })
  await store.stop()
  await server.kill()
}

await inMemory()
await inRedis()
