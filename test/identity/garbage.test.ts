import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { type Behaviour, json, type Provider, serving, startProvider } from './provider.ts'
import { askAll, startRunningWorld, startServiceWorld } from './service-world.ts'
import { healthy, status } from './store-world.ts'
import { EC_OTHER, jwk, key } from './tokens.ts'

/** The key of somebody who stands in for the provider. */
const EVE = key('eve', 'ES256')

/** Ends a test whose provider would hold it for ever. */
const LIMIT = { timeout: 10_000 }

suite('the provider returns garbage', () => {
  const eve = jwk(EVE)
  const garbage: [string, (provider: Provider) => Behaviour, RegExp][] = [
    [
      'a page',
      () => (_, r) => r.end('<!doctype html><title>Welcome</title>'),
      /not answer with JSON/,
    ],
    ['no keys', (p) => serving(p, []), /\/jwks: the key set has no public key for signatures$/],
    ['500', () => status(500), /answered 500$/],
    ['a redirect', redirectTo(eve), /could not be reached: unexpected redirect$/],
    ['JSON that is cut off', cutOff, /did not answer to the end: /],
    ['JSON that ends early', () => (_, r) => r.end('{"issuer":"'), /not answer with JSON$/],
    [
      'the metadata of another issuer',
      (p) => serving(p, [eve], { issuer: 'https://eve.example' }),
      /is about the issuer "https:\/\/eve\.example"$/,
    ],
    [
      'metadata with a name without end',
      (p) => serving(p, [eve], { issuer: 'e'.repeat(100_000) }),
      /is about the issuer "e{200}"$/,
    ],
    ['a body without end', () => endless, /answered with more than 524288 bytes$/],
    ['a secret', (p) => serving(p, [{ kty: 'oct', k: 'AAAA', kid: 'ec-1' }]), /no public key/],
    ['a key that is cut short', (p) => serving(p, [jwk(EVE, { x: 'AAAA' })]), /no public key/],
  ]
  for (const [name, behave, reason] of garbage) {
    test(`${name}: its known keys go on to serve, and it heals by itself`, LIMIT, async () => {
      await using w = await startRunningWorld()
      const { provider, known } = w
      provider.behave = behave(provider)
      w.tick()
      assert.equal(await w.loaded(), 'failed')
      const bearers = [known, w.bearer(), w.bearer(EVE)]
      assert.deepEqual(await askAll(w, bearers), ['allow', 'allow', 'invalid_token'])
      assert.equal(await w.refreshes('failed'), 1)
      const said = w.said().at(-1)
      assert.equal(said?.event, 'keys-failed')
      assert.match(String(said?.reason), reason)
      assert.ok(String(said?.reason).length < 500)
      provider.behave = serving(provider, [jwk(EC_OTHER)])
      w.tick()
      assert.equal(await w.loaded(), 'refreshed')
      assert.deepEqual(await askAll(w, [w.bearer(EC_OTHER), known]), ['allow', 'invalid_token'])
    })
  }

  test('from the start: nobody passes until it tells its keys', LIMIT, async () => {
    await using provider = await startProvider()
    provider.behave = serving(provider, [eve], { issuer: 'https://eve.example' })
    await using w = await startServiceWorld({ issuer: provider.url })
    assert.equal(await w.loaded(), 'failed')
    const bearers = [w.bearer(), w.bearer(EVE)]
    assert.deepEqual(await askAll(w, bearers), ['source-unavailable', 'source-unavailable'])
    provider.behave = healthy(provider)
    w.tick()
    assert.equal(await w.loaded(), 'refreshed')
    assert.deepEqual(await askAll(w, bearers), ['allow', 'invalid_token'])
  })
})

/** Leads to keys that are not the provider's. */
function redirectTo(eve: object): (provider: Provider) => Behaviour {
  return () => (path, response) => {
    if (path === '/eve') json(response, { keys: [eve] })
    else response.writeHead(302, { location: '/eve' }).end()
  }
}

/** Announces more than it sends. */
function cutOff(): Behaviour {
  return (_, response) => {
    response.writeHead(200, { 'content-length': '1000' })
    response.write('{"issuer":', () => response.destroy())
  }
}

const endless: Behaviour = (_, response) => {
  const more = () => {
    while (!response.destroyed && response.write('['.repeat(16_384)));
  }
  response.on('drain', more)
  more()
}
