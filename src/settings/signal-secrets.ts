import type { Settings } from './read-settings.ts'
import type { SecretReference } from './secret.ts'

/** What transmitters are known by, and what we are known by to them. */
export type SignalSecrets = {
  /** The private key of the listener's certificate in PEM; null without TLS. */
  readonly tlsKey: string | null
  /** By stream: the `Authorization` of a push, or the bearer token of a poll. A stream without one is not in it. */
  readonly streams: ReadonlyMap<string, string>
}

/** Reads one secret; `check` tells what is wrong with it. */
type Read = (
  path: string,
  reference: SecretReference,
  check: (secret: string) => string | null,
) => string

/** What secrets are checked by. */
type Checks = {
  readonly privateKey: (pem: string) => string | null
  readonly token: (token: string) => string | null
  readonly length: (secret: string) => string | null
}

/** Reads what `shared_signals` refers to; null without it. */
export function signalSecrets(
  settings: Settings['shared_signals'],
  read: Read,
  checks: Checks,
): SignalSecrets | null {
  if (settings === undefined) return null
  const tlsKey = settings.tls
    ? read('shared_signals.tls.key', settings.tls.key, checks.privateKey)
    : null
  const streams = new Map<string, string>()
  for (const [name, { delivery }] of Object.entries(settings.streams)) {
    const at = `shared_signals.streams.${name}`
    if ('push' in delivery) {
      const { authorization } = delivery.push
      const check = (value: string) => headerProblem(value, checks)
      if (authorization) streams.set(name, read(`${at}.push.authorization`, authorization, check))
    } else if (delivery.poll.token)
      streams.set(name, read(`${at}.poll.token`, delivery.poll.token, checks.token))
  }
  return { tlsKey, streams }
}

/** The whole value of a header, with its scheme, as OpenID SSF 1.0 §8.1.1 has it in `authorization_header`. */
function headerProblem(value: string, { length }: Checks): string | null {
  if (/^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(value)) return length(value)
  return 'an Authorization header is printable ASCII, such as `Bearer` and a token'
}
