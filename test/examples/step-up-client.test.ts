import assert from 'node:assert/strict'
import { beforeEach, describe, test } from 'node:test'
import { Configuration, customFetch, WWWAuthenticateChallengeError } from 'openid-client'
import { createStepUpFetch, type LoginWish } from '../../examples/client/step-up.ts'

const API = new URL('https://api.example.com/v1/licenses')
const MFA = { acrValues: 'mfa' }
const WEAK = 'error="insufficient_user_authentication", acr_values="mfa"'
const OTHER = 'error="insufficient_user_authentication", acr_values="phr"'
const SCOPE = 'error="insufficient_scope", scope="billing"'
const ENDED = 'error="invalid_token"'

/** The client alone, with an API and a provider that do as they are told. */
describe('a client that answers challenges', () => {
  /** What the API says to a token: nothing is 200. */
  let says: (token: string, path: string) => string | undefined | Promise<string | undefined>
  let login: (wish: LoginWish) => Promise<string>
  let sent: string[]
  let wishes: LoginWish[]
  let stepUpFetch: ReturnType<typeof createStepUpFetch>
  beforeEach(() => {
    sent = []
    wishes = []
    login = async () => `strong-${wishes.length}`
    const config = new Configuration({ issuer: 'https://idp.example.com' }, 'portal')
    config[customFetch] = async (url, { headers }) => {
      const token = new Headers(headers).get('authorization')?.slice(7) ?? ''
      sent.push(token)
      const challenge = await says(token, new URL(url).pathname)
      if (challenge === undefined) return new Response('{}')
      return new Response('', {
        status: 401,
        headers: { 'www-authenticate': `Bearer ${challenge}` },
      })
    }
    stepUpFetch = createStepUpFetch({
      config,
      ordinaryToken: async () => 'weak',
      login(wish) {
        wishes.push(wish)
        return login(wish)
      },
    })
  })
  const refusal = (error: unknown) => error instanceof WWWAuthenticateChallengeError

  test('gives up after one login and one retry', async () => {
    says = () => WEAK
    await assert.rejects(stepUpFetch(API), refusal)
    assert.deepEqual([sent, wishes], [['weak', 'strong-1'], [MFA]])
  })

  test('logs nobody in whose ordinary token is not accepted', async () => {
    says = () => ENDED
    await assert.rejects(stepUpFetch(API), refusal)
    assert.deepEqual([sent, wishes], [['weak'], []])
  })

  test('goes back to the ordinary token when the stepped-up one has ended', async () => {
    let ended = false
    says = (token) => {
      if (token === 'weak') return WEAK
      return ended && token === 'strong-1' ? ENDED : undefined
    }
    await stepUpFetch(API)
    ended = true
    assert.equal((await stepUpFetch(API)).status, 200)
    assert.deepEqual(sent, ['weak', 'strong-1', 'strong-1', 'weak', 'strong-2'])
    assert.deepEqual(wishes, [MFA, MFA])
  })

  test('a challenge that arrives after the login it asks for is answered by that login', async () => {
    const late = Promise.withResolvers<void>()
    says = async (token, path) => {
      if (path === '/late') await (token === 'weak' ? late.promise : undefined)
      return token === 'weak' ? WEAK : undefined
    }
    const slow = stepUpFetch(new URL('/late', API))
    await stepUpFetch(API)
    late.resolve()
    assert.equal((await slow).status, 200)
    assert.deepEqual(wishes, [MFA])
  })

  test('a login that fails, fails for all who wait for it, and can be tried again', async () => {
    says = (token) => (token === 'weak' ? WEAK : undefined)
    login = () => Promise.reject(new Error('cancelled'))
    const both = await Promise.allSettled([stepUpFetch(API), stepUpFetch(API)])
    assert.deepEqual(
      both.map(({ status }) => status),
      ['rejected', 'rejected'],
    )
    assert.equal(wishes.length, 1)
    login = async () => 'strong'
    assert.equal((await stepUpFetch(API)).status, 200)
  })

  test('a login for another scope keeps the level, and one for another level the scope', async () => {
    // A provider may give exactly what is asked for, and not what the session has done.
    login = async ({ acrValues = 'weak', scope = '' }) => `${acrValues} ${scope}`
    const needs: Record<string, Record<string, string>> = {
      '/mfa': { mfa: WEAK },
      '/billing': { billing: SCOPE },
      '/phr': { phr: OTHER, billing: SCOPE },
    }
    says = (token, path) =>
      Object.entries(needs[path] ?? {}).find(([what]) => !token.includes(what))?.[1]
    const paths = ['/mfa', '/billing', '/phr', '/billing']
    for (const path of paths) assert.equal((await stepUpFetch(new URL(path, API))).status, 200)
    assert.deepEqual(wishes, [
      MFA,
      { acrValues: 'mfa', scope: 'billing' },
      { acrValues: 'phr', scope: 'billing' },
    ])
  })

  test('shows one login page at a time, whatever is asked for', async () => {
    let open = 0
    login = async ({ acrValues }) => {
      assert.equal(++open, 1)
      await new Promise(setImmediate)
      open--
      return acrValues ?? ''
    }
    says = (token, path) => {
      if (path === '/phr') return token === 'phr' ? undefined : OTHER
      return token === 'weak' ? WEAK : undefined
    }
    const responses = [stepUpFetch(API), stepUpFetch(new URL('/phr', API))]
    for (const { status } of await Promise.all(responses)) assert.equal(status, 200)
    assert.deepEqual(wishes, [MFA, { acrValues: 'phr' }])
  })
})
