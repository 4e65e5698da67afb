import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import fc from 'fast-check'
import { authAge, inDate, type Ladder, provenRank } from '../../src/domain/assurance.ts'
import type { AuthTimeTolerance, Login } from '../../src/domain/identity.ts'

/** Seconds since the epoch. */
const NOW = 1_800_000_000

const LADDER: Ladder = [
  { name: 'password', rank: 1, acr: new Map([['idp', ['pwd']]]), amr: [['pwd']], maxAge: null },
  { name: 'mfa', rank: 2, acr: new Map([['idp', ['mfa']]]), amr: [['pwd', 'otp']], maxAge: 300 },
  { name: 'passkey', rank: 3, acr: new Map([['idp', ['phr']]]), amr: [['swk']], maxAge: 60 },
]
const DEFAULT: AuthTimeTolerance = { ahead: 10, leeway: 0 }

suite('the age of a login', () => {
  const cases: [string, number | undefined, AuthTimeTolerance, number | null][] = [
    ['a minute', NOW - 60, DEFAULT, 60],
    ['now', NOW, DEFAULT, 0],
    ['unknown', undefined, DEFAULT, null],
    ['ten seconds ahead', NOW + 10, DEFAULT, 0],
    ['eleven seconds ahead', NOW + 11, DEFAULT, null],
    ['a second ahead where none is tolerated', NOW + 1, { ahead: 0, leeway: 0 }, null],
    ['now where no second ahead is tolerated', NOW, { ahead: 0, leeway: 0 }, 0],
    ['less the leeway', NOW - 60, { ahead: 10, leeway: 5 }, 55],
    ['within the leeway', NOW - 5, { ahead: 10, leeway: 5 }, 0],
    ['a second past the leeway', NOW - 6, { ahead: 10, leeway: 5 }, 1],
    ['ahead is not lengthened by the leeway', NOW + 11, { ahead: 10, leeway: 5 }, null],
    ['in milliseconds, which is in the future', NOW * 1000, DEFAULT, null],
    ['no number', Number.NaN, DEFAULT, null],
    ['without end', Number.POSITIVE_INFINITY, DEFAULT, null],
  ]
  for (const [name, authTime, tolerance, expected] of cases) {
    test(`${name}: ${expected}`, () => {
      assert.equal(authAge(login({ authTime, tolerance }), NOW * 1000), expected)
    })
  }

  test('at its limit it is expired, and unknown it is in date only without one', () => {
    const ages = [299, 299.999, 300, 300.001, null]
    assert.deepEqual(
      ages.map((age) => inDate(age, 300)),
      [true, true, false, false, false],
    )
    assert.deepEqual([inDate(null, null), inDate(1e9, null), inDate(0, 0)], [true, true, false])
  })
})

suite('the level that is proven now', () => {
  const leeway: AuthTimeTolerance = { ahead: 10, leeway: 5 }
  const cases: [string, Partial<Login>, number][] = [
    ['its own, a second before its end', { acr: 'phr', authTime: NOW - 59 }, 3],
    ['the next lower one at its end', { acr: 'phr', authTime: NOW - 60 }, 2],
    ['that one until its end', { acr: 'phr', authTime: NOW - 299 }, 2],
    ['the one without age at last', { acr: 'phr', authTime: NOW - 300 }, 1],
    ['with leeway, a second before', { acr: 'phr', authTime: NOW - 64, tolerance: leeway }, 3],
    ['with leeway, at its end', { acr: 'phr', authTime: NOW - 65, tolerance: leeway }, 2],
    ['without a time, what needs none', { acr: 'phr' }, 1],
    ['from the future, what needs no time', { acr: 'phr', authTime: NOW + 11 }, 1],
    ['the lower of both', { acr: 'phr', amr: ['pwd', 'otp'], proof: 'both', authTime: NOW }, 2],
    [
      'the lower of both, the other way',
      { acr: 'pwd', amr: ['swk'], proof: 'both', authTime: NOW },
      1,
    ],
    ['none by acr of amr alone', { amr: ['swk'], authTime: NOW }, 0],
    ['none by amr of acr alone', { acr: 'phr', proof: 'amr', authTime: NOW }, 0],
    ['none by acr zero', { acr: '0', amr: ['swk'], proof: 'amr', authTime: NOW }, 0],
    ['none of an empty amr', { amr: [], proof: 'amr', authTime: NOW }, 0],
  ]
  for (const [name, evidence, expected] of cases) {
    test(`${name}: ${expected}`, () => {
      assert.equal(provenRank(LADDER, 'idp', login(evidence), NOW * 1000), expected)
    })
  }

  test('is none for another issuer, and never rises as a login grows older', () => {
    const age = fc.nat({ max: 400 })
    const acr = fc.constantFrom('pwd', 'mfa', 'phr', '0', 'gold')
    fc.assert(
      fc.property(acr, age, age, (name, some, more) => {
        const at = (old: number) => login({ acr: name, authTime: NOW - old })
        const rank = (old: number) => provenRank(LADDER, 'idp', at(old), NOW * 1000)
        assert.ok(rank(some + more) <= rank(some))
        assert.equal(provenRank(LADDER, 'okta', at(some), NOW * 1000), 0)
      }),
    )
  })
})

type Evidence = { readonly [K in keyof Login]?: Login[K] | undefined }

function login({ authTime, ...rest }: Evidence): Login {
  const time = authTime === undefined ? {} : { authTime }
  return { proof: 'acr', tolerance: DEFAULT, ...(rest as Partial<Login>), ...time }
}

suite('authentication contexts in a list', () => {
  const cases: [readonly string[], number][] = [
    [['pwd', 'mfa'], 2],
    [['mfa', 'pwd'], 2],
    [['mfa', 'phr', 'c9'], 3],
    [['c9'], 0],
    [[], 0],
  ]
  for (const [acrs, rank] of cases) {
    test(`${JSON.stringify(acrs)} proves ${rank}`, () => {
      const contexts = { ...login({ authTime: NOW }), acrs }
      assert.equal(provenRank(LADDER, 'idp', contexts, NOW * 1000), rank)
    })
  }
})
