import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { promisify } from 'node:util'
import type { RedisStoreOptions } from '../../src/facts/redis-store.ts'
import { openFollowedStore } from '../support/followed-store.ts'
import { findRedis } from '../support/redis-binary.ts'
import {
  freePort,
  type RedisServer,
  type RedisServerOptions,
  startRedis,
} from '../support/redis-server.ts'
import { startSlowProxy } from '../support/slow-proxy.ts'
import { documentedRights } from './documented-rights.ts'
import { settlement } from './settlements.ts'
import { counter, learn, see } from './sightings.ts'

const redis = await findRedis()

describe('a connection to Redis', { ...('missing' in redis && { skip: redis.missing }) }, () => {
  for (const isCluster of [false, true]) {
    it(`needs no more than the rights that are documented${isCluster ? ', to a cluster' : ''}`, async () => {
      const server = await start({ isCluster })
      await server.command('ACL', 'SETUSER', 'stepgate', ...(await documentedRights(isCluster)))
      for (const [at, way] of [
        { url: server.url, username: 'stepgate', password: 'secret' },
        { url: server.url.replace('//', '//stepgate:secret@') },
      ].entries()) {
        const store = await open({ ...way, isCluster, prefix: `stepgate:${at}:` })
        assert.equal(await store.until('ready'), '')
        await useAll(store)
        assert.deepEqual(store.warnings, [])
      }
    })
  }

  it('is found when the password is right at last', async () => {
    const server = await start()
    const { url } = server
    await server.command('ACL', 'SETUSER', 'other', 'on', '>right', '+@all', '~*')
    const store = await open({ url, username: 'other', password: 'wrong' })
    assert.match(await store.until('down'), /WRONGPASS/)
    await server.command('ACL', 'SETUSER', 'other', '>wrong')
    await store.until('ready')
    await useAll(store)
  })

  it('does without being asked about itself, and says so', async () => {
    const server = await start()
    await server.command('ACL', 'SETUSER', 'other', 'on', '>right', '+@all', '-info', '~*')
    const store = await open({ url: server.url, username: 'other', password: 'right' })
    assert.deepEqual(store.warnings, ['store-not-inspected'])
    await useAll(store)
  })

  it('warns of a server that drops keys when it is full', async () => {
    const server = await start({ args: ['--maxmemory-policy', 'allkeys-lru'] })
    assert.deepEqual((await open({ url: server.url })).warnings, ['store-may-forget'])
  })

  it('is used once by each call, however much it asks for', async () => {
    const server = await start()
    const proxy = await startSlowProxy(server.port)
    running.push(proxy.close)
    const store = await open({ url: `redis://127.0.0.1:${proxy.port}` })
    // The first time a server is given the scripts as well.
    await useAll(store)
    const before = proxy.sent()
    await useAll(store)
    assert.equal(proxy.sent() - before, CALLS)
  })

  it('leads through a socket', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'stepgate-socket-'))
    after(() => rm(folder, { recursive: true, force: true }))
    const path = join(folder, 'redis.sock')
    await start({ args: ['--unixsocket', path] })
    await useAll(await open({ url: `unix://${path}` }))
  })

  it('is encrypted, and only to a server whose certificate is trusted', async () => {
    const { folder, ca } = await makeCertificate()
    const tls = await start({
      args: [
        '--tls-port',
        '0',
        '--tls-cert-file',
        join(folder, 'crt.pem'),
        '--tls-key-file',
      ].concat(
        join(folder, 'key.pem'),
        '--tls-auth-clients',
        'no',
        '--tls-ca-cert-file',
        join(folder, 'crt.pem'),
      ),
    })
    const port = await freePort()
    await tls.command('CONFIG', 'SET', 'tls-port', String(port))
    const url = `rediss://127.0.0.1:${port}`
    await useAll(await open({ url, ca }))
    assert.match(await (await open({ url })).until('down'), /self-signed/)
  })
})

/** How many calls `useAll` makes, all that there are. */
const CALLS = 5

async function useAll(store: Awaited<ReturnType<typeof open>>): Promise<void> {
  const shown = { device: 'x', place: 'y', session: 's', fingerprint: 'f', roles: ['r'] }
  const counters = [counter(), counter({ id: 'e', of: 'allowed' })]
  assert.deepEqual((await see(store, 0, { ...shown, stream: 'a', counters })).counters, [1, 1])
  const fingerprint = { session: 's', value: 'f' }
  const uses = { stream: 'a', giveBack: counters, count: [counter({ id: 'd' })] }
  await learn(store, 0, { ...shown, ...uses, place: PLACE, fingerprint, satisfied: 'x' })
  assert.equal((await see(store, 1, { device: 'x' })).device?.learnt, true)
  assert.equal(await store.settle(settlement({ at: 0, login: -9 })), 'challenged')
  await store.settle(settlement({ at: 5, login: 4 }))
}

const PLACE = { latitude: 1, longitude: 2, accuracyKm: 3, country: 'DE', at: 4 }

const running: (() => Promise<unknown>)[] = []

async function start(options: RedisServerOptions = {}): Promise<RedisServer> {
  assert.ok('command' in redis)
  const server = await startRedis(redis, options)
  running.push(server.kill)
  return server
}

async function open(options: Pick<RedisStoreOptions, 'url'> & Partial<RedisStoreOptions>) {
  const store = await openFollowedStore({ deadline: 2_000, ...options })
  running.unshift(store.stop)
  return store
}

after(async () => {
  for (const end of running) await end()
})

async function makeCertificate(): Promise<{ folder: string; ca: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'stepgate-tls-'))
  after(() => rm(folder, { recursive: true, force: true }))
  const [key, crt] = [join(folder, 'key.pem'), join(folder, 'crt.pem')]
  const words = [
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:prime256v1',
    '-nodes',
  ]
  const subject = ['-subj', '/CN=redis', '-addext', 'subjectAltName=IP:127.0.0.1', '-days', '2']
  await promisify(execFile)('openssl', [...words, '-keyout', key, '-out', crt, ...subject])
  return { folder, ca: await readFile(crt, 'utf8') }
}
