import { createHmac, createSecretKey, type KeyObject } from 'node:crypto'
import { LRUCache } from 'lru-cache'

/** Stands in for values that the record must not show: equal values of one field stay equal, and nobody can go back. */
export type Pseudonyms = {
  /** Names the key, without telling anything of it; it stands before each pseudonym. */
  readonly keyId: string
  /** `keyId:…` with 128 bits of HMAC-SHA-256 (RFC 2104) over the field's name and the value's parts. */
  readonly of: (field: string, ...parts: readonly string[]) => string
}

/** Bytes that a key needs at least, so that nobody finds it by trying. */
const SHORTEST_KEY = 32

/** Values whose pseudonym is remembered: callers come back. */
const REMEMBERED = 10_000

/** Longer values are not worth the memory. */
const LONGEST_REMEMBERED = 256

/** Reads a key: hexadecimal digits, blanks around them aside. Throws for anything else, without showing it. */
export function readPseudonymKey(text: string): Uint8Array {
  const digits = text.trim()
  if (/^(?:[0-9a-fA-F]{2})+$/.test(digits)) return Buffer.from(digits, 'hex')
  throw new TypeError(`the pseudonym key is not hexadecimal: ${HOW}`)
}

const HOW = 'make one by `openssl rand -hex 32`'

/** Creates pseudonyms under a key. Throws for a key of less than 32 bytes, which the operator must replace. */
export function createPseudonyms(key: Uint8Array): Pseudonyms {
  if (key.length < SHORTEST_KEY)
    throw new RangeError(
      `the pseudonym key has ${key.length} bytes and needs ${SHORTEST_KEY}: ${HOW}`,
    )
  const secret = createSecretKey(key)
  const keyId = mac(secret, 'key id').slice(0, 8)
  const known = new LRUCache<string, string>({ max: REMEMBERED })
  return {
    keyId,
    of: (field, ...parts) => {
      let input = `${field}\0`
      for (const part of parts) input += `${part.length}:${part}`
      const remembered = known.get(input)
      if (remembered !== undefined) return remembered
      const pseudonym = `${keyId}:${mac(secret, input).slice(0, 22)}`
      if (input.length <= LONGEST_REMEMBERED) known.set(input, pseudonym)
      return pseudonym
    },
  }
}

function mac(key: KeyObject, input: string): string {
  return createHmac('sha256', key).update(input).digest('base64url')
}
