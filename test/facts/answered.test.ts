import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createMayBeAnswer } from '../../src/facts/answered.ts'
import type { Shown } from '../../src/facts/shown.ts'

const NOW = 1_795_428_000_000
const MINUTE = 60_000
const MET = { about: 'mfa', level: 'mfa' }

/** A request of a subject with a token that was issued so many seconds ago. */
function shown(id: string, issued: number | undefined, login?: number): Shown {
  const at = (seconds: number) => NOW / 1000 - seconds
  return {
    facts: {},
    subject: { issuer: 'idp', id },
    login: {
      proof: 'acr',
      tolerance: { ahead: 10, leeway: 0 },
      ...(issued === undefined ? {} : { issuedAt: at(issued) }),
      ...(login === undefined ? {} : { authTime: at(login) }),
    },
  }
}

describe('the answer to a challenge', () => {
  it('is told of once for each token and requirement', () => {
    const mayBe = createMayBeAnswer(5 * MINUTE)
    const told = [
      mayBe(shown('ada', 5), MET, NOW),
      mayBe(shown('ada', 5), MET, NOW),
      mayBe(shown('ada', 5), { about: 'other', level: null }, NOW),
      mayBe(shown('ada', 4), MET, NOW),
      mayBe(shown('bob', 5), MET, NOW),
    ]
    assert.deepEqual(told, [true, false, true, true, true])
  })

  it('comes with a token that was issued since', () => {
    const mayBe = createMayBeAnswer(5 * MINUTE)
    assert.equal(mayBe(shown('ada', 300), MET, NOW), true)
    assert.equal(mayBe(shown('ada', 301), MET, NOW), false)
  })

  it('is told by the login where a token does not say when it was issued, or by nothing', () => {
    const mayBe = createMayBeAnswer(5 * MINUTE)
    assert.equal(mayBe(shown('ada', undefined, 301), MET, NOW), false)
    assert.equal(mayBe(shown('ada', undefined, 5), MET, NOW), true)
    assert.equal(mayBe(shown('ada', undefined), MET, NOW), true)
    assert.equal(mayBe(shown('ada', undefined), MET, NOW), false)
  })
})
