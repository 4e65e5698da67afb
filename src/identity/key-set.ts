import { createLocalJWKSet, importJWK, type JWK } from 'jose'

/** The public keys of one issuer at one time: finds the key for a token's header, without any network. */
export type KeySet = ReturnType<typeof createLocalJWKSet>

/** Private parts of RSA, EC and OKP keys (RFC 7518 §6, RFC 8037 §2), and the secret of a symmetric one. */
const SECRET_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv']

/** All that a verification looks at (RFC 7517 §4, RFC 7518 §6, RFC 8037 §2) besides `key_ops`; each is text. */
const PUBLIC_MEMBERS = ['kty', 'kid', 'use', 'alg', 'crv', 'x', 'y', 'n', 'e']

const KEPT_MEMBERS = [...PUBLIC_MEMBERS, 'key_ops']

const KEY_TYPES: readonly unknown[] = ['RSA', 'EC', 'OKP']

const CURVES: readonly unknown[] = ['P-256', 'P-384', 'P-521', 'Ed25519']

/** More keys than any provider publishes. */
const MAX_KEYS = 100

/**
 * Reads a JWK Set (RFC 7517 §5) as a provider publishes it. Keys that are not for signatures, symmetric, or published
 * with their private parts are left out, and so is what is no key at all. Rejects with an `Error` that says what is
 * wrong when no key is left.
 */
export async function readKeySet(body: unknown): Promise<KeySet> {
  return keySet(await importable(keysOf(body).filter(isUsable)))
}

/**
 * Reads a JWK Set that the operator keeps. Keys for other uses and of kinds that are not known here are left out; one
 * that is private, symmetric or broken rejects the whole, with an `Error` that says which one.
 */
export async function readOwnKeySet(body: unknown): Promise<KeySet> {
  const keys = keysOf(body)
  const secret = keys.findIndex(hasSecret)
  if (secret >= 0) {
    throw new Error(`key ${secret + 1} is private or symmetric: only public keys belong here`)
  }
  const meant = keys.filter((key) => !isForOtherUse(key) && !isOfOtherKind(key))
  const usable = await importable(meant.filter(isUsable))
  const broken = meant.findIndex((key) => !usable.includes(key as JWK))
  if (broken >= 0) {
    throw new Error(`key ${keys.indexOf(meant[broken]) + 1} is no usable public key for signatures`)
  }
  return keySet(usable)
}

/** True when both sets hold the same keys in the same order. */
export function sameKeys(a: KeySet | null, b: KeySet): boolean {
  return a !== null && JSON.stringify(a.jwks()) === JSON.stringify(b.jwks())
}

function keysOf(body: unknown): readonly unknown[] {
  const keys = typeof body === 'object' && body !== null && 'keys' in body ? body.keys : undefined
  if (!Array.isArray(keys)) throw new Error('the key set has no list `keys`')
  if (keys.length > MAX_KEYS) throw new Error(`the key set has more than ${MAX_KEYS} keys`)
  return keys
}

function keySet(usable: readonly JWK[]): KeySet {
  if (usable.length === 0) throw new Error('the key set has no public key for signatures')
  return createLocalJWKSet({ keys: usable.map(publicPart) })
}

/** Without certificates and whatever else providers add: it costs memory, and its change is no change of the key. */
function publicPart(key: JWK): JWK {
  const members = Object.entries(key).filter(([name]) => KEPT_MEMBERS.includes(name))
  return Object.fromEntries(members) as JWK
}

/** Keys that a verification could use: one that cannot be imported must not pass for a good set. */
async function importable(keys: readonly JWK[]): Promise<JWK[]> {
  const imports = await Promise.allSettled(
    keys.map((key) => importJWK(publicPart(key), key.alg ?? usualAlgorithm(key))),
  )
  return keys.filter((_key, at) => imports[at]?.status === 'fulfilled')
}

/** An algorithm that the type of key can be imported for, where the key names none. */
function usualAlgorithm({ kty, crv }: JWK): string {
  if (kty === 'RSA') return 'RS256'
  if (kty === 'OKP') return 'EdDSA'
  return crv === 'P-384' ? 'ES384' : crv === 'P-521' ? 'ES512' : 'ES256'
}

function isUsable(key: unknown): key is JWK {
  if (!isMapping(key) || !KEY_TYPES.includes(key.kty)) return false
  return !hasSecret(key) && !isForOtherUse(key) && isWellFormed(key)
}

function hasSecret(key: unknown): boolean {
  if (!isMapping(key)) return false
  return key.kty === 'oct' || SECRET_MEMBERS.some((member) => Object.hasOwn(key, member))
}

function isForOtherUse(key: unknown): boolean {
  return isMapping(key) && key.use !== undefined && key.use !== 'sig'
}

function isOfOtherKind(key: unknown): boolean {
  if (!isMapping(key) || !isText(key.kty)) return false
  return !KEY_TYPES.includes(key.kty) || (isText(key.crv) && !CURVES.includes(key.crv))
}

function isWellFormed(key: Readonly<Record<string, unknown>>): boolean {
  const { key_ops: operations = [] } = key
  const texts = PUBLIC_MEMBERS.filter((name) => Object.hasOwn(key, name)).map((name) => key[name])
  return Array.isArray(operations) && [...texts, ...operations].every(isText)
}

function isText(value: unknown): boolean {
  return typeof value === 'string'
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
