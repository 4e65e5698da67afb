import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { createIdentify } from '../../src/identity/identify.ts'
import type { JudgeOpaque } from '../../src/identity/opaque.ts'
import { answer, holding, introspectionWorld, json } from './introspection-world.ts'
import { ISSUER, NOW, request } from './tokens.ts'
import { KEYS } from './world.ts'

suite('an answer of the issuer is remembered', () => {
  test('for as long as the settings say, and no longer', async () => {
    await using w = await introspectionWorld()
    await w.outcome()
    w.state.now += 29_999
    assert.equal(await w.outcome(), 'authenticated')
    assert.equal(w.questions.length, 1)
    w.state.reply = json({ active: false })
    w.state.now += 1
    assert.equal(await w.outcome(), 'inactive')
  })

  test('not past the end of the token', async () => {
    await using w = await introspectionWorld()
    w.state.reply = json(answer({ exp: NOW + 10 }))
    await w.outcome()
    w.state.now += 10_000
    w.state.reply = json({ active: false })
    assert.equal(await w.outcome(), 'inactive')
  })

  test('not at all where the settings say so', async () => {
    await using w = await introspectionWorld({ cache: 0 })
    await w.outcome()
    w.state.reply = json({ active: false })
    assert.equal(await w.outcome(), 'inactive')
    w.state.reply = json(answer())
    assert.equal(await w.outcome(), 'authenticated')
  })

  test('as a refusal for five seconds', async () => {
    await using w = await introspectionWorld()
    w.state.reply = json({ active: false })
    assert.equal(await w.outcome(), 'inactive')
    w.state.reply = json(answer())
    w.state.now += 4999
    assert.equal(await w.outcome(), 'inactive')
    w.state.now += 1
    assert.equal(await w.outcome(), 'authenticated')
  })

  test('until its subject is forgotten, and no other', async () => {
    await using w = await introspectionWorld()
    await w.outcome()
    w.forget('bob')
    await w.outcome()
    assert.deepEqual(w.results, ['ok', 'cached'])
    w.forget('ada')
    w.state.reply = json({ active: false })
    assert.equal(await w.outcome(), 'inactive')
  })

  test('not when its subject was forgotten while it was on its way', {
    timeout: 10_000,
  }, async () => {
    await using w = await introspectionWorld()
    const held = holding(w)
    const first = w.outcome()
    await w.asked()
    w.forget('ada')
    held.release()
    assert.equal(await first, 'authenticated')
    w.state.reply = json({ active: false })
    assert.equal(await w.outcome(), 'inactive')
  })
})

test('each place has an issuer of its own, and no token goes to another’s', async () => {
  const [portal, plain] = [
    { ...ISSUER, name: 'portal', issuer: 'https://p.example.com', token: { cookie: 'session' } },
    { ...ISSUER, name: 'plain', issuer: 'https://q.example.com', token: { header: 'x-token' } },
  ]
  const asked: string[] = []
  const judging =
    (name: string): JudgeOpaque =>
    (token) => {
      asked.push(`${name}: ${token}`)
      return { kind: 'rejected', problem: 'inactive' }
    }
  const identify = createIdentify({
    issuers: [ISSUER, portal, plain],
    keysOf: () => KEYS,
    missed: () => undefined,
    now: () => NOW * 1000,
    opaque: new Map([ISSUER, portal].map(({ name }) => [name, judging(name)])),
  })
  const sent = async (name: string, value: string) => {
    const identity = await identify({ ...request(), headers: new Map([[name, [value]]]) })
    return identity.kind === 'rejected' ? identity.problem : identity.kind
  }
  assert.equal(await sent('authorization', 'Bearer one'), 'inactive')
  assert.equal(await sent('cookie', 'session=two'), 'inactive')
  assert.equal(await sent('x-token', 'three'), 'malformed')
  assert.deepEqual(asked, ['idp: one', 'portal: two'])
})
