import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { suite, test } from 'node:test'
import { type Behaviour, type Provider, serving, startProvider } from './provider.ts'
import { askAll, startRunningWorld, startServiceWorld } from './service-world.ts'
import { healthy } from './store-world.ts'
import { EC, EC_OTHER, jwk } from './tokens.ts'

/** Ends a test whose provider would hold it for ever. */
const LIMIT = { timeout: 10_000 }

suite('the provider is stopped', () => {
  test('before the start: refused until it is there, and then by itself ready', LIMIT, async () => {
    const { url, port } = await freeAddress()
    // With the timers of every day.
    await using w = await startServiceWorld({ issuer: url, timers: 'real' })
    assert.equal(await w.loaded(), 'failed')
    const bearer = w.bearer()
    assert.equal(await w.ask(bearer), 'source-unavailable')
    assert.equal(await w.health(), 'NOT_SERVING')
    await using provider = await startProvider('', port)
    provider.behave = healthy(provider)
    const { admin } = await w.ready
    assert.equal(await w.ask(bearer), 'allow')
    assert.equal(await w.health(), 'SERVING')
    const { status: ready } = await fetch(`http://${admin}/readyz`)
    assert.equal(ready, 200)
    assert.ok((await w.refreshes('failed')) > 0)
    assert.equal(await w.refreshes('refreshed'), 1)
    const [first] = w.said()
    assert.deepEqual([first?.level, first?.event, first?.issuer], ['warn', 'keys-failed', 'idp'])
    assert.match(String(first?.reason), /configuration could not be reached: .*ECONNREFUSED/)
  })

  test(
    'afterwards: known and new tokens of known keys pass, and it stays ready',
    LIMIT,
    async () => {
      await using w = await startRunningWorld()
      const { provider, known } = w
      await provider[Symbol.asyncDispose]()
      for (let i = 0; i < 3; i++) {
        w.tick()
        assert.equal(await w.loaded(), 'failed')
        assert.deepEqual(await askAll(w, [known, w.bearer()]), ['allow', 'allow'])
      }
      assert.equal(await w.health(), 'SERVING')
      assert.equal(await w.refreshes('failed'), 3)
      await using again = await startProvider('', Number(new URL(provider.url).port))
      again.behave = healthy(again)
      w.tick()
      assert.equal(await w.loaded(), 'refreshed')
      assert.deepEqual(w.said().at(-1)?.changed, false)
    },
  )
})

suite('the provider is slow', () => {
  test('at the start: no request waits for it', LIMIT, async () => {
    await using provider = await startProvider()
    const held = holding(provider)
    await using w = await startServiceWorld({ issuer: provider.url })
    await held.asked
    const answers = await askAll(
      w,
      Array.from({ length: 20 }, () => w.bearer()),
    )
    assert.deepEqual(new Set(answers), new Set(['source-unavailable']))
    assert.deepEqual(w.said(), [], 'the fetch still hangs')
    held.release(healthy(provider))
    assert.equal(await w.loaded(), 'refreshed')
    assert.equal(await w.ask(w.bearer()), 'allow')
  })

  test('while it is asked again: every token is answered at once', LIMIT, async () => {
    await using w = await startRunningWorld()
    const { provider, known } = w
    const held = holding(provider)
    w.tick()
    await held.asked
    const before = w.said().length
    const bearers = [known, w.bearer(), w.bearer(EC_OTHER)]
    assert.deepEqual(await askAll(w, bearers), ['allow', 'allow', 'invalid_token'])
    assert.equal(w.said().length, before, 'the fetch still hangs')
    assert.equal(w.delay(), undefined, 'and no other is begun')
    held.release(serving(provider, [jwk(EC), jwk(EC_OTHER)]))
    assert.equal(await w.loaded(), 'refreshed')
    assert.deepEqual(await askAll(w, bearers), ['allow', 'allow', 'allow'])
  })

  test('past the limit: it is given up, said so, and tried again', LIMIT, async () => {
    await using w = await startRunningWorld({ timeout: 1000 })
    const { provider, known } = w
    const held = holding(provider)
    w.tick()
    await held.asked
    assert.equal(await w.loaded(), 'failed')
    assert.match(String(w.said().at(-1)?.reason), /could not be reached: .*timeout$/)
    assert.equal(w.delay(), 500)
    assert.equal(await w.ask(known), 'allow')
  })
})

/** Makes a provider hold every request until it is released to behave. */
function holding(provider: Provider) {
  const asked = Promise.withResolvers<void>()
  const held: [string, ServerResponse][] = []
  provider.behave = (path, response) => {
    held.push([path, response])
    asked.resolve()
  }
  const release = (behave: Behaviour) => {
    provider.behave = behave
    for (const [path, response] of held) behave(path, response)
  }
  return { asked: asked.promise, release }
}

/** Where nobody listens. */
async function freeAddress(): Promise<{ readonly url: string; readonly port: number }> {
  await using provider = await startProvider()
  return { url: provider.url, port: Number(new URL(provider.url).port) }
}
