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
  /** `length` is that of its claims in characters, where the token does not carry them. */
  readonly set: (token: string, entry: VerifiedToken, length?: number) => void
  /** Forgets every token of a subject: each is verified anew. */
  readonly forget: (issuer: string, subjectId: string) => void
  /** Forgets every token of a session, whoever's it is: likewise. */
  readonly forgetSession: (issuer: string, session: string) => void
  /** How often something was forgotten: what was asked before that is not to be kept after it. */
  readonly forgotten: () => number
}

/** What was found about a token, and under which keys. */
export type VerifiedToken = {
  readonly identity: Identity
  /** The issuer's name. */
  readonly issuer: string
  /** The `placeId` of where it was found. */
  readonly place: string
  /** Compared by reference: a new set makes everything verified under the old one void. Null where no key was needed. */
  readonly keys: KeySet | null
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
  let forgettings = 0
  const byName = createIndex()
  const dispose = ({ identity }: VerifiedToken, key: string) =>
    byName.delete(namesOf(identity), key)
  const entries = new LRUCache<string, VerifiedToken>({ max: tokens, maxSize: bytes, dispose })
  const forgetNamed = (name: string) => {
    forgettings++
    for (const key of byName.get(name)) entries.delete(key)
  }
  return {
    get(token, place) {
      const key = digest(token)
      const entry = entries.get(key)
      if (entry === undefined || entry.place !== place) return undefined
      const { keys, issuer, identity } = entry
      if (now() < entry.expires && (keys === null || keysOf(issuer) === keys)) return identity
      entries.delete(key)
      return undefined
    },
    set(token, entry, length = token.length) {
      const size = BYTES_PER_ENTRY + BYTES_PER_CHARACTER * length
      const key = digest(token)
      entries.set(key, entry, { size })
      if (entries.has(key)) byName.add(namesOf(entry.identity), key)
    },
    forget: (issuer, subjectId) => forgetNamed(subjectName(issuer, subjectId)),
    forgetSession: (issuer, session) => forgetNamed(sessionName(issuer, session)),
    forgotten: () => forgettings,
  }
}

/** Keys by the names under which they can be asked for. */
function createIndex() {
  const index = new Map<string, Set<string>>()
  return {
    get: (name: string): Iterable<string> => index.get(name) ?? [],
    add: (names: readonly string[], key: string): void => {
      for (const name of names) index.set(name, (index.get(name) ?? new Set()).add(key))
    },
    delete: (names: readonly string[], key: string): void => {
      for (const name of names) {
        const keys = index.get(name)
        keys?.delete(key)
        if (keys?.size === 0) index.delete(name)
      }
    },
  }
}

function namesOf(identity: Identity): readonly string[] {
  if (identity.kind !== 'authenticated') return []
  const { issuer, id } = identity.subject
  const { sessionId } = identity.login
  const name = subjectName(issuer, id)
  return sessionId === undefined ? [name] : [name, sessionName(issuer, sessionId)]
}

/** The name of an issuer has no blank. */
function subjectName(issuer: string, id: string): string {
  return `${issuer} ${id}`
}

/** Nor is it empty: no subject is named so. */
function sessionName(issuer: string, session: string): string {
  return ` ${issuer} ${session}`
}

/** What stands for a token wherever it is remembered, and from which it cannot be read back. */
export function digest(token: string): string {
  return hash('sha256', token, 'base64url')
}
