import { createPublicKey, type JsonWebKey } from 'node:crypto'
import { z } from 'zod'
import { isLoopback, mistake, text } from './leaf.ts'

/** Members that only private and symmetric keys have (RFC 7518 §6, RFC 8037 §2). */
const SECRET_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv']

const CURVES: readonly unknown[] = ['P-256', 'P-384', 'P-521', 'Ed25519']

/** Bits; a shorter one is not accepted for a signature (RFC 7518 §3.3). */
const MIN_MODULUS = 2048

type Context = z.core.$RefinementCtx

/** Where keys are fetched: https, since whoever sits on the way could replace them. */
const keysUrl = z.string().transform((value, context) => {
  const url = URL.canParse(value) ? new URL(value) : null
  if (url === null || /[\s#]/.test(value) || url.username !== '' || url.password !== '') {
    const message = `\`${value}\` is not the URL of a key set`
    return bad(context, message, 'copy `jwks_uri` from the provider’s metadata')
  }
  if (url.protocol === 'https:') return value
  if (url.protocol === 'http:' && isLoopback(url.hostname)) return value
  const message = 'keys must come over https: whoever sits on the way could replace them'
  return bad(context, message, 'http is for loopback addresses only')
})

/** One public key for signatures (RFC 7517 §4); members that are not known here are allowed, as the standard wants it. */
const publicKey = z.looseObject({ kty: text, kid: text.optional() }).transform((key, context) => {
  const secret = secretIn(key)
  if (secret !== null) return mistake(context, 'private-key', secret.message, secret.hint)
  const problem = unusable(key)
  return problem === null ? key : bad(context, problem.message, problem.hint)
})

const keySet = z
  .strictObject({ keys: z.array(publicKey).min(1).max(100) })
  .superRefine(({ keys: list }, context) => {
    const names = list.map(({ kid }) => kid)
    const twice = names.find((kid, at) => kid !== undefined && names.indexOf(kid) !== at)
    if (twice === undefined) return
    const message = `two keys have the \`kid\` \`${twice}\``
    bad(context, message, 'a token must name one key: remove the other, or rename it')
  })

/** Where an issuer's keys come from: one place at most, and by discovery when none is named. */
export const keys = z
  .strictObject({
    jwks_uri: keysUrl.optional(),
    file: text.optional(),
    static: keySet.optional(),
  })
  .transform(({ jwks_uri: uri, file, static: inline }, context) => {
    const named = Object.entries({ jwks_uri: uri, file, static: inline })
      .filter(([, value]) => value !== undefined)
      .map(([name]) => `\`${name}\``)
    if (named.length > 1) {
      const message = `${named.join(' and ')}: keys come from one place`
      return bad(
        context,
        message,
        'keep one of them; without any, the provider’s metadata says where',
      )
    }
    if (uri !== undefined) return { from: 'jwks_uri' as const, uri }
    if (file !== undefined) return { from: 'file' as const, file }
    if (inline !== undefined) return { from: 'static' as const, keys: inline.keys }
    return { from: 'discovery' as const }
  })

type Problem = { readonly message: string; readonly hint: string }
type Key = Readonly<Record<string, unknown>>

function secretIn(key: Key): Problem | null {
  const member = SECRET_MEMBERS.find((name) => Object.hasOwn(key, name))
  if (key.kty === 'oct') {
    return {
      message: 'a symmetric key: whoever can check a token could also make one',
      hint: 'use a public key, and treat this secret as known to others',
    }
  }
  if (member === undefined) return null
  return {
    message: `\`${member}\` is part of a private key: whoever reads this file could make tokens`,
    hint: 'give the public key only, and treat this private key as known to others',
  }
}

/** What would keep the key from ever verifying a token. */
function unusable(key: Key): Problem | null {
  const hint = 'copy the key from the provider’s `jwks_uri`'
  if (key.use !== undefined && key.use !== 'sig') {
    return { message: `a key for \`use: ${key.use}\` signs no tokens`, hint: 'remove it' }
  }
  const curve = key.kty === 'EC' || key.kty === 'OKP'
  if ((!curve && key.kty !== 'RSA') || (curve && !CURVES.includes(key.crv))) {
    const kinds = 'RSA, EC with P-256, P-384 or P-521, and OKP with Ed25519'
    return { message: 'a kind of key that is not known here', hint: `known are ${kinds}` }
  }
  const bits = modulusOf(key)
  if (bits === null) return { message: 'this is not a valid public key', hint }
  if (bits >= MIN_MODULUS) return null
  const message = `an RSA key of ${bits} bits is too short`
  return { message, hint: `${MIN_MODULUS} bits are the least` }
}

/** Bits of an RSA key, more than enough for a valid key of another kind, null for none that is valid. */
function modulusOf(key: Key): number | null {
  try {
    const parsed = createPublicKey({ key: key as JsonWebKey, format: 'jwk' })
    return parsed.asymmetricKeyDetails?.modulusLength ?? Number.POSITIVE_INFINITY
  } catch {
    return null
  }
}

function bad(context: Context, message: string, hint: string): never {
  return mistake(context, 'bad-keys', message, hint)
}
