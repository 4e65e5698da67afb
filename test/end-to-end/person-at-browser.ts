import type { BrowserContext, Page } from 'playwright-core'
import { totp } from '../../examples/identity-provider/totp.ts'
import { findUser } from '../../examples/identity-provider/users.ts'

/** A TOTP step in milliseconds. */
const STEP = 30_000

/** Forms of one login: a password, a code, and a code that was spent. */
const MAX_FORMS = 3

/** Every address that the windows went to, by the user or by a redirect. */
export function followVisits(context: BrowserContext): readonly URL[] {
  const visits: URL[] = []
  context.on('request', (request) => {
    if (request.isNavigationRequest()) visits.push(new URL(request.url()))
  })
  return visits
}

/** Answers the provider's forms as the user would, until the window is elsewhere; resolves to the fields that it asked for. */
export async function logInAt(page: Page, issuer: string, userId: string): Promise<string[]> {
  const asked: string[] = []
  const isThere = () => !page.isClosed() && page.url().startsWith(issuer)
  for (let forms = 0; forms < MAX_FORMS && isThere(); forms++) {
    asked.push(...(await fillIn(page, userId)))
    await clickThrough(page)
  }
  if (isThere()) throw new Error(`no login of ${userId}: ${await page.textContent('body')}`)
  return asked
}

async function fillIn(page: Page, userId: string): Promise<string[]> {
  const user = findUser(userId)
  if (user === undefined) throw new Error(`the provider has no user ${userId}`)
  // Its code is spent: that of the next time step is good, too.
  const refused = (await page.locator('[role="alert"]').count()) > 0
  const otp = totp(user.totpSecret, Date.now() + (refused ? STEP : 0))
  const filled: string[] = []
  for (const [name, value] of Object.entries({ user: user.id, password: user.password, otp })) {
    const field = page.locator(`input[name="${name}"]`)
    if ((await field.count()) === 0) continue
    filled.push(name)
    await field.fill(value)
  }
  return filled
}

/** Clicks the one button of a page; resolves when the next page is there, or the window is closed. */
export async function clickThrough(page: Page): Promise<void> {
  const closed = page.waitForEvent('close')
  const loaded = page.waitForEvent('load')
  const either = Promise.race([closed, loaded])
  for (const one of [closed, loaded]) one.catch(() => {})
  await page.locator('button').first().click()
  await either
}
