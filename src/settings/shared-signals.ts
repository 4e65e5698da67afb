import { z } from 'zod'
import { tls } from './admin.ts'
import { keys } from './keys.ts'
import {
  address,
  algorithm,
  badChoice,
  duration,
  isLoopback,
  issuerUrl,
  leeway,
  mistake,
  text,
} from './leaf.ts'
import { type SecretReference, secretReference } from './secret.ts'

type Context = z.core.$RefinementCtx

/** Where a transmitter posts to: a path as it stands in a request, without a query. */
const path = z.string().transform((value, context) => {
  if (/^\/[\w.~/-]{0,200}$/.test(value)) return value
  const hint = 'a `/`, then letters, digits and `-._~/`'
  return mistake(context, 'bad-value', `\`${value}\` is not a path`, hint)
})

/** Where SETs are fetched: https, since a token goes along, and whoever sits on the way could keep events back. */
const pollUrl = z.string().transform((value, context) => {
  const url = URL.canParse(value) ? new URL(value) : null
  if (url === null || /[\s#]/.test(value) || url.username !== '' || url.password !== '') {
    const hint = 'copy `endpoint_url` from what the transmitter says of the stream'
    return mistake(context, 'bad-value', 'this is not the URL of a transmitter', hint)
  }
  if (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname)))
    return value
  const message = 'events must come over https: whoever sits on the way could keep them back'
  return mistake(context, 'bad-value', message, 'http is for loopback addresses only')
})

const push = z.strictObject({
  path: path.optional(),
  authorization: secretReference.optional(),
})

const poll = z.strictObject({
  url: pollUrl,
  token: secretReference.optional(),
  every: duration('time', { least: '1s', most: '1h' }).prefault('10s'),
})

type Push = {
  readonly path?: string | undefined
  readonly authorization?: SecretReference | undefined
}

/** Either the transmitter comes to us, or we go to it. */
type Delivery = { readonly push: Push } | { readonly poll: z.output<typeof poll> }

const stream = z
  .strictObject({
    issuer: issuerUrl,
    audience: text,
    keys,
    algorithms: z.array(algorithm).min(1).prefault(['RS256', 'ES256']),
    leeway: leeway.prefault('1m'),
    subjects: text.optional(),
    push: push.optional(),
    poll: poll.optional(),
  })
  .transform((given, context) => {
    const { push: pushed, poll: polled, ...rest } = given
    if (given.keys.from === 'discovery') {
      const hint = 'copy `jwks_uri` from /.well-known/ssf-configuration of the transmitter'
      return mistake(context, 'bad-keys', 'the keys of a stream need a place', hint)
    }
    const delivery = deliveryOf(pushed, polled)
    if (delivery !== null) return { ...rest, keys: given.keys, delivery }
    return badChoice(context, 'how events come', { push: pushed, poll: polled })
  })

function deliveryOf(
  pushed: Push | undefined,
  polled: z.output<typeof poll> | undefined,
): Delivery | null {
  if (pushed !== undefined && polled === undefined) return { push: pushed }
  return polled !== undefined && pushed === undefined ? { poll: polled } : null
}

/** Lower case, as the names of issuers. */
const NAME = /^[a-z][a-z0-9-]{0,62}$/

/** Who tells us of events between two logins (OpenID Shared Signals Framework 1.0), and where we listen for it. */
export const sharedSignals = z
  .strictObject({
    listen: address.prefault('127.0.0.1:9192'),
    tls: tls.optional(),
    streams: z.record(z.string(), stream),
  })
  .superRefine(({ listen, streams }, context) => {
    const all = Object.entries(streams)
    if (all.length === 0) nobodyTells(context)
    for (const [name] of all) if (!NAME.test(name)) badName(context, name)
    const pushed = all.flatMap(([name, one]) => {
      // Zod hands over a stream as it was written when it has a mistake already.
      const delivery: Delivery | undefined = one.delivery
      return delivery !== undefined && 'push' in delivery ? [{ name, ...delivery.push }] : []
    })
    for (const { name, authorization } of pushed)
      if (authorization === undefined && !isOwn(listen.host)) isOpen(context, name)
    const paths = pushed.map((one) => pathOf(one.name, one.path))
    pushed.forEach(({ name }, at) => {
      if (paths.indexOf(paths[at] ?? '') < at) twice(context, name, paths[at] ?? '')
    })
  })

/** Where the transmitter of a stream posts to, which is the stream's name unless the settings say otherwise. */
export function pathOf(name: string, given: string | undefined): string {
  return given ?? `/${name}`
}

/** True for an address that no other machine reaches. */
export function isOwn(host: string): boolean {
  return host === '::1' || isLoopback(host)
}

/** Without a stream nothing would be known, and yet count as known: nobody revoked, nobody disabled. */
function nobodyTells(context: Context): void {
  const hint = 'name a stream, or leave `shared_signals` out'
  add(context, ['streams'], 'empty', '`shared_signals.streams` is empty', hint)
}

function badName(context: Context, name: string): void {
  const message = `\`${name}\` is not a name for a stream`
  const hint = 'a lower-case letter, then lower-case letters, digits and `-`'
  add(context, ['streams', name], 'bad-name', message, hint)
}

function isOpen(context: Context, name: string): void {
  const message = 'others than this machine can reach this stream, and it has no `authorization`'
  const hint =
    'authorization: env:NAME, and the same text as `authorization_header` at the transmitter'
  add(context, ['streams', name, 'push'], 'bad-choice', message, hint)
}

function twice(context: Context, name: string, where: string): void {
  const message = `another stream has the path \`${where}\``
  add(context, ['streams', name, 'push'], 'bad-choice', message, 'give one of them another `path`')
}

function add(
  context: Context,
  at: readonly string[],
  code: string,
  message: string,
  hint: string,
): void {
  context.addIssue({ code: 'custom', path: [...at], message, params: { code, hint } })
}
