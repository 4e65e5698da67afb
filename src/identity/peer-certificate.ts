import { hash } from 'node:crypto'
import type { AccessRequest } from '../domain/access-request.ts'
import {
  type FORWARDED_CERTIFICATE,
  forwardedCertificate,
  forwardedPem,
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

/** The client's certificate, PEM in URL encoding, as it was handed on; empty without one. */
export function certificateText(request: AccessRequest, place: CertificatePlace): string {
  if (place === 'source') return request.source.certificate ?? ''
  return forwardedPem(request.headers)
}

/** The certificate (DER) of such a text; null for anything but one certificate. */
export function readCertificate(text: string): Buffer | null {
  const base64 = PEM.exec(decoded(text))?.[1]
  return base64 === undefined ? null : Buffer.from(base64, 'base64')
}

/** One certificate and nothing around it (RFC 7468 §5); what stands in between is found in one way only, or not at all. */
const PEM =
  /^-----BEGIN CERTIFICATE-----\s([A-Za-z0-9+/\s]+)(?:={1,2}\s*)?-----END CERTIFICATE-----\s*$/

function digestOfPem(text: string): string | null {
  const certificate = readCertificate(text)
  return certificate === null ? null : hash('sha256', certificate, 'base64url')
}

function decoded(encoded: string): string {
  try {
    return decodeURIComponent(encoded)
  } catch {
    return ''
  }
}
