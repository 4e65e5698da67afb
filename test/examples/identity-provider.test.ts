import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import { createPerson } from '../../demo/login.ts'
import type { LoginWish } from '../../examples/client/step-up.ts'
import { ROBOT } from '../../examples/identity-provider/clients.ts'
import {
  type IdentityProvider,
  startIdentityProvider,
} from '../../examples/identity-provider/server.ts'

const PASSWORD = 'urn:example:acr:password'
const MFA = 'urn:example:acr:mfa'
const PASSKEY = 'urn:example:acr:phishing-resistant'

type Visit = readonly [wish: LoginWish, acr: string, amr: readonly string[]]

describe('the identity provider', () => {
  let provider: IdentityProvider
  before(async () => {
    provider = await startIdentityProvider({ port: 0 })
  })
  after(() => provider.stop())

  async function claims(token: string) {
    const keys = createRemoteJWKSet(new URL('/jwks', provider.issuer))
    const { payload, protectedHeader } = await jwtVerify(token, keys, {
      issuer: provider.issuer,
      audience: 'https://licensing.example.com',
      typ: 'at+jwt',
    })
    assert.equal(protectedHeader.alg, 'ES256')
    return payload
  }

  const journeys: readonly (readonly [name: string, user: string, visits: readonly Visit[]])[] = [
    ['a password by default', 'ada', [[{}, PASSWORD, ['pwd']]]],
    ['password and code at once', 'bob', [[{ acrValues: MFA }, MFA, ['pwd', 'otp']]]],
    ['a passkey alone', 'ada', [[{ acrValues: PASSKEY }, PASSKEY, ['swk', 'user']]]],
    [
      'the first of several levels',
      'ada',
      [[{ acrValues: `${PASSKEY} ${MFA}` }, PASSKEY, ['swk', 'user']]],
    ],
    ['unknown levels are ignored', 'ada', [[{ acrValues: 'urn:other:gold' }, PASSWORD, ['pwd']]]],
    [
      'in a session, a voluntary stronger level adds the missing factor',
      'carol',
      [
        [{}, PASSWORD, ['pwd']],
        [{ acrValues: MFA }, MFA, ['pwd', 'otp']],
        [{ acrValues: PASSKEY }, PASSKEY, ['pwd', 'otp', 'swk', 'user']],
      ],
    ],
    [
      'a session that is stronger already is kept',
      'ada',
      [
        [{ acrValues: PASSKEY }, PASSKEY, ['swk', 'user']],
        [{ acrValues: PASSWORD }, PASSKEY, ['swk', 'user']],
        [{}, PASSKEY, ['swk', 'user']],
      ],
    ],
    [
      'a login too old counts for nothing',
      'ada',
      [
        [{ acrValues: PASSKEY }, PASSKEY, ['swk', 'user']],
        [{ acrValues: PASSWORD, maxAge: 0 }, PASSWORD, ['pwd']],
      ],
    ],
  ]
  for (const [name, user, visits] of journeys) {
    test(`levels: ${name}`, async () => {
      const person = await createPerson(provider.issuer, user)
      for (const [wish, acr, amr] of visits) {
        assert.partialDeepStrictEqual(await claims(await person.login(wish)), {
          sub: user,
          acr,
          amr,
        })
      }
    })
  }

  test('an access token says who, with which roles, for whom and for how long', async () => {
    const ada = await createPerson(provider.issuer, 'ada')
    const payload = await claims(await ada.login())
    assert.deepEqual(payload.roles, ['license-manager'])
    assert.equal(payload.client_id, 'licensing-portal')
    assert.equal(payload.scope, 'licenses')
    assert.equal(Number(payload.exp) - Number(payload.iat), 3600)
  })

  test('a scope that is asked for besides the usual one is in the token', async () => {
    const ada = await createPerson(provider.issuer, 'ada')
    const payload = await claims(await ada.login({ scope: 'billing' }))
    assert.equal(payload.scope, 'licenses billing')
  })

  test('its pages stand in nobody’s frame', async () => {
    const { headers } = await fetch(`${provider.issuer}/interaction/none`)
    assert.match(headers.get('content-security-policy') ?? '', /frame-ancestors 'none'/)
  })

  test('auth_time stays while a session is used, and is renewed by a step-up', async (t) => {
    // Only the provider's clock is Date here: timers and sockets go on.
    t.mock.timers.enable({ apis: ['Date'], now: Date.now() })
    const ada = await createPerson(provider.issuer, 'ada')
    const first = await claims(await ada.login())
    t.mock.timers.setTime(Date.now() + 100_000)
    const again = await claims(await ada.login({ maxAge: 3600 }))
    assert.equal(again.auth_time, first.auth_time)
    const stronger = await claims(await ada.login({ acrValues: PASSKEY }))
    assert.equal(stronger.auth_time, Number(first.auth_time) + 100)
    t.mock.timers.setTime(Date.now() + 100_000)
    const fresh = await claims(await ada.login({ maxAge: 60 }))
    assert.equal(fresh.auth_time, Number(first.auth_time) + 200)
  })

  test('a workload gets a token without any login', async () => {
    const secret = Buffer.from(`${ROBOT.client_id}:${ROBOT.client_secret}`).toString('base64')
    const response = await fetch(`${provider.issuer}/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${secret}` },
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        resource: 'https://licensing.example.com',
      }),
    })
    const { access_token } = (await response.json()) as { access_token: string }
    const payload = await claims(access_token)
    assert.equal(payload.client_id, 'ci-robot')
    assert.equal(payload.acr, undefined)
    assert.equal(payload.auth_time, undefined)
  })

  test('the login page refuses wrong answers and asks again', async () => {
    const { page, cookie } = await openLogin(provider.issuer, MFA)
    const answers: readonly Record<string, string>[] = [
      { user: 'ada', password: 'wrong', otp: '000000' },
      { user: 'nobody', password: 'ada-demo' },
      { user: 'ada', password: 'ada-demo', otp: '12345' },
      { user: 'ada', passkey: 'simulated' },
    ]
    for (const answer of answers) {
      const response = await fetch(page, {
        method: 'POST',
        headers: { cookie },
        body: new URLSearchParams(answer),
        redirect: 'manual',
      })
      assert.equal(response.status, 401)
      assert.match(await response.text(), /role="alert"/)
    }
  })

  test('the page says that the passkey is simulated', async () => {
    const { page, cookie } = await openLogin(provider.issuer, PASSKEY)
    const html = await (await fetch(page, { headers: { cookie } })).text()
    assert.match(html, /only simulates the passkey/)
  })

  test('a login that has ended says so', async () => {
    const response = await fetch(`${provider.issuer}/interaction/gone`)
    assert.equal(response.status, 400)
  })
})

/** Starts a login as a browser would, up to the page that asks. */
async function openLogin(issuer: string, acrValues: string) {
  const start = new URL('/auth', issuer)
  start.search = new URLSearchParams({
    client_id: 'licensing-portal',
    redirect_uri: 'https://portal.example.com/callback',
    response_type: 'code',
    scope: 'openid',
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    code_challenge_method: 'S256',
    acr_values: acrValues,
  }).toString()
  const response = await fetch(start, { redirect: 'manual' })
  const cookie = response.headers.getSetCookie().map((line) => line.split(';')[0])
  return {
    page: new URL(response.headers.get('location') ?? '', issuer),
    cookie: cookie.join('; '),
  }
}
