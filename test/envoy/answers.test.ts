import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DEFAULT_TOLERANCE } from '../../src/domain/assurance.ts'
import { type AuthorReason, type Decision, NO_GROUNDS } from '../../src/domain/decision.ts'
import type { Identity } from '../../src/domain/identity.ts'
import { challengeHeader } from '../../src/envoy/challenge.ts'
import { encodeCheckResponse } from '../../src/envoy/codec.ts'
import { writeCheckResponse } from '../../src/envoy/write.ts'
import { BAD_TOKEN, LACKS_SCOPE, NO_TOKEN, STEP_UP } from './samples.ts'
import { decodeOfficial, UUID } from './support.ts'

const DENY: Decision = { ...NO_GROUNDS, outcome: 'deny', reason: 'no-rule' }
const FAULT: Decision = { ...NO_GROUNDS, outcome: 'fault', reason: 'source-unavailable' }
const ALLOW: Decision = {
  ...NO_GROUNDS,
  outcome: 'allow',
  requirement: STEP_UP.requirement,
  presented: { level: 'mfa', authAge: 20 },
}

function answer(decision: Decision, more: Partial<Parameters<typeof writeCheckResponse>[0]> = {}) {
  const plain = { id: UUID, identity: null, headerNames: [], grpc: false, realm: null }
  const { response } = writeCheckResponse({ ...plain, decision, ...more })
  const { status, denied_response, ok_response, dynamic_metadata } = decodeOfficial(
    encodeCheckResponse(response),
  )
  const sent = (denied_response ?? ok_response)?.headers ?? []
  return {
    code: status?.code,
    http: denied_response?.status.code,
    headers: Object.fromEntries(sent.map(({ header }) => [header.key, header.value])),
    body: denied_response?.body ?? '',
    removed: ok_response?.headers_to_remove ?? [],
    metadata: dynamic_metadata?.fields.stepgate?.structValue?.fields ?? {},
  }
}

function authenticated(id: string): Identity {
  return {
    kind: 'authenticated',
    subject: { issuer: 'idp', id, workload: false, claims: {} },
    login: { proof: 'acr', tolerance: DEFAULT_TOLERANCE },
  }
}

test('each outcome has its gRPC code and its HTTP status', () => {
  const byAuthor: Decision = { ...DENY, outcome: 'deny', reason: 'ambiguous-order' as AuthorReason }
  for (const [decision, code, http] of [
    [STEP_UP, 16, 401],
    [LACKS_SCOPE, 16, 403],
    [NO_TOKEN, 16, 401],
    [BAD_TOKEN, 16, 401],
    [DENY, 7, 403],
    [byAuthor, 7, 403],
    [{ ...DENY, reason: 'ambiguous-path' }, 7, 400],
    [{ ...DENY, reason: 'ambiguous-method' }, 7, 400],
    [FAULT, 14, 503],
    [ALLOW, 0, undefined],
  ] as const) {
    const written = answer(decision)
    assert.deepEqual([written.code, written.http], [code, http], JSON.stringify(decision))
  }
})

test('a decision whose values no header can hold becomes a fault', () => {
  const challenge = { acrValues: ['a b'], maxAge: null, scope: [] }
  const presented = { level: 'a\r\nb', authAge: 1 }
  for (const decision of [
    { ...STEP_UP, challenge },
    { ...ALLOW, presented },
  ] as const) {
    const { code, http, headers, metadata } = answer(decision)
    assert.deepEqual([code, http, headers['retry-after']], [14, 503, '1'])
    assert.equal(metadata.outcome?.stringValue, 'fault')
  }
})

test('a refusal carries problem details, the decision’s id, and no permission to keep it', () => {
  const { headers, body } = answer(STEP_UP)
  assert.deepEqual(headers, {
    'www-authenticate': challengeHeader(STEP_UP, null),
    'x-stepgate-decision-id': UUID,
    'cache-control': 'no-store',
    'content-type': 'application/problem+json',
  })
  assert.deepEqual(JSON.parse(body), {
    type: 'urn:stepgate:problem:insufficient_user_authentication',
    title: 'Step-up authentication required',
    status: 401,
    detail: 'A different authentication level is required',
    instance: `urn:uuid:${UUID}`,
    outcome: 'step_up',
    reason: 'insufficient_user_authentication',
    required: {
      level: 'phishing-resistant',
      max_age: 300,
      acr_values: ['urn:okta:loa:2fa:any', 'phr'],
      amr: [[['fido'], ['hwk', 'user']]],
    },
  })
})

test('a page of another origin may read the challenge, when to come back, and the decision’s id', () => {
  for (const decision of [STEP_UP, BAD_TOKEN, NO_TOKEN, LACKS_SCOPE, DENY, FAULT]) {
    for (const name of ['origin', 'Origin']) {
      const { 'access-control-expose-headers': exposed, ...others } = answer(decision, {
        headerNames: ['accept', name],
      }).headers
      assert.equal(exposed, 'WWW-Authenticate, Retry-After, X-Stepgate-Decision-Id')
      assert.deepEqual(others, answer(decision, { headerNames: ['accept', 'x-origin'] }).headers)
      assert.equal('access-control-allow-origin' in others, false, 'Envoy says which origins')
    }
    const grpc = answer(decision, { headerNames: ['origin'], grpc: true }).headers
    assert.deepEqual(grpc, answer(decision, { grpc: true }).headers)
  }
  const allowed = answer(ALLOW, { headerNames: ['origin'] }).headers
  assert.deepEqual(allowed, answer(ALLOW).headers, 'these go to the upstream')
})

test('a gRPC client gets a sentence and no content type', () => {
  const { headers, body } = answer(DENY, { grpc: true })
  assert.equal(body, 'no-rule: No rule permits this request')
  const names = ['x-stepgate-decision-id', 'cache-control', 'grpc-status-details-bin']
  assert.deepEqual(Object.keys(headers), names)
})

test('an allowed request tells the upstream who is calling, and forged names are removed', () => {
  const headerNames = [
    'accept',
    'X-Stepgate-Level',
    'x_stepgate_subject',
    'X-STEPGATE-ADMIN',
    'X_HTTP_Method',
  ]
  const { headers, removed } = answer(ALLOW, {
    identity: authenticated('auth0|ada, ü%'),
    headerNames,
  })
  assert.deepEqual(headers, {
    'x-stepgate-decision-id': UUID,
    'x-stepgate-subject': 'auth0|ada%2C%20%C3%BC%25',
    'x-stepgate-level': 'mfa',
  })
  assert.deepEqual(removed, [
    'x-http-method-override',
    'x-http-method',
    'x-method-override',
    'x_stepgate_subject',
    'X-STEPGATE-ADMIN',
    'X_HTTP_Method',
  ])
})

test('identity headers that an anonymous allow does not set are removed, seen or not', () => {
  const { headers, removed } = answer({ ...ALLOW, presented: null })
  assert.deepEqual(headers, { 'x-stepgate-decision-id': UUID })
  assert.deepEqual(removed.slice(0, 2), ['x-stepgate-subject', 'x-stepgate-level'])
})

test('Envoy’s access log can name decision, outcome, rule, reason and policy', () => {
  const texts = Object.entries(answer(STEP_UP).metadata).map(([key, v]) => [key, v.stringValue])
  assert.deepEqual(Object.fromEntries(texts), {
    decision_id: UUID,
    outcome: 'step_up',
    rule: 'big-tier-change',
    reason: 'insufficient_user_authentication',
    policy: 'r1',
  })
})
