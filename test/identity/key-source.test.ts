import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import type { KeySource } from '../../src/identity/key-source.ts'
import { createKeyStore, type KeyRefresh } from '../../src/identity/key-store.ts'
import { serving } from './provider.ts'
import { healthy, outcome, status, storeWorld, type World } from './store-world.ts'
import { EC, EC_OTHER, ISSUER, jwk, RSA, type TestKey } from './tokens.ts'

suite('an address of keys', () => {
  const named = (provider: { readonly url: string }): KeySource => ({
    from: 'jwks_uri',
    uri: `${provider.url}/jwks`,
  })

  test('is all that is asked', async () => {
    await using w = await storeWorld(healthy, '', named)
    w.store.start()
    assert.deepEqual(await w.next(), { issuer: 'idp', result: 'ok', changed: true })
    assert.deepEqual(w.provider.asked, ['/jwks'])
    assert.equal(await outcome(w, w.bearer()), 'authenticated')
    assert.equal(w.delay(), 600_000)
  })

  test('is asked again for an unknown key, after the cool-down', async () => {
    await using w = await storeWorld(healthy, '', named)
    w.store.start()
    await w.next()
    w.provider.behave = serving(w.provider, [jwk(EC_OTHER)])
    assert.equal(await outcome(w, w.bearer(EC_OTHER)), 'unknown-key')
    assert.equal(w.delay(), 30_000)
    await w.tick()
    assert.equal(await outcome(w, w.bearer(EC_OTHER)), 'authenticated')
  })

  test('is named when it fails', async () => {
    await using w = await storeWorld(() => status(500), '', named)
    w.store.start()
    const event = await w.next()
    assert.equal(event.result === 'failed' && event.error, `${w.provider.url}/jwks answered 500`)
  })
})

suite('a file of keys', () => {
  test('is read before readiness, and again every ten seconds', async () => {
    await using w = await fileWorld(setOf(EC))
    assert.deepEqual(await w.next(), { issuer: 'idp', result: 'ok', changed: true })
    assert.equal(w.delay(), 10_000)
    assert.deepEqual(await w.tick(), { issuer: 'idp', result: 'ok', changed: false })
    assert.equal(await outcome(w, w.bearer()), 'authenticated')
    assert.deepEqual(w.provider.asked, [])
  })

  test('may hold keys for other uses and of unknown kinds', async () => {
    const others = [jwk(RSA, { use: 'enc', kid: 'e' }), { kty: 'AKP', pub: 'AA' }]
    const curves = [{ kty: 'EC', crv: 'secp256k1', x: 'AA', y: 'AA' }]
    const w = await fileWorld(JSON.stringify({ keys: [...others, ...curves, jwk(EC)] }))
    await using _ = w
    assert.equal((await w.next()).result, 'ok')
    assert.equal(await outcome(w, w.bearer()), 'authenticated')
  })

  test('is read again for an unknown key, a second after the last time', async () => {
    await using w = await fileWorld(setOf(EC))
    await w.next()
    w.write(setOf(EC_OTHER))
    assert.equal(await outcome(w, w.bearer(EC_OTHER)), 'unknown-key')
    assert.equal(w.delay(), 1000)
    assert.deepEqual(await w.tick(), { issuer: 'idp', result: 'ok', changed: true })
    assert.equal(await outcome(w, w.bearer(EC_OTHER)), 'authenticated')
    assert.equal(await outcome(w, w.bearer(EC)), 'unknown-key')
  })

  const secret = { ...EC.pair.privateKey.export({ format: 'jwk' }), kid: 's' }
  const good = setOf(EC_OTHER, RSA)
  const broken: [string, string | Buffer, RegExp][] = [
    ['empty', '', /keys\.json is empty$/],
    ['half-written', good.slice(0, 200), /keys\.json is not JSON, or is not written to its end$/],
    ['a page', '<html>', /keys\.json is not JSON, or is not written to its end$/],
    ['no UTF-8', Buffer.from([0x7b, 0xff, 0x7d]), /keys\.json is not JSON/],
    ['of another shape', '[]', /keys\.json: the key set has no list `keys`$/],
    ['without a key', '{"keys":[]}', /keys\.json: the key set has no public key for signatures$/],
    ['with a private key', keys(jwk(EC), secret), /keys\.json: key 2 is private or symmetric/],
    ['with a secret', keys(jwk(EC), { kty: 'oct', k: 'AA' }), /key 2 is private or symmetric/],
    ['with a key cut short', keys(jwk(EC, { x: 'AAAA' })), /key 1 is no usable public key/],
    ['with a kid that is a number', keys(jwk(EC, { kid: 1 })), /key 1 is no usable public key/],
    ['with what is no key', keys(jwk(EC), 'key' as never), /key 2 is no usable public key/],
    ['too long', ' '.repeat(600_000), /keys\.json cannot be read: it has more than 524288 bytes$/],
  ]
  for (const [name, text, error] of broken) {
    test(`that is ${name} leaves the last good keys, until it is good again`, async () => {
      await using w = await fileWorld(setOf(EC))
      await w.next()
      w.write(text)
      failed(await w.tick(), error)
      assert.equal(await outcome(w, w.bearer()), 'authenticated')
      assert.equal(w.delay(), 500)
      w.write(good)
      assert.deepEqual(await w.tick(), { issuer: 'idp', result: 'ok', changed: true })
      assert.equal(await outcome(w, w.bearer(RSA)), 'authenticated')
    })
  }

  test('that is gone leaves the last good keys, also when a folder takes its place', async () => {
    await using w = await fileWorld(setOf(EC))
    await w.next()
    rmSync(w.file)
    failed(await w.tick(), /keys\.json cannot be read: ENOENT/)
    mkdirSync(w.file)
    failed(await w.tick(), /keys\.json cannot be read: (EISDIR|it is not a file)/)
    assert.equal(await outcome(w, w.bearer()), 'authenticated')
    assert.equal(w.store.ready(), true)
  })

  test('that is missing at the start is waited for', async () => {
    await using w = await fileWorld(null)
    failed(await w.next(), /keys\.json cannot be read: ENOENT/)
    assert.equal(w.store.ready(), false)
    assert.equal(await outcome(w, w.bearer()), 'unavailable')
    w.write(setOf(EC))
    assert.equal((await w.tick()).result, 'ok')
    assert.equal(await outcome(w, w.bearer()), 'authenticated')
  })

  test('on a file system that does not answer is given up in time', async () => {
    const event = Promise.withResolvers<KeyRefresh>()
    const store = createKeyStore({
      issuers: [{ ...ISSUER, keys: { from: 'file', file: '/mnt/keys.json' } }],
      fetch: () => assert.fail('nothing is fetched'),
      readFile: () => new Promise(() => undefined),
      now: () => 0,
      random: () => 0,
      timing: { timeout: 20, schedule: () => () => undefined },
      onRefresh: event.resolve,
    })
    // Timers of the store hold no process, and so nothing else would hold this test.
    const hold = setInterval(() => undefined, 1000)
    store.start()
    failed(await event.promise, /^\/mnt\/keys\.json cannot be read: .* timeout$/)
    clearInterval(hold)
  })
})

suite('keys in the settings', () => {
  const inline = (...list: TestKey[]): KeySource => ({
    from: 'static',
    keys: list.map((key) => jwk(key)),
  })

  test('are there without a fetch, and are never looked for again', async () => {
    await using w = await storeWorld(healthy, '', () => inline(EC, RSA))
    w.store.start()
    assert.deepEqual(await w.next(), { issuer: 'idp', result: 'ok', changed: true })
    assert.equal(w.store.ready(), true)
    for (const key of [EC, RSA]) assert.equal(await outcome(w, w.bearer(key)), 'authenticated')
    w.pass(3_600_000)
    assert.equal(await outcome(w, w.bearer(EC_OTHER)), 'unknown-key')
    assert.equal(w.delay(), undefined)
    assert.deepEqual(w.provider.asked, [])
  })
})

/** A world whose keys are in a file of its own; null leaves the file out. */
async function fileWorld(
  text: string | null,
): Promise<World & { readonly file: string; readonly write: (text: string | Buffer) => void }> {
  const folder = mkdtempSync(join(tmpdir(), 'stepgate-keys-'))
  const file = join(folder, 'keys.json')
  const write = (content: string | Buffer) => {
    writeFileSync(`${file}.new`, content)
    renameSync(`${file}.new`, file)
  }
  if (text !== null) write(text)
  const w = await storeWorld(healthy, '', () => ({ from: 'file', file }))
  w.store.start()
  return {
    ...w,
    file,
    write,
    async [Symbol.asyncDispose]() {
      await w[Symbol.asyncDispose]()
      rmSync(folder, { recursive: true })
    },
  }
}

function setOf(...list: TestKey[]): string {
  return keys(...list.map((key) => jwk(key)))
}

function keys(...list: object[]): string {
  return JSON.stringify({ keys: list })
}

function failed(event: KeyRefresh, error: RegExp): void {
  assert.match(event.result === 'failed' ? event.error : 'no failure', error)
}
