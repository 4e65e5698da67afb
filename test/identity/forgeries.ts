import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { readKeySet } from '../../src/identity/key-set.ts'
import { CLAIMS, EC, part, RSA, signed, token } from './tokens.ts'

/** Keys that no ordinary token is signed with: of another curve, another family, or without an algorithm. */
export const P384 = generateKeyPairSync('ec', { namedCurve: 'P-384' })
export const SECP256K1 = generateKeyPairSync('ec', { namedCurve: 'secp256k1' })
export const ED25519 = generateKeyPairSync('ed25519')
export const OPEN_RSA = generateKeyPairSync('rsa', { modulusLength: 2048 })

/** The ordinary keys and some of other families, the last of which may be used with any RSA algorithm. */
export const WIDE_KEYS = await readKeySet({
  keys: [
    member(EC.pair.publicKey, { kid: EC.kid, alg: 'ES256', use: 'sig' }),
    member(RSA.pair.publicKey, { kid: RSA.kid, alg: 'RS256', use: 'sig' }),
    member(P384.publicKey, { kid: 'p384' }),
    member(P384.publicKey, { kid: 'p384-as-p256', alg: 'ES384' }),
    member(ED25519.publicKey, { kid: 'ed' }),
    member(OPEN_RSA.publicKey, { kid: 'open-rsa' }),
  ],
})

/** Every algorithm that some issuer could rightly allow. */
export const WIDE = {
  issuer: { algorithms: ['ES256', 'ES384', 'RS256', 'RS384', 'PS256', 'EdDSA'] },
  keys: WIDE_KEYS,
}

/** Order of the group of P-256 (FIPS 186-5): r and s are below it. */
const P256_ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n

export function member(key: KeyObject, more: object): object {
  return { ...key.export({ format: 'jwk' }), ...more }
}

/** The ordinary claims under a header, with whatever signature `make` finds for them. */
export function signedBy(header: object, make: (input: Buffer) => Buffer | string): string {
  const input = `${part({ typ: 'at+jwt', ...header })}.${part(CLAIMS)}`
  return `${input}.${Buffer.from(make(Buffer.from(input))).toString('base64url')}`
}

/** A signature of node:crypto in the form that JOSE wants. */
export function by(key: KeyObject, digest: string | null, options: object = {}) {
  return (input: Buffer): Buffer =>
    sign(digest, input, { key, dsaEncoding: 'ieee-p1363', ...options })
}

/** A good token with another signature, made from the good one. */
export function resigned(change: (signature: Buffer) => Buffer): string {
  const [head, body, signature = ''] = token().split('.')
  return `${head}.${body}.${change(Buffer.from(signature, 'base64url')).toString('base64url')}`
}

/** r and s as 64 bytes. */
export function pair(r: bigint, s: bigint): Buffer {
  return Buffer.from([r, s].map((value) => value.toString(16).padStart(64, '0')).join(''), 'hex')
}

/** The other s that verifies as well: (r, n - s). */
export function mirrored(signature: Buffer): Buffer {
  const [r, s] = [signature.subarray(0, 32), signature.subarray(32)].map((half) =>
    BigInt(`0x${half.toString('hex')}`),
  )
  return pair(r ?? 0n, P256_ORDER - (s ?? 0n))
}

/** A pair that a verifier without range checks takes for any message: r and s are 0 or the order itself. */
export const PSYCHIC: readonly (readonly [string, Buffer])[] = [
  ['0 and 0', pair(0n, 0n)],
  ['n and n', pair(P256_ORDER, P256_ORDER)],
  ['0 and n', pair(0n, P256_ORDER)],
  ['1 and 0', pair(1n, 0n)],
  ['1 and 1', pair(1n, 1n)],
]

/** The ordinary claims, signed by `EC` under just this header. */
export function under(header: object | string): string {
  const head = typeof header === 'string' ? header : JSON.stringify(header)
  return signed(`${part(head)}.${part(CLAIMS)}`, EC)
}
