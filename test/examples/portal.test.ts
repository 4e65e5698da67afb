import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { startIdentityProvider } from '../../examples/identity-provider/server.ts'
import { createRoutes } from '../../examples/portal/routes.ts'
import { type Portal, startPortal } from '../../examples/portal/server.ts'
import { entryUrl } from '../../src/envoy/redirect.ts'
import { accepted, lines } from '../envoy/read-support.ts'

const KEY = 'a key of the portal and of Stepgate'
const ORIGIN = 'https://portal.example.com'
const WISH = { acr_values: 'urn:example:acr:mfa', max_age: '28800', scope: undefined }
const MINUTES = 60_000

describe('the portal sends nobody to a login whom Stepgate did not send', () => {
  const started = new AsyncDisposableStack()
  let portal: Portal
  let issuer: string
  let late = 0
  before(async () => {
    portal = started.adopt(await startPortal({ port: 0 }), ({ stop }) => stop())
    const redirectUris = [portal.redirectUri]
    const provider = await startIdentityProvider({ port: 0, redirectUris })
    issuer = started.adopt(provider, ({ stop }) => stop()).issuer
    const origins = [ORIGIN]
    await portal.serve({ issuer, key: KEY, origins, now: () => Date.now() + late })
  })
  after(() => started.disposeAsync())

  let visits = 0
  /** An address as Stepgate writes it. */
  const entry = (path = '/v1/licenses', key = KEY) => {
    const to = `${portal.url}/step-up`
    const settings = { to, hosts: ['portal.example.com'], key: Buffer.from(key), lasts: 600 }
    const request = accepted({ host: 'portal.example.com', path, ...lines() })
    const moment = { now: Date.now(), nonce: `n-${visits++}` }
    return new URL(entryUrl(settings, request, WISH, moment) ?? assert.fail())
  }

  test('a visit is sent to the provider, with what is asked for', async () => {
    const { status, headers } = await open(entry())
    assert.equal(status, 303)
    const start = new URL(headers.get('location') ?? '')
    assert.equal(start.origin, issuer)
    const { acr_values, max_age, code_challenge_method, redirect_uri } = Object.fromEntries(
      start.searchParams,
    )
    assert.deepEqual([acr_values, max_age], [WISH.acr_values, WISH.max_age])
    assert.deepEqual([code_challenge_method, redirect_uri], ['S256', portal.redirectUri])
  })

  const refused: [string, () => URL][] = [
    ['no query', () => new URL(`${portal.url}/step-up`)],
    ['a return address that was changed', () => changed('return_to', '/v1/users/bob')],
    ['a weaker level than was asked for', () => changed('acr_values', 'urn:example:acr:password')],
    ['another host', () => changed('host', 'evil.example')],
    ['the signature of another key', () => entry('/v1/licenses', `${KEY}.`)],
  ]
  for (const [name, url] of refused) {
    test(`${name}: refused`, async () => {
      await isRefused(await open(url()))
    })
  }

  const changed = (name: string, value: string) => {
    const url = entry()
    url.searchParams.set(name, value)
    return url
  }

  test('the same visit again, from whatever browser: refused', async () => {
    const url = entry()
    assert.equal((await open(url)).status, 303)
    await isRefused(await open(url))
  })

  test('a visit after its time: refused', async () => {
    const url = entry()
    late = 11 * MINUTES
    await isRefused(await open(url))
    late = 0
  })

  test('the end of a login that another browser began: refused, and no cookie with a token', async () => {
    const { headers } = await open(entry())
    const state = new URL(headers.get('location') ?? '').searchParams.get('state')
    const response = await open(new URL(`${portal.url}/callback?code=x&state=${state}`))
    assert.ok(response.headers.getSetCookie().every((line) => !line.startsWith('__Host-session')))
    await isRefused(response)
  })

  test('a login that was broken off: a page that leads back, by a click', async () => {
    const { headers } = await open(entry('/v1/licenses?a=1&b=%22%3E'))
    const state = new URL(headers.get('location') ?? '').searchParams.get('state')
    const end = new URL(`${portal.url}/callback?error=access_denied&state=${state}&iss=${issuer}`)
    const cookie = headers.getSetCookie().map((line) => line.split(';')[0])
    const response = await open(end, cookie.join('; '))
    assert.equal(response.status, 502)
    assert.equal(response.headers.get('location'), null)
    const page = await response.text()
    assert.ok(page.includes(`href="${ORIGIN}/v1/licenses?a=1&#38;b=%22%3E"`), page)
  })
})

describe('who has just logged in is asked first', () => {
  test('in each tab for the page of that tab, once, and nobody else', async () => {
    let nonce = 0
    const visits = ['/v1/licenses/L-1', '/v1/licenses/L-2'].map((path) => {
      const to = 'https://portal.example.com/step-up'
      const settings = { to, hosts: ['portal.example.com'], key: Buffer.from(KEY), lasts: 600 }
      const request = accepted({ host: 'portal.example.com', path, ...lines() })
      const moment = { now: Date.now(), nonce: `tab-${nonce++}` }
      return new URL(entryUrl(settings, request, WISH, moment) ?? assert.fail())
    })
    const routes = createRoutes(
      {
        isRepeated: () => true,
        begin: async (_browser, { returnTo }) => returnTo,
        finish: () => assert.fail(),
      },
      { key: KEY, origins: [ORIGIN] },
      Date.now,
    )
    const go = (route: string, browser: string, url: URL) =>
      routes[route]?.(browser, url) ?? assert.fail()
    for (const url of visits) assert.equal((await go('GET /step-up', 'ada', url)).status, 200)
    for (const url of visits) {
      assert.equal((await go('POST /step-up', 'bob', url)).status, 400)
      const { location } = await go('POST /step-up', 'ada', url)
      assert.equal(location, ORIGIN + url.searchParams.get('return_to'))
      assert.equal((await go('POST /step-up', 'ada', url)).status, 400)
    }
  })
})

function open(url: URL, cookie = ''): Promise<Response> {
  const { port, pathname, search } = url
  return fetch(`http://127.0.0.1:${port}${pathname}${search}`, {
    redirect: 'manual',
    headers: { cookie },
  })
}

async function isRefused(response: Response): Promise<void> {
  assert.equal(response.status, 400)
  assert.equal(response.headers.get('location'), null)
  assert.match(await response.text(), /This link has ended/)
}
