import { isObject, type JsonObject } from './token-form.ts'

/**
 * What a token is bound to (RFC 7800 §3.1): its holder has to prove each member. The SHA-256, in base64url, of a public
 * key (`jkt`, RFC 9449 §6.1), of a client certificate (`x5t#S256`, RFC 8705 §3.1), or of both.
 */
export type Bond = { readonly key: string | null; readonly certificate: string | null }

const DIGEST = /^[\w-]{43}$/

/** True for claims that bind their token to something, whatever it is. */
export function isBound(claims: JsonObject): boolean {
  return Object.hasOwn(claims, 'cnf')
}

/** The bond of a token that has one, or null when it is, even in part, of a kind that cannot be checked here. */
export function readBond({ cnf }: JsonObject): Bond | null {
  if (!isObject(cnf)) return null
  const { jkt, 'x5t#S256': x5t, ...unknown } = cnf
  const given = [jkt, x5t].filter((digest) => digest !== undefined)
  if (given.length === 0 || Object.keys(unknown).length > 0) return null
  if (!given.every(isDigest)) return null
  return { key: isDigest(jkt) ? jkt : null, certificate: isDigest(x5t) ? x5t : null }
}

function isDigest(value: unknown): value is string {
  return typeof value === 'string' && DIGEST.test(value)
}
