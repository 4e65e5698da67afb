import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { JournalEntry } from '../../src/facts/journal.ts'
import { createStanding } from '../../src/facts/standing.ts'
import {
  ADA,
  compliant,
  disabled,
  enabled,
  ended,
  notCompliant,
  revoked,
} from './security-events.ts'

const BOB = { issuer: 'idp', id: 'bob' }

describe('what is old', () => {
  it('is forgotten, but for what is still disabled or not compliant', () => {
    const standing = createStanding({})
    for (const entry of [
      revoked(5_000),
      revoked(5_000, 's', BOB),
      { kind: 'forgotten', at: 4_000 } as const,
      disabled(5_000),
      enabled(5_000, BOB),
      notCompliant(5_000),
      revoked(6_000, 't', BOB),
      ended(5_000, 'u'),
      ended(6_000, 'v'),
    ])
      standing.apply(entry)
    standing.forget(6_000)
    assert.equal(standing.isRevoked(ADA, { authTime: 1 }), false)
    assert.equal(standing.isRevoked(BOB, { authTime: 1, sessionId: 's' }), false)
    assert.equal(standing.isRevoked(BOB, { authTime: 1, sessionId: 't' }), true)
    assert.equal(standing.isRevoked(BOB, { authTime: 9, sessionId: 'u' }), false)
    assert.equal(standing.isRevoked(BOB, { authTime: 9, sessionId: 'v' }), true)
    assert.equal(standing.isDisabled(ADA), true)
    assert.equal(standing.isNotCompliant('laptop'), true)
    assert.deepEqual(standing.entries(), [
      revoked(6_000, 't', BOB),
      ended(6_000, 'v'),
      disabled(5_000),
      notCompliant(5_000),
    ])
  })
})

describe('a standing that is full', () => {
  const other = (id: string) => ({ issuer: 'idp', id })
  const full = (...entries: readonly JournalEntry[]) => {
    let overflows = 0
    const standing = createStanding({ capacity: 2, overflowed: () => overflows++ })
    for (const entry of entries) standing.apply(entry)
    return { standing, overflows: () => overflows }
  }

  for (const session of [null, 's'])
    it(`takes older logins of everybody for revoked, not knowing whose were (${session ?? 'all'})`, () => {
      const { standing, overflows } = full(
        revoked(5_000, session, other('a')),
        revoked(6_000, session, other('b')),
        revoked(7_000, session, other('c')),
      )
      assert.ok(overflows() > 0)
      assert.equal(standing.isRevoked(other('a'), { authTime: 5 }), true)
      assert.equal(standing.isRevoked(other('d'), { authTime: 5, sessionId: 'x' }), true)
      assert.equal(standing.isRevoked(other('d'), {}), true)
      assert.equal(standing.isRevoked(other('d'), { authTime: 6 }), false)
      assert.equal(standing.isRevoked(other('c'), { authTime: 7, sessionId: 's' }), true)
    })

  it('takes older logins of everybody for revoked, not knowing which sessions have ended', () => {
    const { standing, overflows } = full(ended(5_000, 'a'), ended(6_000, 'b'), ended(7_000, 'c'))
    assert.equal(overflows(), 1)
    const isRevoked = (sessionId: string, authTime: number) =>
      standing.isRevoked(other('d'), { sessionId, authTime })
    assert.deepEqual(
      [isRevoked('a', 5), isRevoked('x', 5), isRevoked('x', 6), isRevoked('c', 9)],
      [true, true, false, true],
    )
  })

  it('does not know of an account whether it is disabled, once it had no room for one', () => {
    const { standing, overflows } = full(
      disabled(5_000, other('a')),
      disabled(6_000, other('b')),
      disabled(7_000, other('c')),
      enabled(8_000, other('d')),
    )
    assert.equal(overflows(), 1)
    assert.deepEqual(
      ['a', 'b', 'c', 'd', 'e'].map((id) => standing.isDisabled(other(id))),
      [undefined, true, true, false, undefined],
    )
  })

  it('forgets what was well without a loss', () => {
    const { standing, overflows } = full(
      ...['a', 'b', 'c', 'd'].map((id) => enabled(5_000, other(id))),
      ...['a', 'b', 'c', 'd'].map((id) => compliant(5_000, id)),
    )
    assert.equal(overflows(), 0)
    assert.equal(standing.isDisabled(other('a')), false)
    assert.equal(standing.isNotCompliant('a'), false)
  })
})
