import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { describe, it } from 'node:test'
import { disabled, forOthers, pollWorld, type Script, sets } from './poll-world.ts'
import { receiveWorld } from './receive-world.ts'

describe('poll, in trouble', () => {
  const TROUBLES: readonly (readonly [string, Script, RegExp])[] = [
    ['500', (response) => response.writeHead(500).end('secret'), /answered 500$/],
    ['401', (response) => response.writeHead(401).end(), /answered 401$/],
    ['202', (response) => response.writeHead(202).end(), /answered 202$/],
    ['a redirect', (response) => response.writeHead(307, { location: '/x' }).end(), /redirect/],
    ['no JSON', (response) => response.end('<html>'), /with a JSON object$/],
    ['half an answer', (response) => response.end('{"sets":{"a":'), /with a JSON object$/],
    ['a list', (response) => response.end('[]'), /with a JSON object$/],
    ['null', (response) => response.end('null'), /with a JSON object$/],
    ['no sets', (response) => response.end('{"moreAvailable":true}'), /with SETs$/],
    ['a list of sets', sets([] as never), /with SETs$/],
    ['too much', (response) => response.end('x'.repeat(1_800_000)), /more than 1671168 bytes$/],
    ['a hang up', (response) => response.destroy(), /could not be reached/],
    ['a hang up in the middle', hangUp, /did not answer to the end/],
    ['silence', () => {}, /could not be reached: .*(?:timeout|aborted)/i],
    ['silence in the middle', (response) => response.write('{'), /did not answer to the end/],
  ]
  for (const [name, script, problem] of TROUBLES) {
    it(`tries again after ${name}`, async () => {
      const timeout = name.startsWith('silence') ? 100 : 5000
      await using w = await pollWorld([script, sets({ a: disabled('a') })], { deps: { timeout } })
      w.poller.start()
      const said = (await w.visited()) ?? assert.fail('it went well')
      assert.match(said, problem)
      assert.doesNotMatch(said, /secret|a-token/)
      assert.equal(w.delay(), 1000)
      assert.equal(await w.again(), null)
      assert.equal(w.world.changes.length, 1)
    })
  }

  it('does not acknowledge what could not be kept, and fetches it again, ever later', async () => {
    let isDown = true
    const tell = async () => {
      if (isDown) throw new Error('down')
      return 'applied' as const
    }
    const both = sets({ bad: forOthers, a: disabled('a') })
    await using w = await pollWorld([both, both, sets({ a: disabled('a') })], {
      world: receiveWorld({}, { tell }),
    })
    w.poller.start()
    assert.equal(await w.visited(), null)
    assert.equal(w.delay(), 1000)
    assert.equal(await w.again(), null)
    assert.equal(w.delay(), 2000)
    isDown = false
    assert.equal(await w.again(), null)
    assert.deepEqual(
      w.bodies().map(({ ack, setErrs }) => [ack, Object.keys(setErrs ?? {})]),
      [
        [undefined, []],
        [undefined, ['bad']],
        [undefined, ['bad']],
        [['a'], []],
      ],
    )
    assert.equal(w.delay(), 60_000)
  })

  it('leaves a transmitter no longer than usual because of what could not be kept', async () => {
    const tell = () => Promise.reject(new Error('down'))
    const script = sets({ a: disabled('a') })
    await using w = await pollWorld(Array(10).fill(script), { world: receiveWorld({}, { tell }) })
    w.poller.start()
    await w.visited()
    for (let i = 0; i < 8; i++) await w.again()
    assert.equal(w.delay(), 60_000)
  })

  it('does not ask at once for what it has told of already', async () => {
    const both = sets({ bad: forOthers, a: disabled('a') })
    await using w = await pollWorld([both, both, both])
    w.poller.start()
    assert.equal(await w.visited(), null)
    assert.deepEqual([w.asked.length, w.delay()], [2, 60_000])
    assert.equal(await w.again(), null)
    assert.deepEqual(w.bodies()[2]?.ack, ['a'])
  })

  it('waits at most five minutes, less by chance, and after a good visit as ever', async () => {
    const failing: Script = (response) => response.writeHead(500).end()
    await using w = await pollWorld(Array(12).fill(failing), { deps: { random: () => 0.5 } })
    w.poller.start()
    await w.visited()
    for (let i = 0; i < 11; i++) await w.again()
    assert.equal(w.delay(), 225_000)
    assert.equal(await w.again(), null)
    assert.equal(w.delay(), 60_000)
  })
})

/** Ends the connection after a part of the answer. */
function hangUp(response: ServerResponse): void {
  response.writeHead(200, { 'content-length': 100 })
  response.write('{"sets"', () => response.destroy())
}
