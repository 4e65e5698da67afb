import { createHmac } from 'node:crypto'
import type { AccessRequest } from '../domain/access-request.ts'
import { canonicalPath } from '../domain/canonical-path.ts'
import { canonicalHost } from '../domain/request-target.ts'
import type { Wish } from './challenge.ts'
import { fitsHeader } from './header-value.ts'

/** Where browsers are sent for a login, and what vouches for where they come from. */
export type RedirectSettings = {
  /** The application's page that begins a login: an absolute URL without query. */
  readonly to: string
  /** Hosts, lower case and without port, whose pages may be come back to. */
  readonly hosts: readonly string[]
  readonly key: Uint8Array
  /** Seconds that what is signed is good for. */
  readonly lasts: number
}

/** When a browser is sent, in milliseconds, and what tells this time from all others: letters, digits, `_` and `-`. */
export type Moment = { readonly now: number; readonly nonce: string }

/** Bytes of `Location`; servers take request lines of 8 KiB, and the application adds its own on the way back. */
const MAX_LOCATION = 2048

/**
 * The page that the browser goes to for a login that meets the wish, told by its query: `acr_values`, `max_age` and
 * `scope` where asked for, `host` (one of the opted-in), `return_to` (path and query of this request, put together anew
 * from what was read) and `state`: `<expires>.<nonce>.<mac>`, seconds, what no other state has, and an HMAC-SHA-256 over
 * these and all the others. Null where no page can do, and at the page itself, which would go in circles.
 */
export function entryUrl(
  settings: RedirectSettings,
  request: AccessRequest,
  wish: Wish,
  { now, nonce }: Moment,
): string | null {
  const { acr_values: acrValues, max_age: maxAge, scope } = wish
  if (acrValues === null || maxAge === null || scope === null) return null
  const url = new URL(settings.to)
  if (isTarget(url, request)) return null
  const parameters = {
    ...(acrValues === undefined ? {} : { acr_values: acrValues }),
    ...(maxAge === undefined ? {} : { max_age: maxAge }),
    ...(scope === undefined ? {} : { scope }),
    host: request.host,
    return_to: target(request),
  }
  const expires = Math.floor(now / 1000) + settings.lasts
  const state = sign(settings, parameters, `${expires}.${nonce}`)
  url.search = new URLSearchParams({ ...parameters, state }).toString()
  return url.href.length <= MAX_LOCATION && fitsHeader(url.href) ? url.href : null
}

function isTarget({ hostname, pathname }: URL, { host, path }: AccessRequest): boolean {
  const reading = canonicalPath(pathname)
  const samePath = reading.kind === 'path' && reading.path.text === path.text
  return samePath && canonicalHost(hostname) === host
}

/** The canonical path begins with one `/` and has no empty segment, so that it never reads as another host. */
function target({ path, query }: AccessRequest): string {
  const parameters = new URLSearchParams()
  for (const [name, values] of query) for (const value of values) parameters.append(name, value)
  const search = parameters.toString()
  return search === '' ? path.text : `${path.text}?${search}`
}

type Signed = Readonly<Partial<Record<(typeof SIGNED)[number], string>>>

/** What is signed, in this order; what is absent is null. */
const SIGNED = ['acr_values', 'max_age', 'scope', 'host', 'return_to'] as const

function sign({ key }: RedirectSettings, parameters: Signed, stamp: string): string {
  const values = SIGNED.map((name) => parameters[name] ?? null)
  const text = JSON.stringify(['stepgate-step-up', stamp, ...values])
  return `${stamp}.${createHmac('sha256', key).update(text).digest('base64url')}`
}
