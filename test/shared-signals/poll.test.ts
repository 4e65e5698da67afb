import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { disabled, forOthers, pollWorld, sets } from './poll-world.ts'
import { receiveWorld } from './receive-world.ts'
import { CAEP, setOf } from './sets.ts'

const FIRST = { maxEvents: 50, returnImmediately: true }

describe('poll', () => {
  it('fetches, has kept, and only then acknowledges', async () => {
    const kept = Promise.withResolvers<'applied'>()
    const told = Promise.withResolvers<void>()
    const world = receiveWorld(
      {},
      {
        tell: () => {
          told.resolve()
          return kept.promise
        },
      },
    )
    await using w = await pollWorld([sets({ a: disabled('a') })], { world })
    w.poller.start()
    await told.promise
    assert.equal(w.asked.length, 1)
    kept.resolve('applied')
    assert.equal(await w.visited(), null)
    assert.deepEqual(w.bodies(), [FIRST, { ...FIRST, ack: ['a'] }])
    assert.equal(w.asked[0]?.authorization, 'Bearer a-token')
    assert.equal(w.delay(), 60_000)
  })

  it('goes on while there is more, in the order in which it comes', async () => {
    await using w = await pollWorld([
      sets(
        { a: disabled('a', { iat: 1000 }), b: disabled('b', { iat: 2000 }) },
        { moreAvailable: true },
      ),
      sets({ c: disabled('c', { iat: 3000 }) }, { moreAvailable: true }),
      sets({ d: disabled('d', { iat: 4000 }) }),
    ])
    w.poller.start()
    assert.equal(await w.visited(), null)
    assert.deepEqual(
      w.bodies().map(({ ack }) => ack),
      [undefined, ['a', 'b'], ['c'], ['d']],
    )
    assert.deepEqual(
      w.world.changes.map(({ at }) => at / 1000),
      [1000, 2000, 3000, 4000],
    )
  })

  it('tells of each SET that is none, by the name it came under', async () => {
    await using w = await pollWorld([
      sets({
        good: disabled('good'),
        other: forOthers,
        number: 7,
        ['__proto__']: 'x',
      }),
    ])
    w.poller.start()
    assert.equal(await w.visited(), null)
    const { ack, setErrs } = w.bodies()[1] as {
      ack: string[]
      setErrs: Record<string, { err: string }>
    }
    assert.deepEqual(ack, ['good'])
    assert.deepEqual(
      Object.entries(setErrs).map(([id, { err }]) => [id, err]),
      [
        ['other', 'invalid_audience'],
        ['number', 'invalid_request'],
        ['__proto__', 'invalid_request'],
      ],
    )
    assert.equal(w.bodies().length, 2)
  })

  it('acknowledges what nobody here is meant by', async () => {
    await using w = await pollWorld([sets({ a: disabled('a', { sub_id: null }) })])
    w.poller.start()
    await w.visited()
    assert.deepEqual(w.bodies()[1]?.ack, ['a'])
    assert.deepEqual(w.world.changes, [])
  })

  it('acknowledges again what it could not tell the transmitter', async () => {
    await using w = await pollWorld([
      sets({ a: disabled('a') }),
      (response) => response.writeHead(503).end(),
    ])
    w.poller.start()
    assert.match((await w.visited()) ?? '', /answered 503$/)
    assert.equal(await w.again(), null)
    assert.deepEqual(
      w.bodies().map(({ ack }) => ack),
      [undefined, ['a'], ['a']],
    )
  })

  it('takes no more than it asked for at once', async () => {
    const many = Object.fromEntries(
      Array.from({ length: 70 }, (_, at) => [`s${at}`, disabled(`s${at}`)]),
    )
    await using w = await pollWorld([sets(many)])
    w.poller.start()
    await w.visited()
    assert.deepEqual(w.bodies()[1]?.ack, Object.keys(many).slice(0, 50))
  })

  it('ends a visit to somebody who never comes to an end', async () => {
    let requests = 0
    const endless = async () => {
      requests++
      return Response.json({ sets: { [`a${requests}`]: '' } })
    }
    await using w = await pollWorld([], { deps: { fetch: endless } })
    w.poller.start()
    assert.equal(await w.visited(), null)
    assert.deepEqual([requests, w.delay()], [1000, 60_000])
  })

  it('sends no token where it has none', async () => {
    await using w = await pollWorld([], { token: null })
    w.poller.start()
    await w.visited()
    assert.equal(w.asked[0]?.authorization, undefined)
  })

  it('stops in the middle of a request, and visits nobody any more', async () => {
    const reached = Promise.withResolvers<void>()
    await using w = await pollWorld([() => reached.resolve()])
    w.poller.start()
    await reached.promise
    await w.poller.stop()
    assert.equal(w.delay(), undefined)
    assert.deepEqual([w.asked.length, w.world.reports], [1, []])
  })

  it('starts once, and not at all when it was stopped before', async () => {
    await using w = await pollWorld([])
    w.poller.start()
    w.poller.start()
    await w.visited()
    assert.equal(w.asked.length, 1)
    await using early = await pollWorld([])
    await early.poller.stop()
    early.poller.start()
    assert.deepEqual([early.asked.length, early.delay()], [0, undefined])
  })

  it('stops between two visits', async () => {
    await using w = await pollWorld([])
    w.poller.start()
    await w.visited()
    await w.poller.stop()
    assert.equal(w.delay(), undefined)
  })

  it('a replayed SET is acknowledged and changes nothing', async () => {
    const set = setOf(`${CAEP}session-revoked`)
    await using w = await pollWorld([sets({ a: set }), sets({ b: set })])
    w.poller.start()
    await w.visited()
    assert.deepEqual(
      w.world.reports.map(({ result }) => result),
      ['applied', 'replayed'],
    )
    assert.equal(w.world.changes.length, 1)
  })
})
