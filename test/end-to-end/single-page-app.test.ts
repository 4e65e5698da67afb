import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Browser, Page, Request } from 'playwright-core'
import { type SinglePageApp, startSinglePageApp } from '../../examples/single-page-app/server.ts'
import { findChromium, startChromium } from '../support/chromium.ts'
import { logInAt } from './person-at-browser.ts'
import { startWorld, type World } from './step-up-world.ts'

const TIER = '/v1/licenses/L-1/tier'
const binary = await findChromium()
const skip = typeof binary === 'string' ? false : binary.missing

describe('a single-page app on another origin', { skip, timeout: 60_000 }, () => {
  const started = new AsyncDisposableStack()
  let browser: Browser
  let app: SinglePageApp
  let world: World
  let issuer: string
  before(async () => {
    browser = started.adopt(await startChromium(String(binary)), (one) => one.close())
    app = started.adopt(await startSinglePageApp({ port: 0 }), ({ stop }) => stop())
    world = await startWorld({ redirectUris: [app.redirectUri] })
    started.adopt(world.stack, ({ stop }) => stop())
    issuer = world.stack.provider.issuer
    app.serve({ issuer, api: world.stack.url })
  })
  after(() => started.disposeAsync())

  test('reads the challenge, steps up in a window, and sends the request again', async () => {
    const { page, sent } = await openApp(browser, app.url)
    assert.deepEqual(await logInThrough({ page, issuer }, '#log-in', 'ada'), ['user', 'password'])
    await untilSaying(page, 'You are logged in')
    assert.deepEqual(await logInThrough({ page, issuer }, '#change', 'ada'), ['otp'])
    await untilSaying(page, 'L-1 is a business licence')

    const calls = sent.filter((request) => request.url() === world.stack.url + TIER)
    const answers = await Promise.all(calls.map(async (one) => (await one.response())?.status()))
    assert.deepEqual(
      calls.map((request, index) => `${request.method()} ${answers[index]}`),
      ['PUT 401', 'PUT 200'],
    )

    await page.click('#change')
    await untilSaying(page, 'L-1 is a business licence')
    assert.equal(page.context().pages().length, 1, 'the stepped-up token was kept')
  })

  test('does nothing for one user with the token of the one before', async () => {
    const { page } = await openApp(browser, app.url)
    await logInThrough({ page, issuer }, '#log-in', 'carol')
    await untilSaying(page, 'You are logged in')
    await logInThrough({ page, issuer }, '#change', 'carol')
    await untilSaying(page, 'L-1 is a business licence')
    await page.context().clearCookies() // the provider knows nobody any more
    await logInThrough({ page, issuer }, '#log-in', 'bob')
    await untilSaying(page, 'You are logged in')
    await page.click('#change')
    await page.locator('#step-up').waitFor()
    await page.click('#cancel')
  })

  test('says so when the user does not want to', async () => {
    const { page } = await openApp(browser, app.url)
    await logInThrough({ page, issuer }, '#log-in', 'bob')
    await untilSaying(page, 'You are logged in')
    await page.click('#change')
    await page.click('#cancel')
    await untilSaying(page, 'Error: The login was cancelled')
  })

  test('in two tabs: each hears of its own login only', async () => {
    const { page } = await openApp(browser, app.url)
    const other = await page.context().newPage()
    await other.goto(app.url)
    await untilSaying(other, 'Ready')
    await other.click('#log-in')
    await logInThrough({ page, issuer }, '#log-in', 'ada')
    await untilSaying(page, 'You are logged in')
    assert.ok(await other.isVisible('#step-up'), 'the other still asks')
    // The provider has a session now, and asks for nothing.
    await other.click('#continue')
    await untilSaying(other, 'You are logged in')
  })

  test('says why, when the provider does not want to', async () => {
    const { page, sent } = await openApp(browser, app.url)
    page.context().on('request', (request) => sent.push(request))
    await page.click('#log-in')
    const [window] = await Promise.all([page.waitForEvent('popup'), page.click('#continue')])
    await window.waitForURL(`${issuer}/interaction/*`)
    const start = sent
      .map((request) => new URL(request.url()))
      .find(({ pathname }) => pathname === '/auth')
    const state = start?.searchParams.get('state') ?? assert.fail('no authorization request')
    const answer = new URLSearchParams({ error: 'access_denied', state, iss: issuer })
    await window.goto(`${app.redirectUri}?${answer}`).catch(() => {}) // it closes itself
    await untilSaying(page, 'access_denied')
  })

  test('gives the pages of the login no way back to it, and stands in nobody’s frame', async () => {
    const { page } = await openApp(browser, app.url)
    await page.click('#log-in')
    const [window] = await Promise.all([page.waitForEvent('popup'), page.click('#continue')])
    await window.waitForURL(`${issuer}/interaction/*`)
    assert.equal(await window.evaluate('window.opener'), null)
    for (const path of ['/', '/callback']) {
      const { headers } = await fetch(app.url + path)
      assert.match(headers.get('content-security-policy') ?? '', /frame-ancestors 'none'/)
    }
  })

  test('with a token that is bound to a key, it can read that challenge, too', async () => {
    const { page } = await openApp(browser, app.url)
    const challenge = await page.evaluate(
      put(world.stack.url, { authorization: 'DPoP x', dpop: 'y' }),
    )
    assert.match(String(challenge), /^DPoP realm="licensing", error="/)
  })

  test('of an origin that Envoy does not know, nothing is told', async () => {
    const { page } = await openApp(browser, app.url)
    // Browsers find every name below `localhost` on this machine.
    await page.goto(app.url.replace('localhost', 'elsewhere.localhost'))
    const answer = page.evaluate(put(world.stack.url, { authorization: 'Bearer x' }))
    await assert.rejects(answer, /Failed to fetch/)
  })
})

/** A script that sends a request and gives the challenge. */
function put(api: string, headers: Readonly<Record<string, string>>): string {
  const request = JSON.stringify({ method: 'PUT', headers })
  return `fetch('${api}${TIER}', ${request}).then((r) => r.headers.get('www-authenticate'))`
}

/** The page, ready, and what it sends. */
async function openApp(browser: Browser, url: string) {
  const context = await browser.newContext()
  context.setDefaultTimeout(10_000)
  const page = await context.newPage()
  const sent: Request[] = []
  page.on('request', (request) => sent.push(request))
  await page.goto(url)
  await untilSaying(page, 'Ready')
  return { page, sent }
}

async function untilSaying(page: Page, text: string): Promise<void> {
  await page.getByRole('status').filter({ hasText: text }).waitFor()
}

/** Clicks, goes on to the provider in the window that opens, and logs in; the fields that were asked for. */
async function logInThrough(
  { page, issuer }: { readonly page: Page; readonly issuer: string },
  selector: string,
  user: string,
): Promise<string[]> {
  await page.click(selector)
  const [window] = await Promise.all([page.waitForEvent('popup'), page.click('#continue')])
  await window.waitForURL(`${issuer}/interaction/*`)
  return await logInAt(window, issuer, user)
}
