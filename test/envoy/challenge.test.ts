import assert from 'node:assert/strict'
import { test } from 'node:test'
import { challengeHeader } from '../../src/envoy/challenge.ts'
import { BAD_TOKEN, LACKS_SCOPE, NO_TOKEN, STEP_UP } from './samples.ts'

test('a challenge has the exact bytes of RFC 9470, or those of RFC 6750', () => {
  const challenge = { acrValues: ['mfa'], maxAge: 59.9, scope: ['a', 'b'] }
  for (const [decision, realm, expected] of [
    [
      STEP_UP,
      null,
      'Bearer error="insufficient_user_authentication", error_description="A different authentication level is required", acr_values="urn:okta:loa:2fa:any phr", max_age="300"',
    ],
    [
      { ...STEP_UP, shortfalls: ['too-old'], challenge },
      'licensing',
      'Bearer realm="licensing", error="insufficient_user_authentication", error_description="A more recent authentication is required", acr_values="mfa", max_age="59", scope="a b"',
    ],
    [
      LACKS_SCOPE,
      null,
      'Bearer error="insufficient_scope", error_description="The access token lacks a required scope", scope="licenses.write tiers"',
    ],
    [NO_TOKEN, null, 'Bearer'],
    [NO_TOKEN, 'licensing', 'Bearer realm="licensing"'],
    [BAD_TOKEN, null, 'Bearer error="invalid_token", error_description="The token has expired"'],
  ] as const) {
    assert.equal(challengeHeader(decision, realm), expected)
  }
})

test('a challenge that no header can hold is none', () => {
  for (const acr of ['a b', 'a"b', 'a\\b', 'a\r\nb', 'é', '', 'x'.repeat(4096)]) {
    const challenge = { acrValues: [acr], maxAge: null, scope: [] }
    assert.equal(challengeHeader({ ...STEP_UP, challenge }, null), null, acr)
  }
  for (const maxAge of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
    const challenge = { ...STEP_UP.challenge, maxAge }
    assert.equal(challengeHeader({ ...STEP_UP, challenge }, null), null)
  }
  assert.equal(challengeHeader(STEP_UP, 'a"b'), null)
})
