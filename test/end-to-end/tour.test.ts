import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, describe, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { startService } from '../../demo/service.ts'
import { POLICY, type Stack, startStack } from '../../demo/stack.ts'
import { TOUR } from '../../demo/tour.ts'
import { createGuide, type Guide } from '../../demo/tour-guide.ts'
import { sendRaw } from './raw-request.ts'
import { createSigningKey, signToken, type TokenChanges, unsigned } from './tokens.ts'

const READ = '/v1/licenses/L-1'
const signingKey = createSigningKey()

describe('behind a real Envoy', () => {
  let stack: Stack
  let guide: Guide
  before(async () => {
    stack = await startStack({ say: () => {}, signingKey })
    guide = createGuide(stack)
  })
  after(() => stack?.stop())

  const bearer = (token: string) => ['authorization', `Bearer ${token}`]
  const token = (changes?: TokenChanges) => signToken(signingKey, stack.provider.issuer, changes)
  const decisionOf = (id: unknown) =>
    stack.service.journal.find((line) => line.event === 'decision' && line.decision_id === id)

  for (const [index, step] of TOUR.entries()) {
    test(`tour ${index + 1}: ${step.title}`, async () => {
      const before = stack.api.requests()
      const { status, body, wish, challenge, decision } = await guide.take(step)
      const { reason, acr, rule = decision.rule } = step.expect
      assert.deepEqual(
        { status, reason: body.reason, acr: wish?.acrValues?.split(' ')[0], rule: decision.rule },
        { status: step.expect.status, reason, acr, rule },
      )
      assert.equal(challenge !== null, status === 401, 'a challenge stands on 401 and nowhere else')
      assert.equal(decision.reason, reason ?? null)
      assert.equal(stack.api.requests() - before, status === 200 ? 1 : 0)
    })
  }

  const past = Math.floor(Date.now() / 1000) - 3600
  const badTokens: readonly (readonly [problem: string, make: () => Promise<string> | string])[] = [
    ['malformed', () => 'garbage'],
    ['expired', () => token({ claims: { iat: past - 60, exp: past } })],
    ['unknown-issuer', () => token({ claims: { iss: 'https://elsewhere.example.com' } })],
    ['wrong-audience', () => token({ claims: { aud: 'https://other.example.com' } })],
    ['algorithm-not-allowed', async () => unsigned(await token())],
    ['wrong-type', () => token({ typ: 'logout+jwt' })],
    ['unknown-key', () => signToken(createSigningKey(), stack.provider.issuer)],
    ['bad-signature', async () => `${(await token()).slice(0, -8)}AAAAAAAA`],
  ]
  for (const [problem, make] of badTokens) {
    test(`a token that is bad (${problem}) never reaches the API, and says why`, async () => {
      const before = stack.api.requests()
      const { status, headers, body } = await sendRaw(stack.url, READ, bearer(await make()))
      assert.equal(status, 401)
      assert.match(headers['www-authenticate'] ?? '', /^Bearer .*error="invalid_token"/)
      assert.equal(body.reason, 'invalid_token')
      const decision = await decisionOf(headers['x-stepgate-decision-id'])
      assert.equal(decision.problem, problem)
      assert.equal(stack.api.requests(), before)
    })
  }

  test('two credentials are refused', async () => {
    const good = await token()
    const { headers } = await sendRaw(stack.url, READ, [...bearer(good), ...bearer(good)])
    const decision = await decisionOf(headers['x-stepgate-decision-id'])
    assert.equal(decision.problem, 'several-credentials')
  })

  const ambiguous = [
    '/v1/licenses/%252e%252e/x',
    `${READ};admin=1`,
    '/v1/%zz',
    '/v1/%c0%af',
    '/v1/%3b',
    '/a%3Fb',
  ]
  for (const path of ambiguous) {
    test(`an ambiguous path (${path}) never reaches the API`, async () => {
      const before = stack.api.requests()
      const { status, body } = await sendRaw(stack.url, path, bearer(await token()))
      assert.deepEqual([status, body.reason], [400, 'ambiguous-path'])
      assert.equal(stack.api.requests(), before)
    })
  }

  test('only our x-stepgate-* headers reach the API', async () => {
    const forged = [
      'X-Stepgate-Subject',
      'root',
      'x-stepgate-subject',
      'admin',
      'X-STEPGATE-LEVEL',
      'high',
    ]
    const other = ['x-stepgate-roles', 'admin', 'X-Stepgate-Decision-Id', '1', 'x-stepgate-', 'x']
    const nominated = ['connection', 'x-stepgate-subject, x-stepgate-level']
    const headers = [...forged, ...other, ...nominated, ...bearer(await token())]
    const { status, body } = await sendRaw(stack.url, READ, headers)
    assert.equal(status, 200)
    const { 'x-stepgate-decision-id': ids, ...rest } = body.seen as Record<string, string[]>
    assert.deepEqual(rest, { 'x-stepgate-subject': ['ada'], 'x-stepgate-level': ['password'] })
    assert.equal(ids?.length, 1)
    assert.match(ids[0] ?? '', /^[0-9a-f-]{36}$/)
  })

  test('nor one with underscores', async () => {
    const before = stack.api.requests()
    const headers = ['x_stepgate_subject', 'root', ...bearer(await token())]
    assert.equal((await sendRaw(stack.url, READ, headers)).status, 400)
    assert.equal(stack.api.requests(), before)
  })

  test('a broken policy changes nothing, a mended one is live within 2 s', async () => {
    const { journal } = stack.service
    const good = await readFile(POLICY, 'utf8')
    const read = async () => await sendRaw(stack.url, READ, bearer(await token()))

    const broken = journal.position()
    await stack.writePolicy(good.replace('effect: allow', 'effect: alow'))
    const rejected = await journal.find((line) => line.event === 'policy-rejected', {
      from: broken,
    })
    const line = good.slice(0, good.indexOf('effect: allow')).split('\n').length
    assert.match(String(rejected.issues), new RegExp(`policy\\.yaml:${line}:\\d+`))
    assert.match(String(rejected.issues), /\^/)
    assert.equal((await read()).status, 200)

    const mended = journal.position()
    await stack.writePolicy(good.replace('id: read-licenses', 'id: read-anything'))
    const search = { from: mended, limit: 2000 }
    await journal.find((line) => line.event === 'policy-loaded', search)
    const { body } = await read()
    const [id] = (body.seen as Record<string, string[]>)['x-stepgate-decision-id'] ?? []
    assert.equal((await decisionOf(id)).rule, 'read-anything')
  })

  test('with the service stopped the client gets 503, and with it back 200', async () => {
    const headers = bearer(await token())
    const before = stack.api.requests()
    await stack.service.stop()
    for (const path of [READ, '/healthz']) {
      assert.equal((await sendRaw(stack.url, path, headers)).status, 503)
    }
    assert.equal(stack.api.requests(), before)

    const { policy, provider, service } = stack
    const again = await startService({ policy, issuer: provider.issuer, grpc: service.grpc })
    try {
      const deadline = Date.now() + 5000
      while ((await sendRaw(stack.url, READ, headers)).status !== 200) {
        assert.ok(Date.now() < deadline, 'still no answer')
        await wait(50)
      }
    } finally {
      await again.stop()
    }
  })

  test('the access log leads from the request to the decision', async () => {
    await stack.envoy.stop()
    const lines = stack.envoy.log().filter((line) => line.startsWith('{'))
    const decisions = lines
      .map((line) => JSON.parse(line).stepgate)
      .filter((found) => found !== null)
    const outcomes = new Set(decisions.map(({ outcome }) => outcome))
    assert.deepEqual([...outcomes].toSorted(), ['allow', 'deny', 'step_up', 'unauthenticated'])
    assert.equal(
      decisions.every(({ decision_id }) => typeof decision_id === 'string'),
      true,
    )
  })
})
