import * as oidc from 'openid-client'
import { logIn } from '../examples/client/log-in.ts'
import type { LoginWish } from '../examples/client/step-up.ts'
import { PORTAL, RESOURCE } from '../examples/identity-provider/clients.ts'
import { totp } from '../examples/identity-provider/totp.ts'
import { findUser, type User } from '../examples/identity-provider/users.ts'
import { type CookieJar, createCookieJar, visit } from './cookie-jar.ts'

/** One user with one browser: it keeps the session at the provider between logins. */
export type Person = {
  /** `openid-client` as the portal uses it. */
  readonly config: oidc.Configuration
  /** Logs in as the wish says, through the provider's own pages, and gives the access token. */
  readonly login: (wish?: LoginWish) => Promise<string>
  /** Sends a request with a token as `openid-client` does it: a challenge is thrown as `WWWAuthenticateChallengeError`. */
  readonly fetch: (token: string, url: string, init: RequestParts) => Promise<Response>
}

/** A request without its address. */
export type RequestParts = {
  readonly method: string
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

type Browser = { readonly user: User; readonly jar: CookieJar }

const CALLBACK = PORTAL.redirect_uris[0]

/** Redirects and forms of one login; more would be a loop. */
const MAX_PAGES = 12

/** A TOTP step in milliseconds. */
const STEP = 30_000

/** A person of the example provider, by user name, with a browser that nobody has used yet. */
export async function createPerson(issuer: string, userId: string): Promise<Person> {
  const user = findUser(userId)
  if (user === undefined) throw new Error(`the identity provider has no user "${userId}"`)
  const config = await oidc.discovery(new URL(issuer), PORTAL.client_id, undefined, oidc.None(), {
    execute: [oidc.allowInsecureRequests],
  })
  const browser = { user, jar: createCookieJar() }
  const application = {
    redirectUri: CALLBACK,
    scopes: ['openid', 'licenses'],
    target: { resource: RESOURCE },
    visit: (start: URL) => browse(browser, start),
  }
  return {
    config,
    login: (wish) => logIn(config, application, wish),
    fetch: (token, url, { method, body, headers }) =>
      oidc.fetchProtectedResource(
        config,
        token,
        new URL(url),
        method,
        body === undefined ? undefined : JSON.stringify(body),
        new Headers({
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        }),
      ),
  }
}

/** Follows redirects and fills in forms until the provider sends the browser back to the client. */
async function browse(browser: Browser, start: URL): Promise<URL> {
  let url = start
  let form: URLSearchParams | null = null
  let refusals = 0
  for (let pages = 0; pages < MAX_PAGES; pages++) {
    const response = await visit(browser.jar, url, form)
    const text = await response.text()
    const location = response.headers.get('location')
    if (location === null) {
      if (response.status >= 400) refusals++
      form = fillIn(text, browser.user, refusals)
      continue
    }
    url = new URL(location, url)
    form = null
    if (url.href.startsWith(CALLBACK)) return url
  }
  throw new Error(`the login of ${browser.user.id} goes round in circles at ${url.origin}`)
}

/** Answers what the page asks for. When a code was refused because it is spent, that of the next step is tried. */
function fillIn(html: string, user: User, refusals: number): URLSearchParams {
  const answers: Record<string, string> = {
    user: user.id,
    password: user.password,
    otp: totp(user.totpSecret, Date.now() + refusals * STEP),
    passkey: 'simulated',
  }
  const names = [...html.matchAll(/ name="(\w+)"/g)].map(([, name = '']) => name)
  const asked = names.flatMap((name): [string, string][] => {
    const answer = answers[name]
    return answer === undefined ? [] : [[name, answer]]
  })
  if (asked.length > 0 && refusals < 2) return new URLSearchParams(asked)
  const says = html.replaceAll(/<style>.*<\/style>|<[^>]*>|\s+/g, ' ').trim()
  throw new Error(`the identity provider does not log ${user.id} in; its page says: ${says}`)
}
