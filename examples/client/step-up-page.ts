import { createHmac, timingSafeEqual } from 'node:crypto'
import type { LoginWish } from './step-up.ts'

/** A browser that was sent here for a login: what to ask the provider for, and where to send the browser then. */
export type StepUpVisit = { readonly wish: LoginWish; readonly returnTo: URL }

/** What your step-up page knows. */
export type StepUpPage = {
  /** The key of `challenge.redirect`. */
  readonly key: string
  /** The origins of your application, such as `https://portal.example.com`, one for each host of `challenge.redirect`. */
  readonly origins: readonly string[]
}

/**
 * Creates a `readVisit` that takes each visit once: whoever brings the same `state` again gets null, for as long as it
 * would be good. It is kept in this process, so several of yours need to share it, in Redis say (`SET state 1 NX EX 3600`).
 */
export function createReadVisitOnce(page: StepUpPage) {
  const used = new Map<string, number>()
  return function readVisitOnce(query: URLSearchParams, now: number): StepUpVisit | null {
    forgetEnded(used, now)
    const visit = readVisit(query, page, now)
    const state = query.get('state') ?? ''
    if (visit === null || used.has(state)) return null
    used.set(state, Number.parseInt(state, 10) * 1000)
    return visit
  }
}

/** Those that came first end first, about: looking no further keeps a visit as cheap as it was, however many there are. */
function forgetEnded(used: Map<string, number>, now: number): void {
  for (const [state, expires] of used) {
    if (expires > now) return
    used.delete(state)
  }
}

/**
 * Reads the query of a visit to your step-up page; null unless the service wrote every bit of it, it is still good
 * (`now`, in milliseconds) and leads back to one of your origins. Then show a plain page: there is nothing to go back to.
 */
export function readVisit(
  query: URLSearchParams,
  { key, origins }: StepUpPage,
  now: number,
): StepUpVisit | null {
  if (!isSigned(query, key, now)) return null
  const returnTo = withinOrigins(query.get('return_to') ?? '', query.get('host') ?? '', origins)
  return returnTo === null ? null : { wish: wishIn(query), returnTo }
}

function isSigned(query: URLSearchParams, key: string, now: number): boolean {
  const once = [...query.keys()].every((name) => query.getAll(name).length === 1)
  const [, stamp, expires, mac] = STATE.exec(query.get('state') ?? '') ?? []
  if (!once || stamp === undefined || mac === undefined) return false
  const values = SIGNED.map((name) => query.get(name))
  const text = JSON.stringify(['stepgate-step-up', stamp, ...values])
  const expected = createHmac('sha256', key).update(text).digest('base64url')
  return now < Number(expires) * 1000 && same(mac, expected)
}

function wishIn(query: URLSearchParams): LoginWish {
  const [acrValues, maxAge, scope] = ['acr_values', 'max_age', 'scope'].map((name) =>
    query.get(name),
  )
  return {
    ...(acrValues ? { acrValues } : {}),
    ...(maxAge ? { maxAge: Number(maxAge) } : {}),
    ...(scope ? { scope } : {}),
  }
}

/** A path that a browser could read as another host is none, even where it was signed. */
function withinOrigins(path: string, host: string, origins: readonly string[]): URL | null {
  const origin = origins.find((one) => new URL(one).hostname === host)
  if (origin === undefined || !/^\/(?![/\\])[\x21-\x7e]*$/.test(path)) return null
  const url = new URL(path, origin)
  return url.origin === new URL(origin).origin ? url : null
}

function same(given: string, expected: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(expected)]
  return one.length === other.length && timingSafeEqual(one, other)
}

/** `<expires>.<nonce>.<mac>`: seconds since 1970, what makes it unlike any other, and the signature. */
const STATE = /^(([1-9]\d{0,15})\.[\w-]+)\.([\w-]+)$/

/** What the service signs, in its order. */
const SIGNED = ['acr_values', 'max_age', 'scope', 'host', 'return_to'] as const
