import { z } from 'zod'
import { parseDuration } from '../domain/duration.ts'
import { nearest } from '../domain/nearest.ts'
import {
  type Address,
  parseAddress,
  parseSocketAddress,
  SOCKET_PREFIX,
  type SocketAddress,
} from './address.ts'

/** Algorithms that `jose` verifies with a public key (RFC 7518 §3.1, RFC 8037 §3.1, RFC 9864 §2.2). */
const ALGORITHMS = [
  ...['ES256', 'ES384', 'ES512'],
  ...['RS256', 'RS384', 'RS512'],
  ...['PS256', 'PS384', 'PS512'],
  ...['EdDSA', 'Ed25519'],
]

type Context = z.core.$RefinementCtx

/** A text that says something. */
export const text = z.string().min(1)

/** Text that goes into a quoted string of `WWW-Authenticate` as it is (RFC 6750 §3). */
export const quotable = z.string().transform((value, context) => {
  if (/^[\x20-\x21\x23-\x5b\x5d-\x7e]{1,100}$/.test(value)) return value
  return mistake(
    context,
    'bad-value',
    'a realm is 1 to 100 printable ASCII characters except " and \\',
  )
})

/** `host:port` to listen on. */
export const address = z.string().transform((value, context): Address => {
  const message = `\`${value}\` is not an address`
  return (
    parseAddress(value) ??
    mistake(context, 'bad-address', message, 'write host:port, such as 127.0.0.1:9191')
  )
})

/** `host:port` or `unix:/path` to listen on. */
export const addressOrSocket = z.string().transform((value, context): Address | SocketAddress => {
  const parsed = parseAddress(value) ?? parseSocketAddress(value)
  if (parsed !== null) return parsed
  const [what, hint] = value.startsWith(SOCKET_PREFIX)
    ? ['a path for a socket', 'write an absolute path of at most 103 bytes, such as unix:/run/x']
    : ['an address', 'write host:port or unix:/path, such as 127.0.0.1:9191']
  return mistake(context, 'bad-address', `\`${value}\` is not ${what}`, hint)
})

/** Leeway beyond this keeps expired tokens alive rather than evening out clocks. */
const MAX_LEEWAY = '5m'

/** A duration in YAML, whole or fractional seconds in the settings. */
export const leeway = duration('leeway', { most: MAX_LEEWAY })

/** How long something is remembered, in seconds. */
export const window = duration('window', { most: '24h' })

/** A duration between two others, both of which count; `what` it is stands in the message. */
export function duration(what: string, { least = '0s', most }: { least?: string; most: string }) {
  return z.string().transform((value, context) => {
    const seconds = parseDuration(value)
    if (seconds === null) {
      const hint = 'write a number and a unit, such as 5s or 2m'
      return mistake(context, 'bad-duration', `\`${value}\` is not a duration`, hint)
    }
    const message = `a ${what} of \`${value}\` is too`
    if (seconds < (parseDuration(least) ?? 0))
      return mistake(context, 'out-of-range', `${message} short`, `${least} is the least`)
    if (seconds <= (parseDuration(most) ?? 0)) return seconds
    return mistake(context, 'out-of-range', `${message} long`, `${most} is the most`)
  })
}

/** The name of a header, in lower case; `_` is refused, since Envoy may drop or rewrite it. */
export const headerName = z.string().transform((value, context) => {
  const name = value.toLowerCase()
  if (/^[a-z][a-z0-9-]{0,99}$/.test(name)) return name
  const hint = 'a letter, then letters, digits and `-`, at most 100'
  return mistake(context, 'bad-value', `\`${value}\` is not the name of a header`, hint)
})

/** A JWS algorithm with a public key. */
export const algorithm = z.string().transform((value, context) => {
  if (ALGORITHMS.includes(value)) return value
  if (value.toLowerCase() === 'none') {
    return mistake(context, 'bad-algorithm', '`none` means unsigned: anybody could write a token')
  }
  if (value.toUpperCase().startsWith('HS')) {
    const message = `\`${value}\` is symmetric: whoever can check a token could also make one`
    return mistake(context, 'bad-algorithm', message, `use one of ${ALGORITHMS.join(', ')}`)
  }
  const close = nearest(value, ALGORITHMS)
  const hint = close ? `did you mean \`${close}\`?` : `known are ${ALGORITHMS.join(', ')}`
  return mistake(context, 'bad-algorithm', `unknown algorithm \`${value}\``, hint)
})

/** An issuer identifier: https, without query and fragment (RFC 8414 §2); kept as written, since it is compared so. */
export const issuerUrl = z.string().transform((value, context) => {
  const url = URL.canParse(value) ? new URL(value) : null
  if (url === null || /[\s?#]/.test(value) || url.username !== '') {
    const message = `\`${value}\` is not an issuer's URL`
    return mistake(context, 'bad-issuer', message, 'copy `issuer` from the provider’s metadata')
  }
  if (url.protocol === 'https:') return value
  if (url.protocol === 'http:' && isLoopback(url.hostname)) return value
  const message = 'an issuer must be https: whoever sits on the way could replace its keys'
  return mistake(context, 'bad-issuer', message, 'http is for loopback addresses only')
})

/** True for a host of a URL that no other machine can answer for. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127(\.\d+){3}$/.test(host)
}

/** Adds an issue that carries its stable code and hint through zod; `path` leads from what is checked to its place. */
export function mistake(
  context: Context,
  code: string,
  message: string,
  hint?: string,
  path: (string | number)[] = [],
): never {
  context.addIssue({ code: 'custom', message, path, params: { code, hint: hint ?? null } })
  return z.NEVER
}

/** Says of a mapping that it has none or several of the members of which it takes one; `what` that one tells. */
export function badChoice(
  context: Context,
  what: string,
  members: Readonly<Record<string, unknown>>,
): never {
  const names = Object.keys(members).map((name) => `\`${name}\``)
  const given = names.filter((_, at) => Object.values(members)[at] !== undefined)
  if (given.length === 0) {
    const hint = `give one of ${names.join(', ')}`
    return mistake(context, 'bad-choice', `${what} is missing`, hint)
  }
  const message = `${given.join(' and ')}: ${what} is one of them`
  return mistake(context, 'bad-choice', message, 'keep one of them')
}
