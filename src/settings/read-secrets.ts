import { createPrivateKey } from 'node:crypto'
import type { Issue } from '../domain/issue.ts'
import type { Environment } from './environment.ts'
import type { ReadFile, Settings } from './read-settings.ts'
import type { SecretReference } from './secret.ts'
import { type SignalSecrets, signalSecrets } from './signal-secrets.ts'

/** What the settings only refer to. */
export type Secrets = {
  /** The sources of `device.from`, with the keys of the cookies. */
  readonly deviceSources: readonly DeviceSource[]
  /** Null when no proof needs a nonce. */
  readonly nonceKey: Uint8Array | null
  /** Null when there is no fingerprint. */
  readonly fingerprintKey: Uint8Array | null
  /** `redis:` or `rediss:`, perhaps with a password; null without Redis. */
  readonly redisUrl: string | null
  /** Null without an audit record. */
  readonly audit: AuditKeys | null
  readonly admin: AdminSecrets
  /** Signs what browsers carry to the application; null where nobody is redirected. */
  readonly redirectKey: Uint8Array | null
  /** Of the clients that ask issuers about opaque tokens, by the names of the issuers. */
  readonly introspection: ReadonlyMap<string, string>
  /** Null without shared signals. */
  readonly signals: SignalSecrets | null
}

/** The keys of the audit record: one in hexadecimal for pseudonyms, one in PEM for checkpoints, null for none. */
export type AuditKeys = { readonly pseudonyms: string; readonly signing: string | null }

/** What the admin port is guarded by, and the private key of its certificate in PEM; null for none. */
export type AdminSecrets = { readonly token: string | null; readonly tlsKey: string | null }

type Source = Settings['device']['from'][number]
type DeviceSource =
  | Exclude<Source, { readonly key: unknown }>
  | { readonly cookie: string; readonly key: Uint8Array }

/** The secrets, or why one of them cannot be had. */
export type SecretsResult =
  | { readonly kind: 'secrets'; readonly secrets: Secrets }
  | { readonly kind: 'issues'; readonly issues: readonly Issue[] }

/** Bytes; a shorter key can be guessed. */
const LEAST = 16

/**
 * Reads what the settings refer to, out of variables and files. A line break at the end does not count, and no value is
 * ever shown. It is done once, at the start: a new secret needs a new start.
 */
export function readSecrets(
  settings: Settings,
  env: Environment,
  readFile: ReadFile,
): SecretsResult {
  const issues: Issue[] = []
  const read = (
    path: string,
    reference: SecretReference,
    check: (secret: string) => string | null,
  ) => {
    const secret = secretAt(reference, env, readFile)
    const problem = 'problem' in secret ? secret.problem : check(secret.value)
    if (problem !== null) issues.push(issue(settings.file, `\`${path}\`: ${problem}`))
    return 'problem' in secret ? '' : secret.value
  }
  const key = (path: string, reference: SecretReference) =>
    Buffer.from(read(path, reference, shortness), 'utf8')
  const { device, session, state, audit, admin, challenge } = settings
  const { nonce } = settings.bound_tokens.dpop
  const secrets = {
    deviceSources: device.from.map((source, at) =>
      'cookie' in source ? { ...source, key: key(`device.from.${at}.key`, source.key) } : source,
    ),
    fingerprintKey: session.fingerprint
      ? key('session.fingerprint.key', session.fingerprint.key)
      : null,
    redisUrl:
      'redis' in state
        ? read('state.redis.url', state.redis.url, (url) => noRedis(url, state.redis.ca))
        : null,
    audit: audit
      ? {
          pseudonyms: read('audit.pseudonym_key', audit.pseudonym_key, noPseudonymKey),
          signing: audit.signing_key
            ? read('audit.signing_key', audit.signing_key, noSigningKey)
            : null,
        }
      : null,
    admin: {
      token: admin.token ? read('admin.token', admin.token, noToken) : null,
      tlsKey: admin.tls ? read('admin.tls.key', admin.tls.key, noPrivateKey) : null,
    },
    nonceKey: nonce ? key('bound_tokens.dpop.nonce.key', nonce.key) : null,
    redirectKey: challenge.redirect ? key('challenge.redirect.key', challenge.redirect.key) : null,
    introspection: introspectionSecrets(settings, read),
    signals: signalSecrets(settings.shared_signals, read, SIGNAL_CHECKS),
  }
  return issues.length > 0 ? { kind: 'issues', issues } : { kind: 'secrets', secrets }
}

type Read = (
  path: string,
  reference: SecretReference,
  check: (secret: string) => string | null,
) => string

function introspectionSecrets({ issuers }: Settings, read: Read): Secrets['introspection'] {
  const secrets = issuers.flatMap(({ name, introspection }): [string, string][] => {
    if (introspection === undefined) return []
    const path = `issuers.${name}.introspection.client_secret`
    return [[name, read(path, introspection.client_secret, emptiness)]]
  })
  return new Map(secrets)
}

function secretAt(
  reference: SecretReference,
  env: Environment,
  readFile: ReadFile,
): { readonly value: string } | { readonly problem: string } {
  if ('env' in reference) {
    const value = env[reference.env]
    return value
      ? { value: trimmed(value) }
      : { problem: `the variable ${reference.env} is not set` }
  }
  const { file } = reference
  try {
    return { value: trimmed(new TextDecoder('utf-8', { fatal: true }).decode(readFile(file))) }
  } catch (error) {
    const why = error instanceof TypeError ? 'is not UTF-8 text' : 'cannot be read'
    return { problem: `the file ${file} ${why}` }
  }
}

function trimmed(secret: string): string {
  return secret.replace(/\r?\n$/, '')
}

function shortness(key: string): string | null {
  const bytes = Buffer.byteLength(key)
  if (bytes >= LEAST) return null
  return bytes === 0 ? 'the key is empty' : `the key has ${bytes} bytes, and ${LEAST} are the least`
}

/** How long it is, the issuer has chosen. */
function emptiness(secret: string): string | null {
  return secret === '' ? 'the secret is empty' : null
}

function noRedis(url: string, ca: string | undefined): string | null {
  const protocol = URL.canParse(url) ? new URL(url).protocol : ''
  if (protocol !== 'redis:' && protocol !== 'rediss:')
    return 'this is not the address of a Redis: write redis://host:6379 or rediss://host:6379'
  if (protocol === 'redis:' && ca !== undefined)
    return '`ca` is given, and redis:// is without TLS: write rediss://'
  return null
}

function noPseudonymKey(text: string): string | null {
  if (/^(?:[0-9a-f]{2}){32,}$/i.test(text.trim())) return null
  return 'this is no key of at least 32 bytes in hexadecimal: make one by `openssl rand -hex 32`'
}

function noSigningKey(pem: string): string | null {
  if (privateKeyType(pem) === 'ed25519') return null
  return 'this is no private Ed25519 key in PEM: make one by `openssl genpkey -algorithm ed25519`'
}

function noPrivateKey(pem: string): string | null {
  return privateKeyType(pem) === null ? 'this is no private key in PEM' : null
}

function privateKeyType(pem: string): string | null {
  try {
    return createPrivateKey(pem).asymmetricKeyType ?? null
  } catch {
    return null
  }
}

const SIGNAL_CHECKS = { privateKey: noPrivateKey, token: noToken, length: shortness }

/** RFC 6750 §2.1; what can be guessed is none. */
function noToken(token: string): string | null {
  if (!/^[\w.~+/-]+=*$/.test(token))
    return 'a token is letters, digits and `-._~+/`, without blanks'
  return shortness(token)
}

function issue(file: string, message: string): Issue {
  const hint = 'give the secret to the service before it starts'
  const where = { file, line: 0, column: 0, source: '', length: 0 }
  return { ...where, severity: 'error', code: 'bad-secret', message, hint }
}
