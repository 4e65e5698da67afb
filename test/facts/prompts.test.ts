import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { POLICIES, playPerson, type Week } from '../support/everyday.ts'
import { playThief, THIEVES } from '../support/thieves.ts'

const PEOPLE = 15
const OWNER = 'the owner'

/** Made-up people, always the same; `npm run bench:prompts` prints the figures of more of them. */
const COLLEAGUES = Array.from({ length: PEOPLE }, (_, number) => number)

for (const [name, policy] of Object.entries(POLICIES)) {
  describe(`people under the ${name} policy`, () => {
    const played = COLLEAGUES.map((number) => playPerson(policy, number))

    it('are asked at most once about each thing that is new', () => {
      for (const { life, weeks } of played) {
        assert.ok(sumOf(weeks, 'byNews') <= life.news, `${life.id} was asked too often`)
      }
    })

    it('are no longer asked when nothing is new', () => {
      const last = played.flatMap(({ weeks }) => weeks.slice(3))
      assert.ok(
        sumOf(
          played.flatMap(({ weeks }) => weeks.slice(0, 1)),
          'byNews',
        ) > PEOPLE,
      )
      assert.ok(sumOf(last, 'byNews') / sumOf(last, 'requests') < 0.001)
    })

    it('are never refused', () => {
      assert.equal(
        sumOf(
          played.flatMap(({ weeks }) => weeks),
          'refused',
        ),
        0,
      )
    })
  })
}

describe('whoever has stolen a token', () => {
  for (const [who, disguise] of Object.entries(THIEVES)) {
    it(`${who}: ${who === OWNER ? 'changes what he may' : 'changes nothing'}`, () => {
      const hauls = [1, 2, 3].map((number) => playThief(POLICIES.strict, number, disguise))
      const allowed = hauls.reduce((sum, haul) => sum + haul.allowed, 0)
      assert.equal(allowed, who === OWNER ? 12 : 0)
    })
  }
})

function sumOf(weeks: readonly Week[], what: keyof Week): number {
  return weeks.reduce((sum, week) => sum + week[what], 0)
}
