import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { readRefusal } from '../../examples/client/refusal.ts'
import { type ApiRequest, readChallenge } from '../../examples/client/step-up.ts'
import { sendRaw } from './raw-request.ts'
import {
  type Client,
  claimsOf,
  nextSecond,
  secondOver,
  startWorld,
  type World,
} from './step-up-world.ts'

const MFA = 'urn:example:acr:mfa'
const PASSKEY = 'urn:example:acr:phishing-resistant'
const TIER = '/v1/licenses/L-1/tier'
const NEW_TIER = JSON.stringify({ tier: 'business', seats: 60 })
const PAGE = 'http://localhost:5173'

/** Clients in parallel: what takes time is the clock's seconds. */
describe('a challenge and the login that answers it, all real', { concurrency: true }, () => {
  let world: World
  let url: string
  let early: Client
  before(async () => {
    world = await startWorld()
    url = world.stack.url
    early = await world.loggedIn('bob')
  })
  after(() => world?.stack.stop())

  const json = (method: string, body: string): ApiRequest => {
    return { method, body, headers: { 'content-type': 'application/json' } }
  }
  const at = (path: string) => new URL(path, url)
  const send = (token: string, method: string, path: string, body?: string) => {
    const type = body === undefined ? [] : ['content-type', 'application/json']
    return sendRaw(url, path, ['authorization', `Bearer ${token}`, ...type], method, body)
  }

  test('openid-client reads it, goes for a second factor, and passes', async () => {
    const { person, token } = await world.loggedIn('ada')
    const change = { method: 'PUT', body: JSON.parse(NEW_TIER) }
    const error = await person.fetch(token, url + TIER, change).catch((error) => error)
    const wish = readChallenge(error)
    assert.deepEqual(wish, { acrValues: MFA, maxAge: 28_800 })

    const stronger = await person.login(wish ?? {})
    const { acr, amr, auth_time } = claimsOf(stronger)
    assert.deepEqual({ acr, amr }, { acr: MFA, amr: ['pwd', 'otp'] })
    assert.ok(Number(auth_time) >= Number(claimsOf(token).auth_time))
    const { status } = await person.fetch(stronger, url + TIER, change)
    assert.equal(status, 200)
  })

  test('four requests at once meet a challenge each, and all pass after one login', async () => {
    const { stepUpFetch, wishes, answers } = await world.loggedIn('carol')
    const change = () => stepUpFetch(at(TIER), json('PUT', NEW_TIER))
    const responses = await Promise.all([change(), change(), change(), change()])
    assert.deepEqual(
      responses.map(({ status }) => status),
      [200, 200, 200, 200],
    )
    const each = [...Array(4).fill(`200 ${TIER}`), ...Array(4).fill(`401 ${TIER}`)]
    assert.deepEqual(answers.toSorted(), each)
    assert.deepEqual(wishes, [{ acrValues: MFA, maxAge: 28_800 }])

    await change()
    assert.deepEqual(answers.slice(8), [`200 ${TIER}`], 'the stepped-up token was kept')
  })

  test('an old login is asked for again, and again is newer', async () => {
    const { person, token, stepUpFetch, wishes } = early
    const first = Number(claimsOf(token).auth_time)
    // A second more than the rule's three: the provider takes a login that is exactly as old as asked for.
    await secondOver(first + 3)
    const size = json('PUT', JSON.stringify({ size: 4000 }))
    assert.equal((await stepUpFetch(at('/v1/pools/P-1/size'), size)).status, 200)
    assert.deepEqual(wishes, [{ maxAge: 3 }])
    const again = claimsOf(await person.login())
    assert.ok(Number(again.auth_time) > first + 3, 'the session at the provider was renewed')
  })

  test('a token without the scope is told which one, and comes back with it', async () => {
    const { stepUpFetch, wishes, answers } = await world.loggedIn('bob')
    const renew = '/v1/licenses/L-1/renew'
    assert.equal((await stepUpFetch(at(renew), { method: 'POST' })).status, 200)
    assert.deepEqual(wishes, [{ scope: 'billing' }])
    assert.deepEqual(answers, [`403 ${renew}`, `200 ${renew}`])
  })

  test('a robot is told no in a way that it can log, and is not sent to log in', async () => {
    const robot = await world.robotToken()
    const cases = [
      [robot, 'PUT', TIER, 403, 'step-up-impossible', 'none'],
      [robot, 'GET', '/v1/pools/P-1', 403, 'no-rule', 'none'],
      [`${robot}x`, 'PUT', TIER, 401, 'invalid_token', 'new-token'],
    ] as const
    for (const [token, method, path, status, reason, remedy] of cases) {
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
      const body = method === 'PUT' ? NEW_TIER : null
      const response = await fetch(at(path), { method, headers, body })
      const challenge = response.headers.get('www-authenticate')
      assert.equal(challenge?.includes('insufficient_user_authentication') ?? false, false)
      const refusal = (await readRefusal(response)) ?? assert.fail(reason)
      const { decisionId, detail, ...told } = refusal
      assert.deepEqual(told, { status, reason, remedy, retryAfter: null })
      assert.match(detail ?? '', /^[A-Z][A-Za-z -]+$/)
      const { journal } = world.stack.service
      const line = await journal.find((line) => line.decision_id === decisionId)
      assert.equal(line.reason, reason, 'the operator finds the same in the log')
    }
    const { status } = await send(robot, 'POST', '/v1/licenses/L-1/renew')
    assert.equal(status, 403, 'a scope that it was not given')
    assert.equal(await readRefusal(await fetch(at('/healthz'))), null)
  })

  test('a single-use operation takes a login of its own, which is spent by it', async () => {
    const { person } = await world.loggedIn('ada')
    const revoke = (token: string, license: string) =>
      send(token, 'DELETE', `/v1/licenses/${license}`)
    const freshLogin = async () => {
      await nextSecond()
      return await person.login({ acrValues: PASSKEY, maxAge: 0 })
    }
    const early = await freshLogin()
    for (const license of ['L-2', 'L-3', 'L-2']) {
      const { status, headers } = await revoke(early, license)
      assert.equal(status, 401, 'a login from before the challenge was not made for it')
      assert.match(headers['www-authenticate'] ?? '', /, max_age="0"$/)
    }
    const fresh = await freshLogin()
    assert.equal((await revoke(fresh, 'L-2')).status, 200)
    assert.equal((await revoke(fresh, 'L-2')).status, 401, 'the same again')
    assert.equal((await revoke(fresh, 'L-3')).status, 401, 'another one')

    const once = await freshLogin()
    const answers = await Promise.all([1, 2, 3, 4].map(() => revoke(once, 'L-3')))
    const statuses = answers.map(({ status }) => status)
    assert.deepEqual(statuses.toSorted(), [200, 401, 401, 401])
    assert.equal((await revoke(once, 'L-3')).status, 401)
  })

  test('two single-use operations at once take two logins, one after the other', async () => {
    const { stepUpFetch, wishes } = await world.loggedIn('carol')
    const responses = await Promise.all([
      stepUpFetch(at('/v1/licenses/L-4'), { method: 'DELETE' }),
      stepUpFetch(at('/v1/licenses/L-1:activate'), { method: 'POST' }),
    ])
    assert.deepEqual(
      responses.map(({ status }) => status),
      [200, 200],
    )
    assert.deepEqual(wishes, Array(2).fill({ acrValues: PASSKEY, maxAge: 0 }))
  })

  test('who comes back three times with logins that are too weak is told a final no', async () => {
    const { person, token } = await world.loggedIn('bob')
    const handOut = (token: string) =>
      send(token, 'PUT', '/v1/users/bob/role', '{"role":"license-viewer"}')
    let weak = token
    for (let round = 1; round <= 3; round++) {
      const [one, other] = await Promise.all([handOut(weak), handOut(weak)])
      assert.deepEqual([one?.status, other?.status], [401, 401], `round ${round}`)
      await nextSecond()
      weak = await person.login()
    }
    const { status, headers, body } = await handOut(weak)
    assert.deepEqual([status, body.reason], [403, 'step-up-loop'])
    assert.equal(headers['www-authenticate'], undefined)
    const { journal, adminUrl } = world.stack.service
    const id = headers['x-stepgate-decision-id']
    const line = await journal.find((line) => line.decision_id === id)
    assert.deepEqual([line.outcome, line.reason], ['deny', 'step-up-loop'])
    const metrics = await (await fetch(`${adminUrl}/metrics`)).text()
    assert.match(metrics, /^stepgate_challenge_loops_total(?:\{.*\})? 1$/m)

    const strong = await person.login({ acrValues: PASSKEY })
    assert.equal((await handOut(strong)).status, 200, 'a login that is enough always passes')
  })

  test('the page of an allowed origin can read the challenge, after a preflight by Envoy', async () => {
    const asks = ['access-control-request-method', 'PUT']
    const names = ['access-control-request-headers', 'authorization,content-type']
    const preflight = await sendRaw(url, TIER, ['origin', PAGE, ...asks, ...names], 'OPTIONS')
    assert.equal(preflight.status, 200)
    assert.equal(preflight.headers['access-control-allow-origin'], PAGE)

    const { token } = await world.loggedIn('bob')
    const authorization = ['authorization', `Bearer ${token}`]
    const { status, headers } = await sendRaw(url, TIER, ['origin', PAGE, ...authorization], 'PUT')
    assert.equal(status, 401)
    assert.equal(headers['access-control-allow-origin'], PAGE)
    const exposed = headers['access-control-expose-headers']
    assert.equal(exposed, 'WWW-Authenticate, Retry-After, X-Stepgate-Decision-Id')
    assert.match(headers['www-authenticate'] ?? '', /^Bearer .*acr_values="urn:example:acr:mfa"/)
  })
})
