import type { JWK } from 'jose'
import type { TokenProblem } from '../domain/identity.ts'
import { isObject, type JsonObject } from './token-form.ts'

/** The members that make a public key of each type (RFC 7638 §3.2, RFC 8037 §2). */
const PUBLIC_MEMBERS: Readonly<Record<string, readonly string[]>> = {
  EC: ['crv', 'x', 'y'],
  RSA: ['e', 'n'],
  OKP: ['crv', 'x'],
}

/** RFC 7518 §6.2.2, §6.3.2, §6.4: what only the holder of a key may know. */
const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k']

/** Ways to name a key that would have to be followed, or believed. */
const REMOTE_KEYS = ['jku', 'x5u', 'x5c']

/** The public key in a proof's header, without anything else that was said of it, or what is wrong with it. */
export function embeddedKey(header: JsonObject): JWK | TokenProblem {
  if (REMOTE_KEYS.some((name) => Object.hasOwn(header, name))) return 'proof-remote-key'
  const { jwk } = header
  if (!isObject(jwk)) return 'proof-key'
  const { kty } = jwk
  if (typeof kty !== 'string' || !Object.hasOwn(PUBLIC_MEMBERS, kty)) return 'proof-key'
  if (PRIVATE_MEMBERS.some((name) => Object.hasOwn(jwk, name))) return 'proof-private-key'
  const members = (PUBLIC_MEMBERS[kty] ?? []).map((name) => [name, jwk[name]] as const)
  if (!members.every(([, value]) => typeof value === 'string')) return 'proof-key'
  return { kty, ...Object.fromEntries(members) }
}
