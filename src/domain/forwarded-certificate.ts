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
