import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Refusal, readRefusal } from '../../examples/client/refusal.ts'

const ID = '0f5c8a1e-3f0b-4c1e-9a52-6d7c1b2a3e4f'
const NONE = { reason: null, detail: null, decisionId: ID, retryAfter: null }
const PROBLEM = { 'content-type': 'application/problem+json', 'x-stepgate-decision-id': ID }

describe('what a program reads of an answer', () => {
  const cases: [string, Response, Partial<Refusal> | null][] = [
    ['a good one', new Response('{}'), null],
    ['a no of the API itself', new Response('{}', { status: 404 }), null],
    [
      'a no',
      problem(403, { reason: 'no-rule', detail: 'No rule permits this request' }),
      { reason: 'no-rule', detail: 'No rule permits this request', remedy: 'none' },
    ],
    [
      'a challenge, where nobody can log in',
      problem(401, { reason: 'insufficient_user_authentication' }),
      { reason: 'insufficient_user_authentication', remedy: 'none' },
    ],
    [
      'a token that has ended',
      problem(401, { reason: 'invalid_token' }),
      { reason: 'invalid_token', remedy: 'new-token' },
    ],
    [
      'no token',
      problem(401, { reason: 'unauthenticated' }),
      { reason: 'unauthenticated', remedy: 'new-token' },
    ],
    [
      'a fault',
      problem(503, { reason: 'overloaded' }, { 'retry-after': '1' }),
      { reason: 'overloaded', remedy: 'later', retryAfter: 1 },
    ],
    [
      'a fault of Envoy, which has no body',
      new Response('', { status: 503 }),
      { decisionId: null, remedy: 'later' },
    ],
    ['HEAD', new Response(null, { status: 403, headers: PROBLEM }), { remedy: 'none' }],
    ['no object', new Response('null', { status: 403, headers: PROBLEM }), { remedy: 'none' }],
    ['half a body', new Response('{"rea', { status: 403, headers: PROBLEM }), { remedy: 'none' }],
  ]
  for (const [name, response, expected] of cases) {
    test(name, async () => {
      const { status } = response
      const whole = expected && { ...NONE, status, ...expected }
      assert.deepEqual(await readRefusal(response), whole)
    })
  }
})

function problem(status: number, body: object, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(body), { status, headers: { ...PROBLEM, ...headers } })
}
