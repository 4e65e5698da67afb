import { hash } from 'node:crypto'
import type { AccessRequest } from '../domain/access-request.ts'
import {
  type FORWARDED_CERTIFICATE,
  forwardedCertificate,
} from '../domain/forwarded-certificate.ts'

/**
 * Where the certificate is that a client has shown to whoever ended its TLS connection: in what Envoy says of its own
 * connection (`include_peer_certificate`), or in the header that Envoy or a proxy in front of it sets.
 */
export type CertificatePlace = 'source' | typeof FORWARDED_CERTIFICATE

/** The SHA-256 of the client's certificate (DER) in base64url (RFC 8705 §3.1); null without one that can be read. */
export function certificateDigest(request: AccessRequest, place: CertificatePlace): string | null {
  if (place === 'source') return digestOfPem(request.source.certificate ?? '')
  const hex = forwardedCertificate(request.headers)
  return hex === '' ? null : Buffer.from(hex, 'hex').toString('base64url')
}

/** One certificate and nothing around it (RFC 7468 §5). */
const PEM =
  /^-----BEGIN CERTIFICATE-----\s+([A-Za-z0-9+/\s]+={0,2})\s*-----END CERTIFICATE-----\s*$/

function digestOfPem(encoded: string): string | null {
  const base64 = PEM.exec(decoded(encoded))?.[1]
  return base64 === undefined ? null : hash('sha256', Buffer.from(base64, 'base64'), 'base64url')
}

function decoded(encoded: string): string {
  try {
    return decodeURIComponent(encoded)
  } catch {
    return ''
  }
}
