import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { type FollowedStore, openFollowedStore } from '../support/followed-store.ts'
import { findRedis, type RedisBinary } from '../support/redis-binary.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'
import { type SlowProxy, startSlowProxy } from '../support/slow-proxy.ts'
import { settlement } from './settlements.ts'
import { count, counter, learn, see } from './sightings.ts'

/** Milliseconds: what the store is held to, and what a busy machine may add to that. */
const DEADLINE = 20
const SLACK = 150
const HEALED_WITHIN = 2_000

/** What a trouble has to do with. */
type World = {
  server: RedisServer
  readonly proxy: SlowProxy
  readonly store: FollowedStore
}

type Trouble = {
  readonly name: string
  readonly harm: (world: World) => unknown
  readonly mend: (world: World) => unknown
  /** What the store says is wrong. */
  readonly reason: RegExp
}

const redis = await findRedis()

const TROUBLES: readonly Trouble[] = [
  {
    name: 'killed and started anew',
    harm: ({ server }) => server.kill(),
    mend: async (world) => {
      world.server = await startRedis(found(), { port: world.server.port })
    },
    reason: /closed unexpectedly|ECONN/,
  },
  {
    name: 'frozen',
    harm: ({ server }) => server.freeze(),
    mend: ({ server }) => server.thaw(),
    reason: /no answer within/,
  },
  {
    name: 'slow by 50 ms',
    harm: ({ proxy }) => proxy.delay(50),
    mend: ({ proxy }) => proxy.delay(0),
    reason: /no answer within 20 ms|ms to answer/,
  },
  {
    name: 'full',
    harm: ({ server }) => server.command('CONFIG', 'SET', 'maxmemory', '1'),
    mend: ({ server }) => server.command('CONFIG', 'SET', 'maxmemory', '0'),
    reason: /OOM/,
  },
  {
    name: 'a replica after a failover, then promoted',
    harm: ({ server }) => server.command('REPLICAOF', '127.0.0.1', '1'),
    mend: ({ server }) => server.command('REPLICAOF', 'NO', 'ONE'),
    reason: /READONLY|replica/,
  },
]

describe('a store in a Redis that is', {
  ...('missing' in redis && { skip: redis.missing }),
}, () => {
  for (const trouble of TROUBLES) it(trouble.name, () => endure(trouble))

  it('flushed: everything is new, and no login is good', async () => {
    const { server, store } = await openWorld(2_000)
    await learn(store, 0, { device: 'x' })
    await store.settle(settlement({ at: 0, login: -9 }))
    await count(store, 0, counter())
    await server.command('FLUSHALL')
    assert.equal((await see(store, 1, { device: 'x' })).device?.learnt, false)
    assert.equal(await store.settle(settlement({ at: 5, login: 4 })), 'challenged')
    assert.equal(await count(store, 2, counter()), 1)
  })

  it('frozen while a login is spent: nothing is allowed, and the login opens nothing afterwards', async () => {
    const { server, store } = await openWorld()
    await eventually(store, async () => await store.settle(settlement({ at: 0, login: -9 })))
    server.freeze()
    const attempts = Array.from({ length: 10 }, () => store.settle(settlement({ at: 5, login: 4 })))
    const settled = await Promise.allSettled(attempts)
    assert.deepEqual(new Set(settled.map(({ status }) => status)), new Set(['rejected']))
    server.thaw()
    await store.until('ready')
    const after = await eventually(
      store,
      async () => await store.settle(settlement({ at: 6, login: 4 })),
    )
    assert.equal(after, 'challenged')
  })

  it('not there when the store starts: it starts all the same, and finds it when it comes', async () => {
    const world = await openWorld()
    await world.server.kill()
    const late = await openFollowedStore({ url: world.server.url })
    worlds.push({ ...world, store: late })
    assert.match(await late.until('down'), /ECONNREFUSED/)
    await assert.rejects(timed(late), /Redis is down/)
    world.server = await startRedis(found(), { port: world.server.port })
    await late.until('ready')
    await eventually(late, () => timed(late))
  })

  it('odd about one subject: it is well for all others', async () => {
    const { server, store } = await openWorld(2_000)
    await see(store, 0, { device: 'x' })
    const keys = await server.command('KEYS', '*{*')
    await server.command('SET', /\S*\{\S+/.exec(keys)?.[0] ?? '', 'no hash')
    for (let at = 1; at < 9; at++) await assert.rejects(async () => see(store, at, { device: 'x' }))
    const bob = await see(store, 9, { subject: { issuer: 'idp', id: 'bob' }, device: 'x' })
    assert.deepEqual([store.state(), bob.device?.learnt], ['ready', false])
  })

  it('gone when the store stops', async () => {
    const { server, store } = await openWorld()
    server.freeze()
    await store.stop()
    assert.equal(store.state(), 'down')
    await assert.rejects(timed(store), /stopped/)
  })
})

async function endure({ harm, mend, reason }: Trouble): Promise<void> {
  const world = await openWorld()
  const { store } = world
  await eventually(store, () => timed(store))
  await harm(world)
  while (store.state() === 'ready') await timed(store).catch(() => {})
  assert.match(await store.until('down'), reason)
  const refused = await Promise.allSettled(Array.from({ length: 100 }, () => timed(store)))
  assert.ok(refused.every(({ status }) => status === 'rejected'))
  await mend(world)
  const began = performance.now()
  await store.until('ready')
  assert.ok(performance.now() - began < HEALED_WITHIN)
  await eventually(store, () => timed(store))
}

/** A busy machine may be late once or twice. */
async function eventually<T>(store: FollowedStore, ask: () => Promise<T>): Promise<T> {
  for (let tries = 0; tries < 20; tries += 1) {
    try {
      return await ask()
    } catch (error) {
      assert.ok(!(error instanceof assert.AssertionError), error as Error)
      await store.until('ready')
    }
  }
  return await ask()
}

let asked = 0

/** One of each call; rejects when one does, and fails the test when one is late. */
async function timed(store: FollowedStore): Promise<void> {
  asked += 1
  const began = performance.now()
  try {
    await Promise.all([
      see(store, asked, { device: 'x', counters: [counter()] }),
      learn(store, asked, { device: 'x' }),
      store.settle(settlement({ at: 0, login: -9 })),
    ])
  } finally {
    assert.ok(performance.now() - began < DEADLINE + SLACK, 'late')
  }
}

const worlds: World[] = []

async function openWorld(deadline = DEADLINE): Promise<World> {
  const server = await startRedis(found())
  const proxy = await startSlowProxy(server.port)
  const url = `redis://127.0.0.1:${proxy.port}`
  const world = { server, proxy, store: await openFollowedStore({ url, deadline }) }
  worlds.push(world)
  await world.store.until('ready')
  return world
}

after(async () => {
  for (const { store, proxy, server } of worlds) {
    await store.stop()
    await proxy.close().catch(() => {})
    await server.kill()
  }
})

function found(): RedisBinary {
  assert.ok('command' in redis)
  return redis
}
