/** The name of a workload (SPIFFE-ID §2), taken apart. */
export type SpiffeId = {
  readonly trustDomain: string
  /** Empty for the trust domain itself, which no workload is. */
  readonly segments: readonly string[]
}

/** Bytes, which are characters here (SPIFFE-ID §2.3). */
const MAX_ID = 2048

const ID = /^spiffe:\/\/([^/]*)((?:\/[^/]*)*)$/
const TRUST_DOMAIN = /^[a-z0-9._-]{1,255}$/
const SEGMENT = /^[A-Za-z0-9._-]+$/

/** Reads an id to the letter: lower case in scheme and trust domain, no port, query, fragment, escape or empty segment. */
export function parseSpiffeId(text: string): SpiffeId | null {
  const [, trustDomain, path] = (text.length <= MAX_ID && ID.exec(text)) || []
  if (trustDomain === undefined || path === undefined || !isTrustDomain(trustDomain)) return null
  const segments = path.split('/').slice(1)
  return segments.every(isSegment) ? { trustDomain, segments } : null
}

/** True for the id of a workload in a trust domain, and for no other text. */
export function isSpiffeWorkload(id: unknown, trustDomain: string): boolean {
  const parsed = typeof id === 'string' ? parseSpiffeId(id) : null
  return parsed !== null && parsed.trustDomain === trustDomain && parsed.segments.length > 0
}

/** True for the name of a trust domain, without scheme (SPIFFE-ID §2.1). */
export function isTrustDomain(text: string): boolean {
  return TRUST_DOMAIN.test(text)
}

/** True for what was meant as an id, right or wrong: it must then be a right one, rather than count for nothing. */
export function claimsSpiffe(text: string): boolean {
  return /^\s*spiffe:/i.test(text)
}

function isSegment(segment: string): boolean {
  return SEGMENT.test(segment) && segment !== '.' && segment !== '..'
}
