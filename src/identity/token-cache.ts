import { hash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { Identity } from '../domain/identity.ts'
import type { KeySet } from './key-set.ts'

/** Identities of verified tokens, bounded by count and by memory. Failures are never kept: they must heal at once. */
export type TokenCache = {
  /**
   * The identity this token was verified to, unless it has expired since, its issuer's keys have changed, or it was
   * found in another place then.
   */
  readonly get: (token: string, place: string) => Identity | undefined
  readonly set: (token: string, entry: VerifiedToken) => void
}

/** What was found about a token, and under which keys. */
export type VerifiedToken = {
  readonly identity: Identity
  /** The issuer's name. */
  readonly issuer: string
  /** The `placeId` of where it was found. */
  readonly place: string
  /** Compared by reference: a new set makes everything verified under the old one void. */
  readonly keys: KeySet
  /** Milliseconds since the epoch. */
  readonly expires: number
}

/** The most that a cache keeps; what was used least recently goes first. */
export type TokenCacheBounds = {
  readonly tokens: number
  /** Estimated from the length of the tokens. */
  readonly bytes: number
}

const BOUNDS: TokenCacheBounds = { tokens: 20_000, bytes: 64 * 1024 * 1024 }

/** Parsed claims take a few times the room of the token they came in; a guess on the safe side. */
const BYTES_PER_CHARACTER = 6
const BYTES_PER_ENTRY = 1024

/**
 * Makes an empty cache. Tokens are kept by the SHA-256 of the whole of them, signature included,
 * so that no token can be read back from memory through the cache's keys.
 */
export function createTokenCache(
  keysOf: (issuer: string) => KeySet | null,
  now: () => number,
  { tokens, bytes }: TokenCacheBounds = BOUNDS,
): TokenCache {
  const entries = new LRUCache<string, VerifiedToken>({ max: tokens, maxSize: bytes })
  return {
    get(token, place) {
      const key = digest(token)
      const entry = entries.get(key)
      if (entry === undefined || entry.place !== place) return undefined
      if (now() < entry.expires && keysOf(entry.issuer) === entry.keys) return entry.identity
      entries.delete(key)
      return undefined
    },
    set(token, entry) {
      const size = BYTES_PER_ENTRY + BYTES_PER_CHARACTER * token.length
      entries.set(digest(token), entry, { size })
    },
  }
}

function digest(token: string): string {
  return hash('sha256', token, 'base64url')
}
