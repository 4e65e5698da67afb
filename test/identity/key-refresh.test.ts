import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { type Behaviour, json, serving } from './provider.ts'
import { healthy, outcome, status, storeWorld } from './store-world.ts'
import { EC, EC_OTHER, jwk, RSA } from './tokens.ts'

suite('after the first keys', () => {
  const troubles: [string, Behaviour][] = [
    ['slow', () => undefined],
    ['failing', status(500)],
    ['talking nonsense', (_, response) => response.end('{')],
    ['gone', (_, response) => response.destroy()],
    ['somebody else', (_, response) => json(response, { issuer: 'https://eve.example' })],
  ]
  for (const [name, trouble] of troubles) {
    test(`while the provider is ${name}, its known keys go on to serve, and it heals by itself`, async () => {
      await using w = await storeWorld(healthy)
      w.store.start()
      await w.next()
      w.provider.behave = trouble
      assert.equal((await w.tick()).result, 'failed')
      assert.equal(await outcome(w, w.bearer()), 'authenticated')
      assert.equal(w.store.ready(), true)
      assert.equal(w.delay(), 500)
      w.provider.behave = serving(w.provider, [jwk(EC_OTHER)])
      assert.deepEqual(await w.tick(), { issuer: 'idp', result: 'ok', changed: true })
      assert.equal(await outcome(w, w.bearer(EC_OTHER)), 'authenticated')
      assert.equal(await outcome(w, w.bearer(EC)), 'unknown-key')
    })
  }

  test('the same keys again change nothing, and kept tokens stay kept', async () => {
    await using w = await storeWorld(healthy)
    w.store.start()
    await w.next()
    const before = w.store.keysOf('idp')
    assert.deepEqual(await w.tick(), { issuer: 'idp', result: 'ok', changed: false })
    assert.equal(w.store.keysOf('idp'), before)
  })

  test('an unknown key asks once for new ones, after the cool-down; no request waits', async () => {
    await using w = await storeWorld(healthy)
    w.store.start()
    await w.next()
    w.provider.behave = serving(w.provider, [jwk(EC), jwk(RSA)])
    const fetches = w.provider.asked.length
    w.pass(10_000)
    for (let i = 0; i < 5; i++) assert.equal(await outcome(w, w.bearer(RSA)), 'unknown-key')
    assert.equal(w.provider.asked.length, fetches)
    assert.equal(w.delay(), 20_000)
    await w.tick()
    assert.equal(w.provider.asked.length, fetches + 2)
    assert.equal(await outcome(w, w.bearer(RSA)), 'authenticated')
  })

  test('past the cool-down the fetch begins at once, and is not begun twice', async () => {
    await using w = await storeWorld(healthy)
    w.store.start()
    await w.next()
    w.pass(60_000)
    assert.equal(await outcome(w, w.bearer(RSA)), 'unknown-key')
    assert.equal(w.delay(), 0)
    const fetched = w.tick()
    w.store.missed('idp')
    w.store.missed('nobody')
    assert.equal(w.delay(), undefined)
    assert.deepEqual(await fetched, { issuer: 'idp', result: 'ok', changed: false })
  })

  test('after stop nothing is fetched or armed any more', async () => {
    await using w = await storeWorld(healthy)
    w.store.start()
    await w.next()
    w.store.stop()
    assert.equal(w.delay(), undefined)
    w.pass(60_000)
    w.store.missed('idp')
    assert.equal(w.delay(), undefined)
  })

  test('stop ends a fetch under way', { timeout: 5000 }, async () => {
    await using w = await storeWorld(() => () => undefined)
    const asked = new Promise<void>((resolve) => {
      w.provider.behave = (_, response) => {
        response.on('close', resolve)
        w.store.stop()
      }
    })
    w.store.start()
    await asked
    assert.equal(w.delay(), undefined)
  })
})
