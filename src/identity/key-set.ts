import { createLocalJWKSet, importJWK, type JWK } from 'jose'

/** The public keys of one issuer at one time: finds the key for a token's header, without any network. */
export type KeySet = ReturnType<typeof createLocalJWKSet>

/** Private parts of RSA, EC and OKP keys (RFC 7518 §6, RFC 8037 §2), and the secret of a symmetric one. */
const SECRET_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv']

const KEY_TYPES: readonly unknown[] = ['RSA', 'EC', 'OKP']

/** More keys than any provider publishes. */
const MAX_KEYS = 100

/**
 * Reads a JWK Set (RFC 7517 §5). Keys that are not for signatures, symmetric, or published with their private parts
 * are left out, and so is what is no key at all. Rejects with an `Error` that says what is wrong when no key is left.
 */
export async function readKeySet(body: unknown): Promise<KeySet> {
  const keys = typeof body === 'object' && body !== null && 'keys' in body ? body.keys : undefined
  if (!Array.isArray(keys)) throw new Error('the key set has no list `keys`')
  if (keys.length > MAX_KEYS) throw new Error(`the key set has more than ${MAX_KEYS} keys`)
  const usable = await importable(keys.filter(isUsable))
  if (usable.length === 0) throw new Error('the key set has no public key for signatures')
  return createLocalJWKSet({ keys: usable })
}

/** Keys that a verification could use: one that cannot be imported must not pass for a good set. */
async function importable(keys: readonly JWK[]): Promise<JWK[]> {
  const imports = await Promise.allSettled(
    keys.map((key) => importJWK(key, key.alg ?? usualAlgorithm(key))),
  )
  return keys.filter((_key, at) => imports[at]?.status === 'fulfilled')
}

/** An algorithm that the type of key can be imported for, where the key names none. */
function usualAlgorithm({ kty, crv }: JWK): string {
  if (kty === 'RSA') return 'RS256'
  if (kty === 'OKP') return 'EdDSA'
  return crv === 'P-384' ? 'ES384' : crv === 'P-521' ? 'ES512' : 'ES256'
}

/** True when both sets hold the same keys in the same order. */
export function sameKeys(a: KeySet | null, b: KeySet): boolean {
  return a !== null && JSON.stringify(a.jwks()) === JSON.stringify(b.jwks())
}

function isUsable(key: unknown): key is JWK {
  if (typeof key !== 'object' || key === null || !('kty' in key)) return false
  if (!KEY_TYPES.includes(key.kty)) return false
  if (SECRET_MEMBERS.some((member) => Object.hasOwn(key, member))) return false
  return !('use' in key) || key.use === 'sig'
}
