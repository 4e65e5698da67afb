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
  const bySubject = new Map<string, Set<string>>()
  const dispose = ({ identity }: VerifiedToken, key: string) => {
    const name = subjectOf(identity)
    const keys = bySubject.get(name)
    keys?.delete(key)
    if (keys?.size === 0) bySubject.delete(name)
  }
  const entries = new LRUCache<string, VerifiedToken>({ max: tokens, maxSize: bytes, dispose })
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
      if (!entries.has(key)) return
      const name = subjectOf(entry.identity)
      const keys = bySubject.get(name) ?? new Set()
      bySubject.set(name, keys.add(key))
    },
    forget(issuer, subjectId) {
      forgettings++
      for (const key of bySubject.get(nameOf(issuer, subjectId)) ?? []) entries.delete(key)
    },
    forgetSession(issuer, session) {
      forgettings++
      const over: string[] = []
      entries.forEach(({ identity }, key) => {
        if (isOf(identity, issuer, session)) over.push(key)
      })
      for (const key of over) entries.delete(key)
    },
    forgotten: () => forgettings,
  }
}

function subjectOf(identity: Identity): string {
  return identity.kind === 'authenticated'
    ? nameOf(identity.subject.issuer, identity.subject.id)
    : ''
}

function isOf(identity: Identity, issuer: string, session: string): boolean {
  if (identity.kind !== 'authenticated') return false
  return identity.subject.issuer === issuer && identity.login.sessionId === session
}

/** The name of an issuer has no blank. */
function nameOf(issuer: string, subjectId: string): string {
  return `${issuer} ${subjectId}`
}

/** What stands for a token wherever it is remembered, and from which it cannot be read back. */
export function digest(token: string): string {
  return hash('sha256', token, 'base64url')
}
