import { hash } from 'node:crypto'
import type { CounterUse } from '../domain/facts.ts'
import type { SubjectKey } from '../domain/settlement.ts'

/** Names what is stored, in a fixed length whatever the caller wrote: SHA-256 over JSON, in base64url (RFC 4648 §5). */
export function digest(...parts: readonly (string | number)[]): string {
  return hash('sha256', JSON.stringify(parts), 'base64url')
}

/** Names a subject. */
export function subjectDigest({ issuer, id }: SubjectKey): string {
  return digest(issuer, id)
}

/** Names a counter for one value of its `per`. Another window has other buckets, and so is another counter. */
export function counterDigest({ id, key, window }: CounterUse): string {
  return digest(id, window, key)
}

/** A kind of value that is seen for the first time. */
export type SightKind = 'd' | 'p' | 'f' | 'r'

/** Names a device, place, fingerprint or role among those of one subject: its kind, and 128 bits of its SHA-256. */
export function sightName(kind: SightKind, value: string): string {
  return kind + hash('sha256', value, 'base64url').slice(0, 22)
}
