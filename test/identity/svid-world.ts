import type { AccessRequest } from '../../src/domain/access-request.ts'
import { createIdentify, type VerificationResult } from '../../src/identity/identify.ts'
import type { CertificatePlace } from '../../src/identity/peer-certificate.ts'
import { createIdentifyPeer } from '../../src/identity/svid.ts'
import { certificate, type Wanted } from '../support/certificate.ts'
import { ISSUER, NOW, request } from './tokens.ts'
import { KEYS } from './world.ts'

export const ID = 'spiffe://prod.example.org/ns/licensing/sa/robot'
const TRUST_DOMAINS = new Map([['prod.example.org', 'mesh']])

export function world(place: CertificatePlace = 'source', trustDomains = TRUST_DOMAINS) {
  const results: VerificationResult[] = []
  const identify = createIdentify({
    issuers: [ISSUER],
    keysOf: () => KEYS,
    missed: () => undefined,
    now: () => NOW * 1000,
    identifyPeer: createIdentifyPeer({ trustDomains, certificate: place }),
    onVerified: (result) => results.push(result),
  })
  return { identify, results }
}

/** A request over a connection whose client has shown a certificate, as Envoy tells of it. */
export function shown(
  wanted: Wanted,
  change: Partial<AccessRequest['source']> = {},
): AccessRequest {
  const uris = (wanted.names ?? []).filter(([kind]) => kind === 'URI')
  const principal = uris[0]?.[1] ?? 'CN=itself'
  return withSource({ principal, certificate: pem(wanted), ...change })
}

export function withSource(change: Partial<AccessRequest['source']>): AccessRequest {
  return { ...request(), source: { ip: null, principal: '', ...change } }
}

export function pem(wanted: Wanted): string {
  return encodeURIComponent(certificate(wanted).pem)
}

export const uri = (value: string): Wanted => ({ names: [['URI', value]] })
export const LONG = `spiffe://prod.example.org/${'a'.repeat(2048 - 26)}`
