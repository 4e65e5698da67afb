import { createHmac, createSecretKey } from 'node:crypto'
import type { AccessRequest, MultiMap } from '../domain/access-request.ts'
import { addressWords, hostAddress } from '../domain/ip-address.ts'
import { coarseUserAgent } from './user-agent.ts'

/**
 * A property of requests that stays the same within a session. Published weights (Wiefling and others, ACM TOPS 2022)
 * give browser and system most of what a user agent tells, and the network less; so `user-agent` is kind and system
 * only, and `network` the /24 or /48 around the address, for callers who do not move. A header is one that Envoy sets,
 * such as a JA3 or JA4 of the TLS handshake, in lower case.
 */
export type FingerprintProperty =
  | 'user-agent'
  | 'accept-language'
  | 'network'
  | { readonly header: string }

/** The fingerprint of a request; undefined when something is unavailable that goes into it. */
export type FingerprintOf = (request: AccessRequest) => string | undefined

/** Bytes: no two that meet by chance, and half the room of the whole hash. */
const LENGTH = 16

/**
 * Makes the function: HMAC-SHA-256 over the properties, whatever their order, cut to 128 bits, in base64url. A header that
 * the request lacks is a value like any other. The key keeps whoever reads the store from guessing what was hashed.
 */
export function createFingerprint(
  properties: readonly FingerprintProperty[],
  key: Uint8Array,
): FingerprintOf {
  const readers = properties
    .map((property) => ({ name: nameOf(property), read: readerOf(property) }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
  // Made once: from bytes, each HMAC would take six times as long.
  const secret = createSecretKey(key)
  return (request) => {
    const values: [string, unknown][] = []
    for (const { name, read } of readers) {
      const value = read(request)
      if (value === undefined) return undefined
      values.push([name, value])
    }
    const hash = createHmac('sha256', secret).update(JSON.stringify(values)).digest()
    return hash.subarray(0, LENGTH).toString('base64url')
  }
}

function nameOf(property: FingerprintProperty): string {
  return typeof property === 'string' ? property : `header ${property.header}`
}

type ReadProperty = (request: AccessRequest) => unknown

function readerOf(property: FingerprintProperty): ReadProperty {
  if (typeof property !== 'string') return ({ headers }) => headers.get(property.header) ?? null
  switch (property) {
    case 'user-agent':
      return ({ headers }) => coarse(headers, property, coarseUserAgent)
    case 'accept-language':
      return ({ headers }) => coarse(headers, property, withoutBlanks)
    case 'network':
      return ({ source }) => (source.ip === null ? undefined : networkOf(source.ip))
  }
}

function coarse(headers: MultiMap, name: string, shorten: (text: string) => string) {
  const values = headers.get(name)
  return values === undefined ? null : shorten(values.join(','))
}

/** HTTP/1 and HTTP/2 stacks of one program differ in them. */
function withoutBlanks(text: string): string {
  return text.replace(/\s+/g, '').toLowerCase()
}

function networkOf(ip: string): string | undefined {
  const address = hostAddress(ip)
  if (address === null) return undefined
  const [first = 0, second = 0, ...rest] = addressWords(address)
  return rest.length === 0 ? `v4 ${first >>> 8}` : `v6 ${first} ${second >>> 16}`
}
