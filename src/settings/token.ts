import { z } from 'zod'
import { mistake, text } from './leaf.ts'

/** Headers that say something else: of HTTP itself, or Envoy's and proxies' own. */
const TAKEN = (
  'connection content-length content-type dpop expect forwarded host keep-alive proxy-authorization ' +
  'proxy-connection set-cookie te trailer traceparent tracestate transfer-encoding upgrade via ' +
  'x-forwarded-client-cert x-forwarded-for x-forwarded-host x-forwarded-port x-forwarded-proto x-request-id'
).split(' ')

const TAKEN_PREFIX = /^(?:x-stepgate-|x-envoy-)/

const MAX_NAME = 100

type Context = z.core.$RefinementCtx

/** A name in lower case; `_` is refused, since many upstreams read it as `-`. */
const header = z.string().transform((value, context) => {
  const name = value.toLowerCase()
  if (name === 'authorization') {
    return bad(
      context,
      '`authorization` is no header like any other',
      'write `from: authorization`',
    )
  }
  if (name === 'cookie') {
    return bad(
      context,
      '`cookie` is many values in one',
      'write `cookie:` and the name of the cookie',
    )
  }
  if (TAKEN.includes(name) || TAKEN_PREFIX.test(name)) {
    return bad(context, `the header \`${value}\` has another meaning`, 'use a header of its own')
  }
  if (/^[a-z][a-z0-9-]*$/.test(name) && name.length <= MAX_NAME) return name
  return bad(
    context,
    `\`${value}\` is not the name of a header for tokens`,
    `a letter, then letters, digits and \`-\`, at most ${MAX_NAME}`,
  )
})

/** A token (RFC 6265 §4.1.1), in the case that the browser sends. */
export const cookie = z.string().transform((value, context) => {
  if (/^[\w!#$%&'*+.^`|~-]{1,100}$/.test(value)) return value
  const hint = `letters, digits and !#$%&'*+-.^_\`|~, at most ${MAX_NAME}`
  return bad(context, `\`${value}\` is not the name of a cookie`, hint)
})

/** The name of an Envoy filter, or of whatever else writes metadata. */
const namespace = z.string().transform((value, context) => {
  if (/^[\x21-\x7e]{1,100}$/.test(value)) return value
  const message = `\`${value}\` is not a namespace of metadata`
  return bad(context, message, 'write the name of the filter, such as envoy.filters.http.jwt_authn')
})

/** Where an issuer's tokens arrive: one place, and `Authorization` when none is named. */
export const token = z
  .strictObject({
    from: z.enum(['authorization']).optional(),
    header: header.optional(),
    cookie: cookie.optional(),
    metadata: namespace.optional(),
  })
  .transform((place, context) => {
    const named = Object.entries(place).filter(([, value]) => value !== undefined)
    if (named.length > 1) {
      const names = named.map(([name]) => `\`${name}\``).join(' and ')
      const hint = 'keep one of them: a token elsewhere is refused'
      return bad(context, `${names}: the tokens of an issuer arrive in one place`, hint)
    }
    if (place.header !== undefined) return { header: place.header }
    if (place.cookie !== undefined) return { cookie: place.cookie }
    if (place.metadata !== undefined) return { metadata: place.metadata }
    return { from: 'authorization' as const }
  })

/** A value of `typ` in a token's header (RFC 7515 §4.1.9), in lower case and without `application/`. */
export const tokenType = z.string().transform((value, context) => {
  const type = value.toLowerCase().replace(/^application\//, '')
  if (/^[a-z0-9][a-z0-9!#$&^_.+-]*$/.test(type)) return type
  const message = `\`${value}\` is not a type of token`
  return mistake(context, 'bad-value', message, 'write `at+jwt`, `jwt`, or the `typ` of its tokens')
})

/** Where the claims are that we need; a path with dots leads into nested ones. The client's is the first that is there. */
export const claims = z.strictObject({
  roles: text.prefault('roles'),
  groups: text.prefault('groups'),
  scopes: text.prefault('scope'),
  tenant: text.prefault('tenant'),
  session: text.prefault('sid'),
  acr: text.prefault('acr'),
  amr: text.prefault('amr'),
  auth_time: text.prefault('auth_time'),
  // RFC 9068 §2.2, OpenID Connect Core §2, Okta, Entra in its version 1.
  client: z.array(text).min(1).prefault(['client_id', 'azp', 'cid', 'appid']),
})

function bad(context: Context, message: string, hint: string): never {
  return mistake(context, 'bad-place', message, hint)
}
