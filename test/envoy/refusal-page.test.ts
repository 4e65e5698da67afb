import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type AuthorReason, type Decision, NO_GROUNDS } from '../../src/domain/decision.ts'
import { NAVIGATION, tell } from './dialect-support.ts'
import { lines } from './read-support.ts'
import { STEP_UP } from './samples.ts'
import { NO_RULE, UUID } from './support.ts'

const LOOP: Decision = { ...NO_GROUNDS, outcome: 'deny', reason: 'step-up-loop' }
const BUSY: Decision = { ...NO_GROUNDS, outcome: 'fault', reason: 'overloaded' }
const WRONG: Decision = {
  ...NO_GROUNDS,
  outcome: 'unauthenticated',
  reason: 'invalid_token',
  problem: 'wrong-audience',
}
const FETCH = { ...NAVIGATION, ...lines(['sec-fetch-mode', 'cors'], ['sec-fetch-dest', 'empty']) }
const HOSTILE = '<script>alert(1)</script>&"\'' as AuthorReason

describe('a refusal that a browser is about to show', () => {
  const shown: [string, Decision, number, RegExp][] = [
    ['a loop', LOOP, 403, /<h1>Step-up loop<\/h1>[\s\S]*Reason: step-up-loop\./],
    ['no rule', NO_RULE, 403, /<p>No rule permits this request\.<\/p>/],
    ['a token that no login mends', WRONG, 401, /<h1>Invalid access token<\/h1>/],
    ['a fault', BUSY, 503, /<p>Try again in a moment\.<\/p>/],
  ]
  for (const [name, decision, status, says] of shown) {
    test(`${name}: a page, which says the decision`, () => {
      const { http, headers, body } = tell(decision, 'redirect')
      assert.equal(http, status)
      assert.equal(headers['content-type'], 'text/html; charset=utf-8')
      assert.match(headers['content-security-policy'] ?? '', /^default-src 'none'/)
      assert.equal(headers['cache-control'], 'no-store')
      assert.match(body, says)
      assert.ok(body.includes(`Decision: ${UUID}`))
    })
  }

  test('markup in a reason is text, and a reason that is too long is left out', () => {
    const { body } = tell({ ...NO_RULE, reason: HOSTILE } as Decision, 'redirect')
    assert.doesNotMatch(body, /<script/)
    assert.match(body, /Reason: &#60;script&#62;alert\(1\)/)
    const long = tell({ ...NO_RULE, reason: 'x'.repeat(3000) } as Decision, 'redirect').body
    assert.ok(long.length < 2048 && !long.includes('Reason'))
  })

  const told: [string, Parameters<typeof tell>][] = [
    ['a program', [LOOP, 'rfc9470']],
    ['a script of the page', [LOOP, 'redirect', { http: FETCH }]],
    ['a POST', [LOOP, 'redirect', { http: { ...NAVIGATION, method: 'POST' } }]],
    ['another host', [LOOP, 'redirect', { http: { ...NAVIGATION, host: 'api.example.com' } }]],
    ['who is redirected', [STEP_UP, 'redirect']],
  ]
  for (const [name, given] of told) {
    test(`${name}: problem details`, () => {
      const { headers, body } = tell(...given)
      assert.equal(headers['content-type'], 'application/problem+json')
      assert.equal(JSON.parse(body).instance, `urn:uuid:${UUID}`)
    })
  }
})
