import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { createKeyStore } from '../../src/identity/key-store.ts'
import {
  type Behaviour,
  json,
  type Provider,
  serving,
  servingOauth,
  startProvider,
} from './provider.ts'
import { healthy, outcome, status, storeWorld } from './store-world.ts'
import { EC, ISSUER, jwk, request } from './tokens.ts'

suite('the first fetch', () => {
  test('the store is ready once the keys are there, and looks again in ten minutes', async () => {
    await using w = await storeWorld(healthy)
    assert.equal(w.store.ready(), false)
    assert.equal(w.store.keysOf('idp'), null)
    w.store.start()
    assert.deepEqual(await w.next(), { issuer: 'idp', result: 'ok', changed: true })
    assert.equal(w.store.ready(), true)
    assert.equal(w.delay(), 600_000)
    assert.equal(await outcome(w, w.bearer()), 'authenticated')
  })

  test('OpenID discovery behind the issuer’s path', async () => {
    await using w = await storeWorld(healthy, '/realms/licensing')
    w.store.start()
    assert.equal((await w.next()).result, 'ok')
    const [first] = w.provider.asked
    assert.equal(first, '/realms/licensing/.well-known/openid-configuration')
  })

  test('RFC 8414 metadata in front of it, where there is no OpenID discovery', async () => {
    await using w = await storeWorld((provider) => servingOauth(provider, [jwk(EC)]), '/tenant')
    w.store.start()
    assert.equal((await w.next()).result, 'ok')
    assert.deepEqual(w.provider.asked.slice(1), [
      '/.well-known/oauth-authorization-server/tenant',
      '/jwks',
    ])
  })

  test('until it succeeds it is repeated, ever more slowly, and callers are told at once', async () => {
    await using w = await storeWorld(() => status(500))
    w.store.start()
    await w.next()
    const delays: unknown[] = []
    for (let i = 0; i < 8; i++) {
      delays.push(w.delay())
      const identity = w.identify(request(w.bearer()))
      assert.deepEqual(identity, { kind: 'unavailable', issuer: 'idp' })
      await w.tick()
    }
    assert.deepEqual(delays, [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000])
    w.provider.behave = healthy(w.provider)
    assert.equal((await w.tick()).result, 'ok')
    assert.equal(await outcome(w, w.bearer()), 'authenticated')
    assert.equal(w.delay(), 600_000)
  })

  test('the store is not ready as long as one issuer is missing', async () => {
    await using provider = await startProvider()
    provider.behave = healthy(provider)
    const keys = { from: 'discovery' } as const
    const good = { ...ISSUER, name: 'up', issuer: provider.url, keys }
    const bad = { ...ISSUER, name: 'down', issuer: `${provider.url}/down`, keys }
    const both = Promise.withResolvers<void>()
    const results: string[] = []
    const store = createKeyStore({
      issuers: [good, bad],
      fetch,
      now: () => 0,
      random: () => 0,
      readFile: () => assert.fail('no file is read'),
      timing: { schedule: () => () => undefined },
      onRefresh: ({ issuer, result }) => {
        if (results.push(`${issuer} ${result}`) === 2) both.resolve()
      },
    })
    store.start()
    await both.promise
    assert.deepEqual(results.toSorted(), ['down failed', 'up ok'])
    assert.equal(store.ready(), false)
    assert.notEqual(store.keysOf('up'), null)
  })
})

suite('a provider that answers badly gives no keys', () => {
  const metadata = (more: object) => (provider: Provider) => serving(provider, [jwk(EC)], more)
  const keys =
    (...list: object[]) =>
    (provider: Provider) =>
      serving(provider, list)
  const secret = { ...EC.pair.privateKey.export({ format: 'jwk' }), kid: EC.kid }
  const cases: [string, (provider: Provider) => Behaviour, RegExp][] = [
    ['500', () => status(500), /configuration answered 500$/],
    ['404 to both', () => status(404), /oauth-authorization-server answered 404$/],
    ['204', () => status(204), /answered 204$/],
    [
      'a redirect',
      () => (_, r) => r.writeHead(302, { location: '/x' }).end(),
      /could not be reached: unexpected redirect$/,
    ],
    ['no JSON', () => (_, r) => r.end('<html>'), /did not answer with JSON$/],
    ['null', () => (_, r) => json(r, null), /is about the issuer undefined$/],
    [
      'another issuer',
      metadata({ issuer: 'https://eve.example' }),
      /about the issuer "https:\/\/eve.example"$/,
    ],
    ['no jwks_uri', metadata({ jwks_uri: undefined }), /no valid `jwks_uri`$/],
    ['a jwks_uri that is no URL', metadata({ jwks_uri: '/jwks' }), /no valid `jwks_uri`$/],
    ['too much', () => (_, r) => r.end('['.repeat(600_000)), /more than 524288 bytes$/],
    ['a hung-up connection', () => (_, r) => r.destroy(), /could not be reached: /],
    [
      'no answer in time',
      () => () => undefined,
      /could not be reached: The operation was aborted due to timeout$/,
    ],
    ['a body that never ends', () => (_, r) => r.write('{'), /aborted due to timeout$/],
    ['no key', keys(), /no public key for signatures$/],
    ['only a symmetric key', keys({ kty: 'oct', k: 'AAAA' }), /no public key for signatures$/],
    ['only a private key', keys(secret), /no public key for signatures$/],
    ['only an encryption key', keys(jwk(EC, { use: 'enc' })), /no public key for signatures$/],
    ['101 keys', keys(...Array(101).fill(jwk(EC))), /more than 100 keys$/],
    ['keys that are no list', (p) => serving(p, {} as object[]), /no list `keys`$/],
  ]
  for (const [name, behave, error] of cases) {
    test(name, async () => {
      await using w = await storeWorld(behave)
      w.store.start()
      const event = await w.next()
      assert.equal(event.result, 'failed')
      assert.match(event.result === 'failed' ? event.error : '', error)
      assert.equal(w.store.ready(), false)
    })
  }
})
