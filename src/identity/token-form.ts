import type { TokenProblem } from '../domain/identity.ts'

/** A token taken apart but not verified: good for choosing the issuer, and for nothing else. */
export type TokenForm = {
  readonly header: JsonObject
  readonly payload: JsonObject
}

/** A JSON object as parsed. */
export type JsonObject = Readonly<Record<string, unknown>>

/** How deep claims may nest; a provider's own need about four. */
const MAX_DEPTH = 16

/** How many members and elements a token may hold altogether. */
const MAX_VALUES = 1000

/** `ignoreBOM` keeps a byte order mark as a character, which JSON does not begin with (RFC 8259 §8.1). */
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Takes a compact JWS apart (RFC 7515 §7.1) and checks its form: three parts, strict base64url, UTF-8, JSON objects of
 * bounded depth and size, and no `crit` extension, since none is understood here (RFC 7515 §4.1.11).
 */
export function readTokenForm(token: string): TokenForm | TokenProblem {
  const [head, body, signature, ...more] = token.split('.')
  if (head === undefined || body === undefined || signature === undefined) return 'malformed'
  if (more.length > 0 || decode(signature) === null) return 'malformed'
  const header = readObject(head)
  const payload = readObject(body)
  if (header === null || payload === null || !isHeader(header)) return 'malformed'
  return isBounded(payload) ? { header, payload } : 'claims-invalid'
}

function readObject(part: string): JsonObject | null {
  const bytes = decode(part)
  if (bytes === null) return null
  try {
    const value: unknown = JSON.parse(decoder.decode(bytes))
    return isObject(value) ? value : null
  } catch {
    return null
  }
}

/** Only the one spelling that an encoder makes: no padding, no other alphabet, no stray bits at the end. */
function decode(part: string): Buffer | null {
  const bytes = Buffer.from(part, 'base64url')
  return bytes.toString('base64url') === part ? bytes : null
}

function isHeader(header: JsonObject): boolean {
  const { alg, kid, typ } = header
  if (typeof alg !== 'string' || Object.hasOwn(header, 'crit')) return false
  return [kid, typ].every((value) => value === undefined || typeof value === 'string')
}

/** True while claims nest no deeper and are no more than any token needs; level by level, so that depth costs no stack. */
export function isBounded(payload: JsonObject): boolean {
  let level: unknown[] = [payload]
  let values = 0
  for (let depth = 0; level.length > 0; depth++) {
    values += level.length
    if (depth > MAX_DEPTH || values > MAX_VALUES) return false
    level = level.flatMap((value) =>
      typeof value === 'object' && value !== null ? Object.values(value) : [],
    )
  }
  return true
}

/** True for what JSON calls an object. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
