import type { MultiMap } from './access-request.ts'

/** Envoy writes it from its own TLS connection when `forward_client_cert_details` is `SANITIZE_SET`. */
export const FORWARDED_CERTIFICATE = 'x-forwarded-client-cert'

/**
 * The SHA-256 of the client certificate (DER) in lower-case hex, of a header with one element, which is what Envoy writes
 * by itself; empty for none. More than one element came from outside, in part at least.
 */
export function forwardedCertificate(headers: MultiMap): string {
  const [line = '', ...more] = headers.get(FORWARDED_CERTIFICATE) ?? []
  // What is quoted is gone through once, also without an end to it: half a quote stays, and is refused.
  const plain = line.replace(/"(?:[^"\\]|\\.)*("?)/g, (_, end) => (end === '' ? '"' : ''))
  if (more.length > 0 || /[",]/.test(plain)) return ''
  const hashes = plain.split(';').flatMap((pair) => /^hash=(.*)$/i.exec(pair.trim())?.[1] ?? [])
  const [hash = '', ...others] = hashes
  return others.length === 0 && /^[\da-f]{64}$/i.test(hash) ? hash.toLowerCase() : ''
}

/**
 * The certificate (PEM in URL encoding) of a header with one element, which says `Cert` once; empty for none. It is there
 * where Envoy is told to send it: `set_current_client_cert_details: { cert: true }`.
 */
export function forwardedPem(headers: MultiMap): string {
  const [pem = '', ...others] = valuesOf(headers, 'cert')
  return others.length === 0 ? pem : ''
}

/** The URIs that a header with one element says are in the certificate; it need not say any. */
export function forwardedUris(headers: MultiMap): readonly string[] {
  return valuesOf(headers, 'uri')
}

function valuesOf(headers: MultiMap, wanted: string): string[] {
  const [line = '', ...more] = headers.get(FORWARDED_CERTIFICATE) ?? []
  const pairs = more.length > 0 ? [] : pairsOf(line)
  return pairs.flatMap(([name, value]) => (name.toLowerCase() === wanted ? [value] : []))
}

/** True where the header says of any certificate that its URI is a SPIFFE id, rightly or not. */
export function forwardsSpiffe(headers: MultiMap): boolean {
  const lines = headers.get(FORWARDED_CERTIFICATE) ?? []
  return lines.some((line) => FORWARDED_URI.test(line))
}

/** Blanks are looked at once: those before a name only behind a separator, none of which is a blank. */
const FORWARDED_URI = /(?:^|[;,])\s*uri=\s*(?:"\s*)?spiffe:/i

const PAIR = /\s*([a-z]+)=("(?:[^"\\]|\\.)*"|[^";,]*)(?:;|$)/iy

/** The pairs of one element; none where the line is anything else. */
function pairsOf(line: string): [string, string][] {
  const pairs: [string, string][] = []
  for (let at = 0; at < line.length; at = PAIR.lastIndex) {
    PAIR.lastIndex = at
    const [, name, value] = PAIR.exec(line) ?? []
    if (name === undefined || value === undefined) return []
    pairs.push([name, value.replace(/^"(.*)"$/s, '$1')])
  }
  return pairs
}
