import { LRUCache } from 'lru-cache'
import { createReadVisitOnce, type StepUpPage, type StepUpVisit } from '../client/step-up-page.ts'
import type { Logins } from './logins.ts'
import { againPage, endedPage, failedPage } from './pages.ts'

/** What a browser gets: a page, or another place to go to, perhaps with the access token for its session. */
export type Answer = {
  readonly status: number
  readonly html?: string
  readonly location?: string
  readonly token?: string
}

/** Answers a browser, by the id that its cookie has. */
export type Route = (browser: string, url: URL) => Promise<Answer>

const ENDED: Answer = { status: 400, html: endedPage() }

/** The portal's addresses, by method and path. */
export function createRoutes(
  logins: Logins,
  page: StepUpPage,
  now: () => number,
): Readonly<Record<string, Route>> {
  const readVisitOnce = createReadVisitOnce(page)
  const asked = new LRUCache<string, StepUpVisit>({ max: 10_000 })

  async function stepUp(browser: string, url: URL): Promise<Answer> {
    const visit = readVisitOnce(url.searchParams, now())
    if (visit === null) return ENDED
    if (!logins.isRepeated(browser, visit)) return seeOther(await logins.begin(browser, visit))
    // Without a click, page and provider could go on sending the browser to and fro.
    asked.set(keyOf(browser, url), visit)
    return { status: 200, html: againPage() }
  }

  /** The form comes from the page's own address: a browser may have that page in several tabs. */
  async function stepUpAgain(browser: string, url: URL): Promise<Answer> {
    const visit = asked.get(keyOf(browser, url))
    asked.delete(keyOf(browser, url))
    return visit === undefined ? ENDED : seeOther(await logins.begin(browser, visit))
  }

  async function callback(browser: string, url: URL): Promise<Answer> {
    const login = await logins.finish(browser, url)
    if (login === null) return ENDED
    const { token, returnTo } = login
    if (token === null) return { status: 502, html: failedPage(returnTo.href) }
    return { ...seeOther(returnTo), token }
  }

  return { 'GET /step-up': stepUp, 'POST /step-up': stepUpAgain, 'GET /callback': callback }
}

function keyOf(browser: string, { searchParams }: URL): string {
  return JSON.stringify([browser, searchParams.get('state')])
}

function seeOther({ href }: URL): Answer {
  return { status: 303, location: href }
}
