import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { acceptedStep, totp } from '../../examples/identity-provider/totp.ts'

describe('one-time passwords', () => {
  // RFC 6238, Appendix B: the SHA-1 column, of which six digits are the last six.
  const SECRET = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'
  const VECTORS: readonly (readonly [seconds: number, code: string])[] = [
    [59, '287082'],
    [1111111109, '081804'],
    [1111111111, '050471'],
    [1234567890, '005924'],
    [2000000000, '279037'],
    [20000000000, '353130'],
  ]
  for (const [seconds, code] of VECTORS) {
    test(`RFC 6238 at ${seconds} s`, () => assert.equal(totp(SECRET, seconds * 1000), code))
  }

  test('a code counts in its step and the ones beside it, and once', () => {
    const code = totp(SECRET, 90_000)
    for (const [time, accepted] of [
      [59_000, null],
      [60_000, 3],
      [119_000, 3],
      [149_000, 3],
      [150_000, null],
    ] as const) {
      assert.equal(acceptedStep(SECRET, code, time, -1), accepted)
    }
    assert.equal(acceptedStep(SECRET, code, 90_000, 3), null)
  })
})
