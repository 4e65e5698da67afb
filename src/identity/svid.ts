import { X509Certificate } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { AccessRequest } from '../domain/access-request.ts'
import { DEFAULT_TOLERANCE } from '../domain/assurance.ts'
import { forwardedUris, forwardsSpiffe } from '../domain/forwarded-certificate.ts'
import type { Identity, Login } from '../domain/identity.ts'
import { claimsSpiffe, parseSpiffeId } from '../domain/spiffe-id.ts'
import { ANONYMOUS, rejected } from './authenticate.ts'
import { type CertificatePlace, certificateText, readCertificate } from './peer-certificate.ts'

/** Which workloads are known, and where their certificates are seen. */
export type PeerRules = {
  /** The names that stand for issuers' names, by trust domain. */
  readonly trustDomains: ReadonlyMap<string, string>
  readonly certificate: CertificatePlace
}

/** Certificates that are remembered, and the longest text of one, in characters. */
const MOST = 1000
const MAX_TEXT = 16_384

/** A workload has not logged in. */
const NO_LOGIN: Login = Object.freeze({ proof: 'acr', tolerance: DEFAULT_TOLERANCE })

/**
 * Makes the function that tells by the client certificate which workload calls without a token; nobody does where no
 * trust domain is known. A certificate without a
 * SPIFFE id is nobody's; one with such an id must be a sound X.509-SVID (X509-SVID §5.2) of a known trust domain. Whether
 * the certificate is genuine and still good has been judged by who ended the TLS connection.
 */
export function createIdentifyPeer(rules: PeerRules): (request: AccessRequest) => Identity {
  const { trustDomains, certificate: place } = rules
  if (trustDomains.size === 0) return () => ANONYMOUS
  const known = new LRUCache<string, Identity>({ max: MOST })
  const recall = (text: string) => {
    const identity = known.get(text) ?? judge(text, trustDomains)
    known.set(text, identity)
    return identity
  }
  return (request) => {
    const text = certificateText(request, place)
    const claimed = claimsId(request, place)
    if (text === '') return claimed ? INVALID : ANONYMOUS
    const identity = text.length > MAX_TEXT ? INVALID : recall(text)
    return agrees(identity, claimed, request, place) ? identity : INVALID
  }
}

const INVALID = rejected('svid-invalid')
const UNKNOWN_DOMAIN = rejected('unknown-trust-domain')

/** True where somebody else has read a SPIFFE id out of the certificate. */
function claimsId({ source, headers }: AccessRequest, place: CertificatePlace): boolean {
  return place === 'source' ? claimsSpiffe(source.principal) : forwardsSpiffe(headers)
}

/** Who was told of the id read the same out of the certificate, or did not say what. */
function agrees(
  identity: Identity,
  claimed: boolean,
  { source, headers }: AccessRequest,
  place: CertificatePlace,
): boolean {
  if (identity.kind === 'anonymous') return !claimed
  if (identity.kind !== 'authenticated') return true
  const { id } = identity.subject
  return place === 'source'
    ? source.principal === id
    : forwardedUris(headers).every((uri) => uri === id)
}

function judge(text: string, trustDomains: PeerRules['trustDomains']): Identity {
  const names = namesIn(text)
  if (names === null) return INVALID
  if (!names.uris.some(claimsSpiffe)) return ANONYMOUS
  const [id = '', ...more] = names.uris
  const parsed = parseSpiffeId(id)
  if (parsed === null || more.length > 0 || names.authority) return INVALID
  if (parsed.segments.length === 0) return INVALID
  const issuer = trustDomains.get(parsed.trustDomain)
  return issuer === undefined ? UNKNOWN_DOMAIN : workload(issuer, id)
}

function workload(issuer: string, id: string): Identity {
  const subject = { issuer, id, workload: true, claims: Object.freeze({}) }
  return Object.freeze({
    kind: 'authenticated',
    subject: Object.freeze(subject),
    login: NO_LOGIN,
  })
}

type Names = {
  readonly uris: readonly string[]
  /** It may sign certificates itself. */
  readonly authority: boolean
}

/** Null for what is no certificate, or has names that cannot be told apart. */
function namesIn(text: string): Names | null {
  const der = readCertificate(text)
  if (der === null) return null
  try {
    const { subjectAltName = '', ca } = new X509Certificate(der)
    const uris = urisIn(subjectAltName)
    return uris === null ? null : { uris, authority: ca }
  } catch {
    return null
  }
}

/** One alternative name as Node writes it: what could be taken for a separator makes it a JSON string. */
const NAME = /([\w ]+):("(?:[^"\\]|\\.)*"|[^",]*)(?:, |$)/y

function urisIn(names: string): string[] | null {
  const uris: string[] = []
  for (let at = 0; at < names.length; at = NAME.lastIndex) {
    NAME.lastIndex = at
    const [, kind, value] = NAME.exec(names) ?? []
    if (kind === undefined || value === undefined) return null
    if (kind === 'URI') uris.push(value.startsWith('"') ? String(JSON.parse(value)) : value)
  }
  return uris
}
