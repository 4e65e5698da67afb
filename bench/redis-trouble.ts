import { setTimeout as wait } from 'node:timers/promises'
import type { Sighting } from '../src/facts/store.ts'
import { type FollowedStore, openFollowedStore } from '../test/support/followed-store.ts'
import { findRedis, type RedisBinary } from '../test/support/redis-binary.ts'
import { type RedisServer, startRedis } from '../test/support/redis-server.ts'
import { type SlowProxy, startSlowProxy } from '../test/support/slow-proxy.ts'

/**
 * `npm run bench:redis`: what 1,000 decisions a second see of a Redis in trouble. Each looks up, settles and remembers, on
 * a store with the usual deadline of 20 ms. Prints a table; everything is on loopback and ends with it.
 */

const A_SECOND = 1_000
const TROUBLED_FOR = 5_000

type World = { server: RedisServer; readonly proxy: SlowProxy }
type Trouble = {
  readonly name: string
  readonly harm: (world: World) => unknown
  readonly mend: (world: World) => unknown
}

const nothing = () => {}

function troubles(redis: RedisBinary): readonly Trouble[] {
  return [
    { name: 'none', harm: nothing, mend: nothing },
    {
      name: 'killed, restarted',
      harm: ({ server }) => server.kill(),
      mend: async (world) => {
        world.server = await startRedis(redis, { port: world.server.port })
      },
    },
    {
      name: 'frozen (SIGSTOP)',
      harm: ({ server }) => server.freeze(),
      mend: ({ server }) => server.thaw(),
    },
    {
      name: 'slow by 50 ms',
      harm: ({ proxy }) => proxy.delay(50),
      mend: ({ proxy }) => proxy.delay(0),
    },
    { name: 'flushed', harm: ({ server }) => server.command('FLUSHALL'), mend: nothing },
    {
      name: 'full (noeviction)',
      harm: ({ server }) => server.command('CONFIG', 'SET', 'maxmemory', '1'),
      mend: ({ server }) => server.command('CONFIG', 'SET', 'maxmemory', '0'),
    },
    {
      name: 'made a replica, promoted',
      harm: ({ server }) => server.command('REPLICAOF', '127.0.0.1', '1'),
      mend: ({ server }) => server.command('REPLICAOF', 'NO', 'ONE'),
    },
  ]
}

/** Calls of one phase: how long each took, in ms, and how many were refused. */
type Phase = { readonly took: number[]; refused: number }

async function measure(redis: RedisBinary, { name, harm, mend }: Trouble): Promise<void> {
  const world: World = await startWorld(redis)
  const store = await openFollowedStore({ url: `redis://127.0.0.1:${world.proxy.port}` })
  const load = startLoad(store)
  await wait(2_000)
  load.next()
  await wait(1_000)
  const before = load.next()
  await harm(world)
  await wait(TROUBLED_FOR)
  const during = load.next()
  await mend(world)
  const began = performance.now()
  await store.until('ready')
  const healed = performance.now() - began
  load.next()
  await wait(1_000)
  const afterwards = load.next()
  await load.stop()
  await store.stop()
  await world.proxy.close()
  await world.server.kill()
  const phases = [before, during, afterwards].map(describePhase)
  console.log(`| ${[name, ...phases, `${Math.round(healed)} ms`].join(' | ')} |`)
}

async function startWorld(redis: RedisBinary): Promise<World> {
  const server = await startRedis(redis)
  return { server, proxy: await startSlowProxy(server.port) }
}

/** An open loop: what is slow does not make the next one wait. */
function startLoad(store: FollowedStore) {
  let phase: Phase = { took: [], refused: 0 }
  const pending = new Set<Promise<void>>()
  const began = performance.now()
  let sent = 0
  const timer = setInterval(() => {
    const due = ((performance.now() - began) * A_SECOND) / 1000
    for (; sent < due; sent += 1) {
      const one = decide(store, sent, phase).finally(() => pending.delete(one))
      pending.add(one)
    }
  }, 1)
  return {
    next: (): Phase => {
      const ended = phase
      phase = { took: [], refused: 0 }
      return ended
    },
    stop: async () => {
      clearInterval(timer)
      await Promise.all(pending)
    },
  }
}

async function decide(store: FollowedStore, at: number, phase: Phase): Promise<void> {
  const now = Date.now()
  const subject = { issuer: 'idp', id: `user-${at % 5_000}` }
  const shown = {
    device: 'd',
    place: 'p',
    session: `s-${at % 5_000}`,
    fingerprint: 'f',
    roles: ['r'],
  }
  const base = { subject, now, stream: `stream-${at}` }
  const use = {
    id: 'c',
    key: subject.id,
    window: 600_000,
    of: 'attempts',
    amount: 1,
    read: true,
  } as const
  const sighting: Sighting = { ...base, ...shown, counters: [use] }
  const challenge = {
    operation: 'DELETE h/x',
    authTime: null,
    about: 'mfa',
    issuedAt: now / 1000,
    shortfalls: 1,
  }
  await timed(phase, async () => await store.observe(sighting))
  await timed(phase, async () => await store.settle({ ...base, spend: null, challenge }))
  const learnt = { device: 'd', count: [], giveBack: [], satisfied: 'mfa' }
  await timed(phase, async () => await store.remember({ ...base, ...learnt }))
}

async function timed(phase: Phase, call: () => Promise<unknown>): Promise<void> {
  const began = performance.now()
  await call().catch(() => {
    phase.refused += 1
  })
  phase.took.push(performance.now() - began)
}

function describePhase({ took, refused }: Phase): string {
  const sorted = took.toSorted((a, b) => a - b)
  const at = (share: number) => (sorted[Math.ceil(share * sorted.length) - 1] ?? 0).toFixed(1)
  const share = ((100 * refused) / Math.max(1, took.length)).toFixed(1)
  return `${took.length} · ${share} % · ${at(0.5)} / ${at(0.99)} / ${at(1)}`
}

const redis = await findRedis()
if ('missing' in redis) throw new Error(redis.missing)
console.log('calls · refused · p50 / p99 / longest in ms; harmed for 5 s')
console.log('| Redis is | second before | while | second after it was healed | healed after |')
console.log('|---|---|---|---|---|')
for (const trouble of troubles(redis)) await measure(redis, trouble)
