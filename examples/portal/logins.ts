import { LRUCache } from 'lru-cache'
import type { Configuration } from 'openid-client'
import { type Application, beginLogin, finishLogin, type KeptLogin } from '../client/log-in.ts'
import type { StepUpVisit } from '../client/step-up-page.ts'

/** The logins of all browsers, each known by an id that nobody else can guess. */
export type Logins = {
  /** True when the browser has just made a login for this page and this wish: only a click should begin another. */
  readonly isRepeated: (browser: string, visit: StepUpVisit) => boolean
  /** Where the browser goes for a login. */
  readonly begin: (browser: string, visit: StepUpVisit) => Promise<URL>
  /** What came of a login that has ended at this address; null for one that this browser did not begin. */
  readonly finish: (browser: string, end: URL) => Promise<FinishedLogin | null>
}

/** An access token, or null for a login that failed, and the page that it was for. */
export type FinishedLogin = { readonly token: string | null; readonly returnTo: URL }

type Pending = {
  readonly browser: string
  readonly visit: StepUpVisit
  readonly kept: KeptLogin
}

/** Logins that may be on their way at a time, and in milliseconds how long one may take. */
const ROOM = { max: 10_000, ttl: 600_000 }

/** Nobody reads a page and asks for it again so fast: that is a login which was not enough. */
const JUST_NOW = 30_000

/** Keeps what a login needs in the memory of this process. */
export function createLogins(config: Configuration, application: Application): Logins {
  const pending = new LRUCache<string, Pending>(ROOM)
  const made = new LRUCache<string, true>({ max: ROOM.max, ttl: JUST_NOW })
  return {
    isRepeated: (browser, visit) => made.has(keyOf(browser, visit)),
    async begin(browser, visit) {
      const { start, kept } = await beginLogin(config, application, visit.wish)
      pending.set(kept.expectedState, { browser, visit, kept })
      return start
    },
    async finish(browser, end) {
      const state = end.searchParams.get('state') ?? ''
      const login = pending.get(state)
      // The answer to somebody else's login would put this browser into their account.
      if (login === undefined || login.browser !== browser) return null
      pending.delete(state)
      const { visit, kept } = login
      const token = await finishLogin(config, kept, end).catch(sayWhy)
      if (token !== null) made.set(keyOf(browser, visit), true)
      return { token, returnTo: visit.returnTo }
    },
  }
}

/** `error` is what the provider said, `code` what was wrong with what it said; no token, and nothing about the user. */
function sayWhy({ message, error, code }: Error & { error?: string; code?: string }): null {
  console.error('a login failed:', JSON.stringify([message, error ?? code]))
  return null
}

function keyOf(browser: string, { wish, returnTo }: StepUpVisit): string {
  return JSON.stringify([browser, wish, returnTo])
}
