import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { findChromium, startChromium } from '../support/chromium.ts'
import { clickThrough, followVisits, logInAt } from './person-at-browser.ts'
import { type PortalWorld, startPortalWorld } from './portal-world.ts'
import { nextSecond } from './step-up-world.ts'

const LIST = '/v1/licenses'
const WANTED = '/v1/licenses/L-1?view=full&note=a%26b%3Dc&tag=one&tag=two'
const MFA = 'urn:example:acr:mfa'
const binary = await findChromium()
const skip = typeof binary === 'string' ? false : binary.missing

let browser: Browser
before(async () => {
  if (typeof binary === 'string') browser = await startChromium(binary)
})
after(() => browser?.close())

describe('a browser, through Envoy', { skip, timeout: 60_000 }, () => {
  const started = new AsyncDisposableStack()
  let world: PortalWorld
  before(async () => {
    world = started.adopt(await startPortalWorld({ stepsUp: true }), ({ stop }) => stop())
  })
  after(() => started.disposeAsync())

  test('is led to a login and back to exactly the page that it wanted', async () => {
    const { page, visits } = await openWindow(browser)
    await page.goto(world.pages + LIST)
    assert.deepEqual(await logInAt(page, world.issuer, 'ada'), ['user', 'password'])
    assert.equal(page.url(), world.pages + LIST)
    assert.match((await page.textContent('body')) ?? '', /"x-stepgate-level":\["password"\]/)

    const before = visits.length
    await page.goto(world.pages + WANTED)
    assert.deepEqual(await logInAt(page, world.issuer, 'ada'), ['otp'], 'only what is missing')
    assert.equal(page.url(), world.pages + WANTED)
    assert.match((await page.textContent('body')) ?? '', /"id":"L-1".*"x-stepgate-level":\["mfa"\]/)
    const places = visits.slice(before).map(({ origin, pathname }) => origin + pathname)
    const [wanted = '', stepUp, ...more] = places
    assert.deepEqual(
      [wanted, stepUp],
      [`${world.pages}/v1/licenses/L-1`, `${world.portal}/step-up`],
    )
    assert.deepEqual(more.slice(-2), [`${world.portal}/callback`, wanted])
    const inside = [world.pages, world.portal, world.issuer]
    assert.ok(visits.every(({ origin }) => inside.includes(origin)))
    assert.equal(visits[before + 1]?.searchParams.get('acr_values'), MFA)

    await page.goto(world.pages + WANTED)
    assert.equal(visits.length, before + places.length + 1, 'and then it is simply there')
    assert.equal(await page.evaluate('document.cookie'), '', 'no script can read the token')
  })

  test('without any login needs two: the password, then what the page takes', async () => {
    const { page, visits } = await openWindow(browser)
    await page.goto(world.pages + WANTED)
    assert.deepEqual(await logInAt(page, world.issuer, 'bob'), ['user', 'password', 'otp'])
    assert.equal(page.url(), world.pages + WANTED)
    assert.equal(visits.filter(({ pathname }) => pathname === '/step-up').length, 2)
  })

  describe('that shows no page is told, and not sent away', () => {
    const asks = {
      fetch: `fetch('${WANTED}', { redirect: 'manual' })`,
      'fetch with POST': `fetch('${WANTED}', { redirect: 'manual', method: 'POST', body: 'x' })`,
    }
    let opened: Window
    before(async () => {
      opened = await openWindow(browser)
      await opened.page.goto(world.pages + LIST)
      await logInAt(opened.page, world.issuer, 'carol')
    })
    const atStepUp = () => opened.visits.filter(({ pathname }) => pathname === '/step-up').length

    for (const [name, ask] of Object.entries(asks)) {
      test(name, async () => {
        const told = `${ask}.then((r) => [r.status, r.headers.get('www-authenticate')])`
        const [status, challenge] = (await opened.page.evaluate(told)) as [number, string]
        assert.equal(status, 401)
        assert.ok(challenge.includes(`acr_values="${MFA}"`), challenge)
      })
    }

    test('a form with POST, a frame, and a host that is not listed', async () => {
      const { page } = opened
      const before = atStepUp()
      const [posted] = await Promise.all([
        page.waitForResponse((response) => response.request().method() === 'POST'),
        page.waitForEvent('load'),
        page.evaluate(`{
          const form = document.createElement('form')
          form.method = 'post'
          form.action = '${WANTED}'
          document.body.append(form)
          form.submit()
        }`),
      ])
      assert.equal(posted.status(), 401)
      await page.goto(world.pages + LIST)
      const framed = page.waitForResponse((response) => response.url() === world.pages + WANTED)
      await page.evaluate(`{
        const frame = document.createElement('iframe')
        frame.src = '${WANTED}'
        document.body.append(frame)
      }`)
      assert.equal((await framed).status(), 401)
      assert.equal((await page.goto(world.otherPages + WANTED))?.status(), 401)
      assert.equal(atStepUp(), before)
    })
  })

  test('sees a page that says why, where no login helps', async () => {
    const { page, visits } = await openWindow(browser)
    await page.goto(world.pages + LIST)
    await logInAt(page, world.issuer, 'ada')
    const before = visits.length
    const answer = await page.goto(`${world.pages}/v1/users/bob`)
    assert.equal(answer?.status(), 403)
    assert.equal(await page.textContent('h1'), 'Not permitted')
    assert.equal(visits.length, before + 1)
  })
})

describe('a browser whose provider never asks for more', { skip, timeout: 60_000 }, () => {
  const started = new AsyncDisposableStack()
  let world: PortalWorld
  before(async () => {
    world = started.adopt(await startPortalWorld({ stepsUp: false }), ({ stop }) => stop())
  })
  after(() => started.disposeAsync())

  test('goes round by clicks only, and not for long', async () => {
    const { page, visits } = await openWindow(browser)
    await page.goto(world.pages + WANTED)
    assert.deepEqual(await logInAt(page, world.issuer, 'ada'), ['user', 'password'])
    let clicks = 0
    while (page.url().startsWith(world.portal)) {
      assert.match((await page.textContent('[role="alert"]')) ?? '', /was not enough for this page/)
      // People are slower than this: the token of a login is of a later second than the challenge before.
      await nextSecond()
      const before = visits.length
      await clickThrough(page)
      assert.ok(visits.length - before <= 6, 'one login a click')
      assert.ok(++clicks <= 3)
    }
    assert.equal(page.url(), world.pages + WANTED)
    assert.equal(await page.textContent('h1'), 'Step-up loop')
    const text = (await page.textContent('body')) ?? ''
    assert.match(text, /The logins that were made did not meet what the request requires\./)
    const [, id] = /Decision: ([0-9a-f-]{36})/.exec(text) ?? []
    const line = await world.journal.find((one) => one.decision_id === id)
    assert.deepEqual([line.outcome, line.reason], ['deny', 'step-up-loop'])

    const before = visits.length
    assert.equal((await page.reload())?.status(), 403)
    assert.equal(visits.length, before + 1, 'and stays there')
  })
})

type Window = { readonly page: Page; readonly visits: readonly URL[] }

/** A window of a browser that nobody has used yet. */
async function openWindow(browser: Browser): Promise<Window> {
  const context: BrowserContext = await browser.newContext()
  context.setDefaultTimeout(10_000)
  const visits = followVisits(context)
  return { page: await context.newPage(), visits }
}
