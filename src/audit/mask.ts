import { quote } from '../domain/json-text.ts'
import type { Pseudonyms } from './pseudonym.ts'

/**
 * What a record shows of a value: all of it (bounded, without what looks like a secret), `"dropped"`, a keyed hash, or
 * its beginning: an address's network (/24, /48), a path's first two segments, eight characters of anything else.
 */
export type MaskRule = 'keep' | 'drop' | 'hash' | 'truncate'

/** The masked fields of a record, and how. A subject is never shown. */
export type Mask = {
  readonly subject: 'hash' | 'drop'
  readonly client_id: MaskRule
  readonly client_ip: MaskRule
  readonly device: MaskRule
  readonly host: MaskRule
  readonly path: MaskRule
  readonly params: MaskRule
  readonly acr: MaskRule
  readonly request_id: MaskRule
  /** What signals have seen, of the names that the core may report. */
  readonly evidence: MaskRule
  /** What conditions have read, by name (`request.body.seats`); `*` for all others. */
  readonly inputs: Readonly<Record<string, MaskRule>> & { readonly '*': MaskRule }
}

/** Identifies nobody and still says which resource was asked for. */
export const DEFAULT_MASK: Mask = {
  subject: 'hash',
  client_id: 'keep',
  client_ip: 'truncate',
  device: 'hash',
  host: 'keep',
  path: 'keep',
  params: 'hash',
  acr: 'keep',
  request_id: 'keep',
  evidence: 'keep',
  inputs: { '*': 'hash' },
}

/** The JSON of a value under a rule; `null` where there is no value. */
export type Masker = (field: string, rule: MaskRule, value: string | null | undefined) => string

/** What stands in place of a value that is dropped. */
export const DROPPED = '"dropped"'

/** Characters of a value that are kept; the rest is cut. */
const LONGEST = 1024

/** Characters that `truncate` leaves. */
const BEGINNING = 8

/** Creates the function that masks values. */
export function createMasker(pseudonyms: Pseudonyms): Masker {
  return (field, rule, value) => {
    if (value === null || value === undefined) return 'null'
    switch (rule) {
      case 'keep':
        return quote(clip(withoutSecrets(value, field, pseudonyms), LONGEST))
      case 'drop':
        return DROPPED
      case 'hash':
        return quote(pseudonyms.of(field, value))
      case 'truncate':
        return truncated(field, withoutSecrets(value, field, pseudonyms))
    }
  }
}

function truncated(field: string, value: string): string {
  switch (field) {
    case 'client_ip':
      return networkOf(value)
    case 'path':
      return quote(clip(beginningOfPath(value), LONGEST))
    default:
      return quote(clip(value, BEGINNING))
  }
}

/** The /24 of an IPv4 address, the /48 of an IPv6 address in canonical text; dropped where it is neither. */
function networkOf(address: string): string {
  if (IPV4.test(address)) return `"${address.slice(0, address.lastIndexOf('.'))}.0/24"`
  const groups = IPV6.test(address) ? groupsOf(address) : []
  return groups.length === 8 ? `"${groups.slice(0, 3).join(':')}::/48"` : DROPPED
}

/** The groups of an IPv6 address, those that `::` stands for included. */
function groupsOf(address: string): readonly string[] {
  const [left = [], right] = address.split('::').map((side) => (side === '' ? [] : side.split(':')))
  if (right === undefined) return left
  const missing = Math.max(0, 8 - left.length - right.length)
  return [...left, ...Array<string>(missing).fill('0'), ...right]
}

const IPV4 = /^\d{1,3}(?:\.\d{1,3}){3}$/
const IPV6 = /^[\da-f:]{2,39}$/

function beginningOfPath(path: string): string {
  const end = path.split('/', 3).join('/').length
  return end < path.length ? `${path.slice(0, end)}/...` : path
}

/**
 * Replaces what looks like a secret in a text that is kept: a compact JWS or JWE (RFC 7515 §3.1), and any run of 40 or
 * more characters of base64url, as in links that log somebody in. Its hash stands there, so that it can be looked for.
 */
function withoutSecrets(text: string, field: string, pseudonyms: Pseudonyms): string {
  if (text.length < SHORTEST_RUN && !text.includes('eyJ')) return text
  return text.replace(SECRET, (secret) => `[${pseudonyms.of(field, secret)}]`)
}

const SHORTEST_RUN = 40

/** Words are matched whole, so that the time is linear. */
const SECRET =
  /(?<![\w-])(?:eyJ[\w-]{8,}(?:\.[\w-]*)*|[\w-]{8,}\.eyJ[\w-]*(?:\.[\w-]*)*|[\w-]{40,}(?:\.[\w-]*)*)/g

function clip(text: string, longest: number): string {
  return text.length > longest ? `${text.slice(0, longest)}...` : text
}
