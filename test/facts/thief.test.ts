import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { play, type Seen } from './thief-play.ts'
import { type AdaAsks, isWatched, type Story, stories } from './thief-stories.ts'

const MINUTE = 60_000

/**
 * The thief has a token of Ada's, which he can renew but whose `auth_time` stays that of her login, and nothing else of
 * hers: other devices, another program, another network. The signals that look at his request must be on, always:
 *
 * - `device` and `fingerprint`: without exception;
 * - `roles`: whenever his token has a role that Ada never had;
 * - `country` and `speed`: whenever he is where she was not accepted last. The language makes three exceptions: a subject of
 *   whom no place is known (the first request, an emptied store) travels nowhere; a place where Ada herself was seen in
 *   the day before is one that her login may vouch for; and who travels slowly enough has not travelled fast.
 *
 * And so a change is never let through that is asked for with a login that is weak or old.
 */
function holdsAgainst(story: Story, { act, decision, stolen, age, ada }: Seen): void {
  if (!isWatched(story, act.what)) return
  const on = new Set(decision.risk?.signals)
  const isElsewhere =
    ada.accepted.size > 0 && !ada.accepted.has(act.city) && !ada.lately.has(act.city)
  const expected = [
    'device',
    'fingerprint',
    ...(act.roles === 'more' ? ['roles'] : []),
    ...(isElsewhere ? ['country'] : []),
    ...(isElsewhere && ada.accepted.size === 1 && isTooFast(act.city, ada.since) ? ['speed'] : []),
  ]
  assert.deepEqual(
    [...new Set(expected)].filter((id) => !on.has(id)),
    [],
  )
  if (act.what !== 'change' || decision.outcome !== 'allow') return
  assert.ok(stolen.acr === 'mfa' && age < 5 * MINUTE + 11_000, 'a change with a weak or old login')
}

/** Kilometres from Berlin or Paris, whichever is nearer, less what the files may be wrong by. */
const KILOMETRES = { berlin: 800, paris: 800, tokyo: 8_800, munich: 0, lisbon: 0 }

/** With the minute for which a place need not be noted again, and clocks that differ. */
function isTooFast(city: keyof typeof KILOMETRES, since: number): boolean {
  return KILOMETRES[city] / ((since + MINUTE + 10_000) / (60 * MINUTE)) > 900
}

describe('a thief with a stolen token', () => {
  it('gets no signal out, whatever happens in whatever order', () => {
    const played = fc.property(stories, (story) => {
      play(story, (seen) => holdsAgainst(story, seen))
    })
    fc.assert(played, { numRuns: 400 })
  })

  it('does not keep Ada from it: one step-up ends her prompts', () => {
    const change: AdaAsks = {
      kind: 'ada',
      what: 'change',
      device: 'laptop',
      city: 'berlin',
      replica: 0,
      answersAfter: 30_000,
    }
    const played = fc.property(stories, (story) => {
      const { adaAsks, wait } = play(story, () => {})
      wait(25 * 60 * MINUTE)
      assert.equal(adaAsks(change).outcome, 'allow')
      wait(20 * MINUTE)
      const later = adaAsks({ ...change, answersAfter: null })
      assert.deepEqual([later.outcome, later.risk?.signals], ['allow', []])
    })
    fc.assert(played, { numRuns: 200 })
  })
})

describe('what the language lets a thief do', () => {
  const bare: Story = {
    before: [],
    after: [],
    policy: 'all',
    ahead: 0,
    skews: [0],
    shared: true,
    named: false,
  }
  const ada = { kind: 'ada', what: 'change', device: 'laptop', replica: 0 } as const
  const thief = { kind: 'thief', what: 'read', device: 'own', roles: 'stolen', replica: 0 } as const
  const signalsOf = (story: Story) => {
    const seen: (readonly string[] | undefined)[] = []
    play(story, ({ decision }) => seen.push(decision.risk?.signals))
    return seen
  }

  it('after the store was emptied his place is the first', () => {
    const before = [{ ...ada, city: 'berlin', answersAfter: 30_000 } as const]
    const after = [{ kind: 'empty' } as const, { ...thief, city: 'tokyo', retried: true } as const]
    const expected = ['device', 'fingerprint', 'roles']
    assert.deepEqual(signalsOf({ ...bare, before, after }), [expected, expected])
  })

  it('her login vouches for a place where she was seen shortly before it', () => {
    const before = [
      { ...ada, city: 'paris', answersAfter: null } as const,
      { ...ada, city: 'berlin', answersAfter: 30_000 } as const,
    ]
    const after = [{ ...thief, city: 'paris', retried: true } as const]
    const on = ['device', 'fingerprint']
    assert.deepEqual(signalsOf({ ...bare, before, after }), [['country', ...on, 'speed'], on])
  })
})
