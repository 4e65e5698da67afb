import { setTimeout as wait } from 'node:timers/promises'
import { createCookieJar, visit } from '../../demo/cookie-jar.ts'
import { totp } from '../../examples/identity-provider/totp.ts'

/** Whoever sits in front of the pages: what they know and have. */
export type Secrets = {
  readonly username: string
  readonly password: string
  /** Base32. */
  readonly totpSecret: string
}

/** A browser that keeps its cookies of one Keycloak, and what it was asked for. */
export type KeycloakBrowser = {
  /** From the start of a login through every page to the callback, whose address it gives. */
  readonly visit: (start: URL) => Promise<URL>
  /** The fields that the pages of the last visit asked for: `password`, `otp`, or `totpSecret` to set up an app. */
  readonly asked: () => readonly string[]
}

/** Redirects and forms of one login; more would be a loop. */
const MAX_PAGES = 12

/** A TOTP step in milliseconds; Keycloak takes the codes of the step before and of the one after, and each only once. */
const STEP = 30_000

/** A browser without a session, and its user. */
export function createKeycloakBrowser(secrets: Secrets, callback: string): KeycloakBrowser {
  const jar = createCookieJar()
  const authenticator = createAuthenticator(secrets.totpSecret)
  let asked: string[] = []

  const answers = {
    password: async () => ({ username: secrets.username, password: secrets.password }),
    otp: async () => ({ otp: await authenticator.code() }),
    totpSecret: async (html: string) => setUp(html),
  }

  async function answer(html: string): Promise<Step> {
    const { action, field } = readForm(html, secrets.username)
    asked.push(field)
    return { url: action, form: new URLSearchParams(await answers[field](html)) }
  }

  async function follow(start: URL): Promise<URL> {
    let next: Step = { url: start, form: null }
    for (let pages = 0; pages < MAX_PAGES; pages++) {
      const response = await visit(jar, next.url, next.form)
      const location = response.headers.get('location')
      if (location?.startsWith(callback)) return new URL(location)
      if (location === null) next = await answer(await response.text())
      else next = { url: new URL(location, next.url), form: null }
    }
    throw new Error(`the login of ${secrets.username} goes round in circles at ${start.origin}`)
  }

  return {
    asked: () => asked,
    visit(start) {
      asked = []
      return follow(start)
    },
  }
}

type Step = { readonly url: URL; readonly form: URLSearchParams | null }

const FIELDS = ['totpSecret', 'otp', 'password'] as const

/** The form of a page that asks for one of the fields; any other page ends the login. */
function readForm(html: string, username: string) {
  const action = /<form[^>]* action="([^"]+)"/.exec(html)?.[1]
  const field = FIELDS.find((name) => html.includes(` name="${name}"`))
  if (action === undefined || field === undefined || html.includes('aria-invalid="true"'))
    throw unexpected(html, username)
  return { action: new URL(action.replaceAll('&amp;', '&')), field }
}

/** Takes the secret that a page offers into a new authenticator app. */
function setUp(html: string) {
  const secret = /name="totpSecret" value="([^"]+)"/.exec(html)?.[1] ?? ''
  const bits = [...Buffer.from(secret)].map((byte) => byte.toString(2).padStart(8, '0')).join('')
  const digits = [...bits.matchAll(/.{5}/g)].map(([five]) => BASE32[Number.parseInt(five, 2)])
  const code = totp(digits.join(''), Date.now())
  return { totpSecret: secret, totp: code, userLabel: 'a new app' }
}

/** RFC 4648 §6. The secrets that Keycloak makes have 20 letters: no bit is left over. */
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** An app that never shows a code twice: where the next one would be too early, it waits. */
function createAuthenticator(secret: string) {
  let last = -1
  return {
    async code(): Promise<string> {
      const step = Math.max(Math.floor(Date.now() / STEP), last + 1)
      const early = (step - 1) * STEP - Date.now()
      if (early > 0) await wait(early)
      last = step
      return totp(secret, step * STEP)
    },
  }
}

function unexpected(html: string, username: string): Error {
  const body = html.replace(/^[\s\S]*<body/, '<body')
  const says = body.replaceAll(/<(script|style)[\s\S]*?<\/\1>|<[^>]*>|\s+/g, ' ')
  return new Error(
    `Keycloak does not log ${username} in: ${says.replaceAll(/ +/g, ' ').slice(0, 500)}`,
  )
}
