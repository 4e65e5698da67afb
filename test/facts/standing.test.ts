import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { SecurityEvent } from '../../src/domain/security-event.ts'
import { createStanding } from '../../src/facts/standing.ts'
import {
  ADA,
  compliant,
  disabled,
  enabled,
  ended,
  inWords,
  notCompliant,
  revoked,
} from './security-events.ts'

const BOB = { issuer: 'idp', id: 'bob' }

function standingAfter(...entries: readonly SecurityEvent[]) {
  const standing = createStanding({})
  for (const entry of entries) standing.apply(entry)
  return { standing }
}

type Login = { readonly sessionId?: string; readonly authTime?: number }

describe('a login', () => {
  const cases: readonly [events: readonly SecurityEvent[], login: Login, isRevoked: boolean][] = [
    [[], { authTime: 1 }, false],
    [[], {}, false],
    [[revoked(5_000)], { authTime: 4 }, true],
    [[revoked(5_000)], { authTime: 5 }, true],
    [[revoked(5_999)], { authTime: 5 }, true],
    [[revoked(5_000)], { authTime: 6 }, false],
    [[revoked(5_000)], {}, true],
    [[revoked(5_000)], { sessionId: 's' }, true],
    [[revoked(5_000)], { sessionId: 's', authTime: 6 }, false],
    [[revoked(9_000), revoked(5_000)], { authTime: 7 }, true],
    [[revoked(5_000), revoked(9_000)], { authTime: 7 }, true],
    [[revoked(5_000, 's')], { sessionId: 's', authTime: 4 }, true],
    [[revoked(5_000, 's')], { sessionId: 's', authTime: 9 }, true],
    [[revoked(5_000, 's')], { sessionId: 'other', authTime: 4 }, false],
    [[revoked(5_000, 's')], { sessionId: 'other' }, false],
    [[revoked(5_000, 's')], { authTime: 4 }, true],
    [[revoked(5_000, 's')], { authTime: 6 }, false],
    [[revoked(5_000, 's')], {}, true],
    [[revoked(5_000, null, BOB)], { authTime: 4 }, false],
    [[revoked(5_000, 's', BOB)], { sessionId: 's', authTime: 4 }, false],
    [[revoked(5_000, null, { issuer: 'other', id: 'ada' })], { authTime: 4 }, false],
    [[ended(5_000)], { sessionId: 's', authTime: 4 }, true],
    [[ended(5_000)], { sessionId: 's', authTime: 9 }, true],
    [[ended(5_000)], { sessionId: 's' }, true],
    [[ended(5_000)], { sessionId: 'other', authTime: 4 }, false],
    [[ended(5_000)], { authTime: 4 }, false],
    [[ended(5_000)], {}, false],
    [[ended(5_000, 's', 'other')], { sessionId: 's', authTime: 4 }, false],
    [[ended(5_000, '')], {}, false],
    [[ended(5_000, 'ada')], { authTime: 4 }, false],
    [[disabled(5_000), notCompliant(5_000)], { authTime: 4 }, false],
  ]
  for (const [events, login, expected] of cases) {
    const said = events.map(inWords).join(', ') || 'nothing'
    it(`${JSON.stringify(login)} is ${expected ? '' : 'not '}revoked after ${said}`, () => {
      assert.equal(standingAfter(...events).standing.isRevoked(ADA, login), expected)
    })
  }

  it('is revoked by the end of its session, whoever has it', () => {
    const { standing } = standingAfter(ended(5_000))
    for (const id of ['ada', 'bob', ''])
      assert.equal(standing.isRevoked({ issuer: 'idp', id }, { sessionId: 's' }), true)
  })

  it('of nobody else is meant, however names are put together', () => {
    const { standing } = standingAfter(
      revoked(5_000, '1', { issuer: 'a', id: 'b' }),
      ended(5_000, '1', 'ac'),
    )
    for (const subject of [
      { issuer: 'ab', id: '' },
      { issuer: '', id: 'ab' },
      { issuer: 'a', id: 'b1' },
      { issuer: 'a', id: 'c' },
    ])
      for (const sessionId of ['', '1', 'c1'])
        assert.equal(standing.isRevoked(subject, { sessionId, authTime: 1 }), false)
  })
})

describe('an account and a device', () => {
  const orders: readonly [
    said: readonly (readonly [bad: boolean, at: number])[],
    isBad: boolean,
  ][] = [
    [[], false],
    [[[true, 5]], true],
    [
      [
        [true, 5],
        [false, 6],
      ],
      false,
    ],
    [
      [
        [false, 6],
        [true, 5],
      ],
      false,
    ],
    [
      [
        [true, 5],
        [false, 5],
      ],
      true,
    ],
    [
      [
        [false, 5],
        [true, 5],
      ],
      true,
    ],
    [
      [
        [true, 5],
        [false, 4],
      ],
      true,
    ],
    [
      [
        [true, 5],
        [false, 6],
        [true, 5],
      ],
      false,
    ],
    [
      [
        [true, 5],
        [false, 6],
        [true, 7],
      ],
      true,
    ],
    [
      [
        [true, 5],
        [false, 6],
        [true, 6],
      ],
      true,
    ],
    [
      [
        [true, 7],
        [true, 5],
        [false, 6],
      ],
      true,
    ],
    [
      [
        [false, 9],
        [true, 5],
        [false, 6],
        [true, 8],
      ],
      false,
    ],
  ]
  for (const [said, expected] of orders) {
    const words = said.map(([bad, at]) => `${bad ? 'bad' : 'good'} at ${at}`).join(', ')
    it(`are ${expected ? 'bad' : 'good'} after ${words || 'nothing'}`, () => {
      const accounts = said.map(([bad, at]) => (bad ? disabled(at) : enabled(at)))
      const devices = said.map(([bad, at]) => (bad ? notCompliant(at) : compliant(at)))
      const { standing } = standingAfter(...accounts, ...devices)
      assert.equal(standing.isDisabled(ADA), expected)
      assert.equal(standing.isNotCompliant('laptop'), expected)
      assert.equal(standing.isDisabled(BOB), false)
      assert.equal(standing.isNotCompliant('phone'), false)
    })
  }
})
