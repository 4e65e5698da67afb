import { z } from 'zod'
import { canonicalHost } from '../domain/request-target.ts'
import { duration, headerName, isLoopback, mistake, quotable, text, window } from './leaf.ts'
import { secretReference } from './secret.ts'

/** What an operator chooses; scopes and gRPC have dialects of their own, which are not chosen. */
const dialect = z.enum(['rfc9470', 'okta', 'entra', 'redirect'])

/** A host as requests are compared: lower case, without port. */
const host = z.string().transform((value, context) => {
  const plain = canonicalHost(value)
  if (plain !== undefined && plain === value.toLowerCase()) return plain
  const hint = 'write a name or an address, without scheme and port'
  return mistake(context, 'bad-value', `\`${value}\` is not a host`, hint)
})

/** Where a browser is sent: https, without anything that the parameters could mix with. */
const pageUrl = z.string().transform((value, context) => {
  const url = URL.canParse(value) ? new URL(value) : null
  if (url === null || /[^\x21-\x7e]|[?#\\]/.test(value) || url.username !== '') {
    const hint = 'write its whole address without query, such as https://portal.example.com/step-up'
    return mistake(context, 'bad-url', `\`${value}\` is not the address of a page`, hint)
  }
  if (url.protocol === 'https:') return url.href
  if (url.protocol === 'http:' && isLoopback(url.hostname)) return url.href
  const hint = 'http is for loopback addresses only'
  return mistake(context, 'bad-url', 'the address of a page must be https', hint)
})

/** Which clients, by all of what is said of them; the first entry that fits is taken. */
const entry = z
  .strictObject({
    when_header: z.record(headerName, text).optional(),
    when_issuer: text.optional(),
    when_host: host.optional(),
    dialect,
  })
  .transform((given, context) => {
    const { when_header: headers, when_issuer: issuer, when_host: name } = given
    if (headers !== undefined && Object.keys(headers).length === 0)
      return mistake(context, 'empty', '`when_header` is empty', 'name a header and its value')
    if (headers !== undefined || issuer !== undefined || name !== undefined) return given
    const hint = 'give `when_header`, `when_issuer` or `when_host`; for all others write `default`'
    return mistake(context, 'bad-choice', 'which clients are meant is missing', hint)
  })

/** `to` is the application's page that logs people in; `key` signs what it is told. */
const redirect = z.strictObject({
  to: pageUrl,
  hosts: z.array(host).min(1),
  key: secretReference,
  lasts: duration('time', { least: '1m', most: '1h' }).prefault('10m'),
})

/** A client that comes back so often with fresh tokens that do not do is refused for good, for the rest of the window. */
const loop = z.strictObject({
  attempts: z.int().min(1).max(100).prefault(3),
  window: window.prefault('5m'),
})

function isNeverRedirected(
  { dialect, when_host: name }: z.output<typeof entry>,
  opted: z.output<typeof redirect> | undefined,
): boolean {
  return dialect === 'redirect' && name !== undefined && opted?.hosts.includes(name) === false
}

const ENTRA = 'https://login.microsoftonline.com/common/oauth2/v2.0/authorize'

/** How clients are asked for another login, by what they are and never by the rule that asks. */
export const challenge = z
  .strictObject({
    realm: quotable.prefault('stepgate'),
    default: dialect.prefault('rfc9470'),
    dialects: z.array(entry).prefault([]),
    entra: z.strictObject({ authorization_uri: pageUrl.prefault(ENTRA) }).prefault({}),
    redirect: redirect.optional(),
    loop: loop.prefault({}),
  })
  .transform((given, context) => {
    const chosen = [given.default, ...given.dialects.map((one) => one.dialect)]
    const redirects = chosen.includes('redirect')
    if (redirects && given.redirect === undefined) {
      const hint = 'say where to, for which hosts and with which key'
      return mistake(context, 'missing-key', '`challenge.redirect` is missing', hint, ['redirect'])
    }
    const elsewhere = given.dialects.findIndex((one) => isNeverRedirected(one, given.redirect))
    if (elsewhere >= 0) {
      const message = '`challenge.redirect.hosts` has not this host: nobody is redirected'
      const at = ['dialects', elsewhere, 'when_host']
      return mistake(context, 'without-effect', message, 'add it there', at)
    }
    if (redirects || given.redirect === undefined) return given
    const message = 'nobody is challenged by `challenge.redirect`'
    return mistake(context, 'without-effect', message, 'choose `dialect: redirect` for some client')
  })
