import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import {
  answer,
  hang,
  holding,
  introspectionWorld,
  json,
  type World,
} from './introspection-world.ts'

/** Ends a test that waits for what does not come. */
const LIMIT = { timeout: 10_000 }

suite('an issuer that does not answer', () => {
  test('keeps nobody waiting past the deadline', LIMIT, async () => {
    await using w = await introspectionWorld()
    w.state.reply = hang
    const [first, joined] = [w.outcome(), w.outcome()]
    await w.asked()
    w.deadline()
    assert.deepEqual(await Promise.all([first, joined]), ['unavailable', 'unavailable'])
    assert.deepEqual(w.results, ['unavailable', 'unavailable'])
    assert.deepEqual(w.failures, ['Error: no answer within 100 ms'])
  })

  test('in time: its answer is there for the next request', LIMIT, async () => {
    await using w = await introspectionWorld()
    const held = holding(w)
    const late = w.outcome()
    await w.asked()
    w.deadline()
    assert.equal(await late, 'unavailable')
    const joining = w.outcome()
    held.release()
    assert.equal(await joining, 'authenticated')
    assert.equal(await w.outcome(), 'authenticated')
    assert.deepEqual(w.results, ['unavailable', 'ok', 'cached'])
    assert.equal(w.questions.length, 1)
  })

  test('is asked no more after five failures, then by one request at a time', LIMIT, async () => {
    await using w = await introspectionWorld()
    await fail(w, 5)
    assert.deepEqual(await all(w, 20), Array(20).fill('unavailable'))
    assert.equal(w.questions.length, 5, 'nobody asks')
    w.state.now += 1000
    assert.deepEqual(await all(w, 20), Array(20).fill('unavailable'))
    assert.equal(w.questions.length, 6, 'one tries')
    w.state.now += 1999
    await w.outcome('early')
    assert.equal(w.questions.length, 6, 'the rest doubles')
    w.state.now += 1
    w.state.reply = json(answer())
    assert.equal(await w.outcome('trial'), 'authenticated')
    assert.deepEqual(await all(w, 20), Array(20).fill('authenticated'))
  })

  test('is asked on where it finds fault with tokens: nobody can shut it for others', async () => {
    await using w = await introspectionWorld()
    for (const status of [400, 400, 400, 401, 403, 413]) {
      w.state.reply = json({ error: 'invalid_request' }, status)
      assert.equal(await w.outcome(`odd-${made++}`), 'unavailable')
    }
    w.state.reply = json(answer())
    assert.equal(await w.outcome(), 'authenticated')
  })

  test('and finds fault at the trial: it is there again', LIMIT, async () => {
    await using w = await introspectionWorld()
    await fail(w, 5)
    w.state.now += 1000
    w.state.reply = json({}, 400)
    await w.outcome('odd')
    w.state.reply = json(answer())
    assert.deepEqual(await all(w, 3), Array(3).fill('authenticated'))
  })

  test('answers for known tokens are good meanwhile, new ones are not', LIMIT, async () => {
    await using w = await introspectionWorld()
    assert.equal(await w.outcome('known'), 'authenticated')
    await fail(w, 5)
    assert.equal(await w.outcome('known'), 'authenticated')
    assert.equal(await w.outcome('new'), 'unavailable')
    w.state.now += 30_000
    w.state.reply = hang
    const expired = w.outcome('known')
    await w.asked()
    w.deadline()
    assert.equal(await expired, 'unavailable')
  })

  test('for some tokens only: four failures in a row, and an answer, leave it whole', async () => {
    await using w = await introspectionWorld()
    for (const round of [1, 2, 3]) {
      await fail(w, 4)
      w.state.reply = json(answer())
      assert.equal(await w.outcome(`good-${round}`), 'authenticated')
    }
    assert.equal(w.questions.length, 15)
  })
})

suite('many requests at once', () => {
  test('with one token are one question', LIMIT, async () => {
    await using w = await introspectionWorld()
    const held = holding(w)
    const asking = Promise.all(Array.from({ length: 200 }, () => w.outcome()))
    await w.asked()
    held.release()
    assert.deepEqual(await asking, Array(200).fill('authenticated'))
    assert.equal(w.questions.length, 1)
  })

  test('with a token each: 64 are asked about, the others refused at once', LIMIT, async () => {
    await using w = await introspectionWorld()
    const held = holding(w, 64)
    const asking = all(w, 100)
    for (let i = 0; i < 64; i++) await w.asked()
    held.release()
    const outcomes = await asking
    assert.equal(outcomes.filter((one) => one === 'authenticated').length, 64)
    assert.equal(outcomes.filter((one) => one === 'unavailable').length, 36)
    assert.deepEqual(w.failures, [])
    assert.deepEqual(await all(w, 30), Array(30).fill('authenticated'))
  })
})

let made = 0

/** The outcomes of so many tokens that were never seen before. */
function all(w: World, count: number): Promise<string[]> {
  return Promise.all(Array.from({ length: count }, () => w.outcome(`new-${made++}`)))
}

/** So many questions that fail, one after the other. */
async function fail(w: World, count: number): Promise<void> {
  w.state.reply = json({}, 500)
  for (let i = 0; i < count; i++) assert.equal(await w.outcome(`new-${made++}`), 'unavailable')
}
