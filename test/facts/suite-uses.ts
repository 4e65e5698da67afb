import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { SingleUse } from '../../src/facts/store.ts'
import { NOW } from './settlements.ts'
import type { OpenStore } from './store-suite.ts'

/** What is used, by which attempt, when (s after the beginning), and whether it may be. */
type Step = readonly [name: string, stream: string | null, at: number, may: boolean]

const SEQUENCES: readonly (readonly [string, ...Step[]])[] = [
  [
    'the first has it, and nobody else',
    ['a', '1', 0, true],
    ['a', '2', 0, false],
    ['a', null, 1, false],
  ],
  [
    'the attempt that had it may again',
    ['a', '1', 0, true],
    ['a', '1', 1, true],
    ['a', '2', 1, false],
  ],
  ['an attempt without an id may not', ['a', null, 0, true], ['a', null, 0, false]],
  ['nor does an empty id stand for none', ['a', null, 0, true], ['a', '1', 0, false]],
  ['each is used by itself', ['a', '1', 0, true], ['b', '1', 0, true], ['b', '2', 0, false]],
  ['to the end of its time', ['a', '1', 0, true], ['a', '2', 59.999, false]],
  ['with a clock that is set back', ['a', '1', 9, true], ['a', '2', 0, false]],
]

/** A use of something that is remembered for a minute. */
export function use(name: string, at: number, stream: string | null = null): SingleUse {
  const now = NOW + at * 1000
  return { name, now, until: now + 60_000, stream }
}

/** What both stores say of things that are good for one request; registers the tests. */
export function describeUses(open: OpenStore): void {
  describe('things that are good for one request', () => {
    for (const [what, ...steps] of SEQUENCES) {
      it(what, async () => {
        const store = await open()
        const got: boolean[] = []
        for (const [name, stream, at] of steps) got.push(await store.useOnce(use(name, at, stream)))
        assert.deepEqual(
          got,
          steps.map(([, , , may]) => may),
        )
      })
    }

    it('one of many at the same time has it', async () => {
      const store = await open()
      const uses = Array.from({ length: 50 }, (_, at) => store.useOnce(use('a', 0, String(at))))
      const had = (await Promise.all(uses)).filter((may) => may)
      assert.equal(had.length, 1)
    })
  })
}
