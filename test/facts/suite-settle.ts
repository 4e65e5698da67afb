import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { NOW, play, type Step, settlement } from './settlements.ts'
import type { OpenStore } from './store-suite.ts'

const SEQUENCES: readonly (readonly [name: string, ...steps: Step[]])[] = [
  ['a login nobody asked for is not spent', ['challenged', { at: 0, login: -5 }]],
  [
    'a login made after the challenge is spent, once',
    ['challenged', { at: 0, login: -60 }],
    ['spent', { at: 9, login: 7 }],
    ['challenged', { at: 10, login: 7 }],
    ['challenged', { at: 11, login: 7 }],
  ],
  [
    'a login within the second of the challenge is too early, one past it is not',
    ['challenged', { at: 0.4, login: -60 }],
    ['challenged', { at: 1, login: 0 }],
    ['spent', { at: 2, login: 1 }],
  ],
  [
    'the login that was challenged is too early itself, also by a clock that is ahead of ours',
    ['challenged', { at: 0, login: 5 }],
    ['challenged', { at: 1, login: 5 }],
    ['challenged', { at: 6, login: 5 }],
    ['spent', { at: 7, login: 6 }],
  ],
  [
    'a subject waits for at most 64 logins: the oldest challenge has to be given again, and nobody else is touched',
    ['challenged', { at: 0, login: -60, subject: 'bob' }],
    ...Array.from({ length: 65 }, (_, at): Step => {
      return ['challenged', { at, login: -60, operation: `DELETE h/${at}` }]
    }),
    ['challenged', { at: 70, login: 68, operation: 'DELETE h/0' }],
    ['spent', { at: 70, login: 68, operation: 'DELETE h/64' }],
    ['spent', { at: 70, login: 69, operation: 'DELETE h/2' }],
    ['spent', { at: 70, login: 69, subject: 'bob' }],
  ],
  [
    'the first of several challenges stands',
    ['challenged', { at: 0, login: -60 }],
    ['challenged', { at: 3, login: -60 }],
    ['spent', { at: 4, login: 2 }],
  ],
  [
    'after a login was spent the operation needs a new challenge, and a later login',
    ['challenged', { at: 0, login: -60 }],
    ['spent', { at: 5, login: 4 }],
    ['challenged', { at: 8, login: 7 }],
    ['spent', { at: 10, login: 9 }],
  ],
  [
    'a spent login opens no other operation, whichever was challenged first',
    ['challenged', { at: 0, login: -60 }],
    [
      'challenged',
      { at: 0, login: -60, operation: 'DELETE licensing.example.com/v1/licenses/L-2' },
    ],
    ['spent', { at: 5, login: 4 }],
    ['challenged', { at: 6, login: 4, operation: 'DELETE licensing.example.com/v1/licenses/L-2' }],
  ],
  [
    'a challenge is for one method and path',
    ['challenged', { at: 0, login: -60 }],
    ['challenged', { at: 5, login: 4, operation: 'PUT licensing.example.com/v1/licenses/L-1' }],
  ],
  [
    'a challenge is for one subject',
    ['challenged', { at: 0, login: -60 }],
    ['challenged', { at: 5, login: 4, subject: 'bob' }],
    ['challenged', { at: 5, login: 4, issuer: 'other' }],
    ['spent', { at: 5, login: 4 }],
  ],
  [
    'a challenge lasts ten minutes',
    ['challenged', { at: 0, login: -60 }],
    ['challenged', { at: 600, login: 599 }],
    ['spent', { at: 602, login: 601 }],
  ],
  [
    'a spent login stays spent for as long as a challenge before it could stand',
    ['challenged', { at: 0, login: -60 }],
    ['spent', { at: 1, login: 9 }],
    ['challenged', { at: 2, login: 9 }],
    ['challenged', { at: 601.9, login: 9 }],
    ['challenged', { at: 608.9, login: 9 }],
  ],
  [
    'a retry of the same stream gets the same answer, another stream does not',
    ['challenged', { at: 0, login: -60, stream: 'a' }],
    ['spent', { at: 5, login: 4, stream: 'b' }],
    ['spent', { at: 6, login: 4, stream: 'b' }],
    ['challenged', { at: 6, login: 4, stream: 'c' }],
    ['challenged', { at: 6, login: 4, stream: 'b', operation: 'PUT x/y' }],
  ],
  [
    'a request without a stream id is never a retry',
    ['challenged', { at: 0, login: -60 }],
    ['spent', { at: 5, login: 4 }],
    ['challenged', { at: 5, login: 4 }],
  ],
]

/** Challenges for any login: `issued` is when the token was issued that came with the request. */
const ROUNDS: readonly (readonly [name: string, ...steps: Step[]])[] = [
  [
    'a client that comes back with fresh tokens is challenged three times, and no more',
    ['challenged', { at: 0, issued: -60 }],
    ['challenged', { at: 5, issued: 3 }],
    ['challenged', { at: 10, issued: 8 }],
    ['loop', { at: 15, issued: 13 }],
    ['loop', { at: 16, issued: 13 }],
    ['loop', { at: 299, issued: 290 }],
  ],
  [
    'the window ends it',
    ['challenged', { at: 0, issued: -60 }],
    ['challenged', { at: 5, issued: 3 }],
    ['challenged', { at: 10, issued: 8 }],
    ['loop', { at: 15, issued: 13 }],
    ['challenged', { at: 300, issued: 13 }],
    ['challenged', { at: 305, issued: 302 }],
  ],
  [
    'the same token again is no round, however often and whenever',
    ...Array.from({ length: 20 }, (_, at): Step => ['challenged', { at, issued: -1 }]),
  ],
  [
    'tokens issued in the second of the challenge, as by requests in parallel, are no round',
    ...Array.from({ length: 5 }, (_, at): Step => ['challenged', { at: at / 10, issued: 0 }]),
  ],
  [
    'nor is the same token by a clock that is ahead of ours; the next one is',
    ...Array.from({ length: 9 }, (_, at): Step => ['challenged', { at, issued: 4 }]),
    ['challenged', { at: 9, issued: 10 }],
    ['challenged', { at: 10, issued: 10 }],
    ['challenged', { at: 11, issued: 11 }],
    ['loop', { at: 12, issued: 12 }],
  ],
  [
    'fewer shortfalls are progress, once',
    ['challenged', { at: 0, issued: -60, shortfalls: 2 }],
    ['challenged', { at: 5, issued: 3, shortfalls: 2 }],
    ['challenged', { at: 10, issued: 8, shortfalls: 1 }],
    ['challenged', { at: 15, issued: 13, shortfalls: 2 }],
    ['challenged', { at: 20, issued: 18, shortfalls: 1 }],
    ['loop', { at: 25, issued: 23, shortfalls: 1 }],
  ],
  [
    'subjects, issuers and what is asked for are apart',
    ['challenged', { at: 0, issued: -60 }],
    ['challenged', { at: 5, issued: 3 }],
    ['challenged', { at: 10, issued: 8 }],
    ['challenged', { at: 15, issued: 13, subject: 'bob' }],
    ['challenged', { at: 15, issued: 13, issuer: 'other' }],
    ['challenged', { at: 15, issued: 13, about: 'other' }],
    ['loop', { at: 15, issued: 13 }],
  ],
]

/** What every store does when it settles. */
export function describeSettle(open: OpenStore): void {
  describe('a login for one operation', () => {
    for (const [name, ...steps] of SEQUENCES) it(name, async () => play(await open(), steps))

    it('spends one login on one of a hundred operations that wait for it', async () => {
      const store = await open()
      const operations = Array.from({ length: 100 }, (_, n) => `DELETE h/${n}`)
      const settleAll = (at: number, login: number) =>
        Promise.all(
          operations.map((operation) => store.settle(settlement({ at, login, operation }))),
        )
      await settleAll(0, -9)
      const settled = await settleAll(5, 4)
      assert.equal(settled.filter((one) => one === 'spent').length, 1)
    })
  })

  describe('the loop guard', () => {
    for (const [name, ...steps] of ROUNDS) it(name, async () => play(await open(), steps))

    it('begins anew after a challenge was answered', async () => {
      const store = await open()
      const round = (at: number) => store.settle(settlement({ at, issued: at - 1 }))
      const { about } = settlement({ at: 0 }).challenge
      const nothing = { count: [], giveBack: [], stream: null }
      const subject = { issuer: 'idp', id: 'ada' }
      const answered = async (at: number) =>
        await store.remember({ ...nothing, subject, now: NOW + at * 1000, satisfied: about })
      assert.equal(await answered(0), false)
      for (let at = 5; at < 50; at += 10) {
        assert.deepEqual([await round(at), await round(at + 3)], ['challenged', 'challenged'])
        assert.deepEqual([await answered(at + 4), await answered(at + 5)], [true, false])
      }
      await round(60)
      assert.equal(await answered(400), false, 'the window has passed')
    })
  })
}
