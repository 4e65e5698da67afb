import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import { serving } from './provider.ts'
import { askAll, type ServiceWorld, startRunningWorld, startServiceWorld } from './service-world.ts'
import { EC, ISSUER, jwk, key, type TestKey } from './tokens.ts'

/** The keys that a provider signs with, one after the other. */
const SIGNERS = [EC, key('ec-2', 'ES256'), key('rsa-3', 'RS256')] as const

const STEPS = SIGNERS.slice(1).map((next, at): [TestKey, TestKey] => [SIGNERS[at] ?? EC, next])

suite('keys are rotated twice', () => {
  test('with overlap: no request fails, and what was withdrawn is refused', async () => {
    await using w = await startRunningWorld()
    const { provider } = w
    let older = w.known
    for (const [current, next] of STEPS) {
      provider.behave = serving(provider, [jwk(current), jwk(next)])
      assert.deepEqual(await during(w, current), ['allow'], 'while the next key is announced')
      const newer = w.bearer(next)
      assert.deepEqual(await askAll(w, [older, newer]), ['allow', 'allow'])
      provider.behave = serving(provider, [jwk(next)])
      assert.deepEqual(await during(w, next), ['allow'], 'while the last key is withdrawn')
      const bearers = [older, w.bearer(current), newer]
      assert.deepEqual(await askAll(w, bearers), ['invalid_token', 'invalid_token', 'allow'])
      older = newer
    }
    assert.equal(await w.refreshes('refreshed'), 5)
    assert.equal(await w.refreshes('failed'), 0)
  })

  test('without overlap: the new key serves after one fetch, and the old one no more', async () => {
    await using w = await startRunningWorld()
    const { provider } = w
    let older = w.known
    for (const [, next] of STEPS) {
      provider.behave = serving(provider, [jwk(next)])
      const newer = w.bearer(next)
      const before = await askAll(w, [older, newer])
      assert.deepEqual(before, ['allow', 'invalid_token'], 'until the cool-down is over')
      assert.equal(w.delay(), 30_000)
      w.tick()
      assert.equal(await w.loaded(), 'refreshed')
      assert.deepEqual(await askAll(w, [older, newer]), ['invalid_token', 'allow'])
      older = newer
    }
    assert.equal(await w.refreshes('refreshed'), 3)
    const told = w.said().map(({ level, event, changed }) => [level, event, changed])
    assert.deepEqual(told, Array(3).fill(['info', 'keys-refreshed', true]))
  })
})

suite('keys without a provider', () => {
  test('in a file: rotated twice, half-written in between, and no request fails', async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'stepgate-keys-'))
    t.after(() => rmSync(folder, { recursive: true }))
    const file = join(folder, 'keys.json')
    const write = (...signers: TestKey[]) =>
      writeFileSync(file, JSON.stringify({ keys: signers.map((signer) => jwk(signer)) }))
    write(EC)
    await using w = await startServiceWorld({ issuer: ISSUER.issuer, keys: `{ file: ${file} }` })
    assert.equal(await w.loaded(), 'refreshed')
    for (const [current, next] of STEPS) {
      writeFileSync(file, '{"keys":[{"kty"')
      assert.deepEqual(await during(w, current), ['allow'])
      write(current, next)
      assert.deepEqual(await during(w, current), ['allow'])
      write(next)
      assert.deepEqual(await during(w, next), ['allow'])
      assert.equal(await w.ask(w.bearer(current)), 'invalid_token')
    }
    assert.equal(await w.refreshes('failed'), 2)
    const { level, issuer, reason } = w.said().find(({ event }) => event === 'keys-failed') ?? {}
    const why = `${file} is not JSON, or is not written to its end`
    assert.deepEqual([level, issuer, reason], ['warn', 'idp', why])
  })

  test('in the settings: ready at once, and an unknown key asks nobody', async () => {
    const keys = JSON.stringify({ static: { keys: [jwk(EC)] } })
    await using w = await startServiceWorld({ issuer: ISSUER.issuer, keys })
    await w.ready
    const [known, strange] = [w.bearer(), w.bearer(SIGNERS[1])]
    assert.deepEqual(await askAll(w, [known, strange]), ['allow', 'invalid_token'])
    assert.equal(w.delay(), undefined)
    assert.equal(await w.refreshes('refreshed'), 1)
    assert.equal(await w.refreshes('failed'), 0)
  })
})

suite('200 tokens of unknown keys at once', () => {
  const strangers = Array.from({ length: 200 }, (_, at) => ({ ...SIGNERS[1], kid: `k-${at}` }))
  const storm = async (w: ServiceWorld) => {
    const answers = await askAll(
      w,
      strangers.map((stranger) => w.bearer(stranger)),
    )
    assert.deepEqual(new Set(answers), new Set(['invalid_token']))
  }

  test('cause one fetch a cool-down, however often they come', async () => {
    await using w = await startRunningWorld()
    const { provider } = w
    w.pass(60_000)
    for (let round = 1; round <= 2; round++) {
      const asked = provider.asked.length
      await storm(w)
      assert.equal(w.delay(), round === 1 ? 0 : 30_000)
      assert.equal(provider.asked.length, asked, 'no request has fetched anything')
      w.tick()
      await storm(w)
      assert.equal(await w.loaded(), 'refreshed')
      assert.equal(provider.asked.length, asked + 2, 'metadata and keys, once')
      assert.equal(await w.refreshes('refreshed'), 1 + round)
    }
    assert.equal(await w.ask(w.known), 'allow')
  })

  test('cause no more than that while the provider is down', async () => {
    await using w = await startRunningWorld()
    const { provider } = w
    provider.behave = (_, response) => response.writeHead(503).end()
    const delays: unknown[] = []
    for (let round = 0; round < 5; round++) {
      await storm(w)
      delays.push(w.delay())
      w.tick()
      assert.equal(await w.loaded(), 'failed')
    }
    assert.deepEqual(delays, [30_000, 500, 1000, 2000, 4000])
    assert.equal(await w.refreshes('failed'), 5)
    assert.equal(await w.ask(w.known), 'allow')
  })
})

/** The different answers to fresh tokens of a signer before, while and after the keys are loaded again. */
async function during(w: ServiceWorld, signer: TestKey): Promise<string[]> {
  const fresh = () =>
    askAll(
      w,
      Array.from({ length: 20 }, () => w.bearer(signer)),
    )
  const before = fresh()
  w.tick()
  const answers = [before, fresh(), w.loaded().then(fresh)]
  return [...new Set((await Promise.all(answers)).flat())]
}
