import { hash, type KeyObject } from 'node:crypto'
import type { AccessRequest } from '../../src/domain/access-request.ts'
import { canonicalPath } from '../../src/domain/canonical-path.ts'
import type { Identity, TokenProblem } from '../../src/domain/identity.ts'
import { createMemoryStore } from '../../src/facts/memory-store.ts'
import type { DpopDeps, UseOnce } from '../../src/identity/dpop.ts'
import { createIdentify, type VerificationResult } from '../../src/identity/identify.ts'
import type { CertificatePlace } from '../../src/identity/peer-certificate.ts'
import { createProvePossession } from '../../src/identity/possession.ts'
import {
  CLAIMS,
  ISSUER,
  type Json,
  key,
  NOW,
  part,
  request,
  signed,
  type TestKey,
  token,
} from './tokens.ts'
import { KEYS } from './world.ts'

/** The client's own key, and one of somebody else. */
export const HOLDER: TestKey = key('holder', 'ES256')
export const THIEF: TestKey = key('thief', 'ES256')

/** RFC 7638 §3.1, written out. */
export function thumbprint(publicKey: KeyObject): string {
  const { crv, e, kty, n, x, y } = publicKey.export({ format: 'jwk' })
  const members = kty === 'RSA' ? { e, kty, n } : { crv, kty, x, y }
  return hash('sha256', JSON.stringify(members), 'base64url')
}

/** An ordinary token of the issuer that is bound to a key. */
export function boundTo(publicKey: KeyObject, more: object = {}): string {
  return token({ ...CLAIMS, cnf: { jkt: thumbprint(publicKey) }, ...more })
}

export const BOUND = boundTo(HOLDER.pair.publicKey)

/** The claims of a good proof for `asking()`; each has a `jti` of its own. */
export function proofClaims(bound: string = BOUND): Readonly<Record<string, unknown>> {
  return {
    jti: `proof-${++proofs}`,
    htm: 'PUT',
    htu: 'https://licensing.example.com/v1/licenses/L-1/tier',
    iat: NOW - 1,
    ath: hash('sha256', bound, 'base64url'),
  }
}
let proofs = 0

/** What the header of a good proof has. */
export function proofHeader({ alg, pair }: TestKey = HOLDER) {
  return { typ: 'dpop+jwt', alg, jwk: pair.publicKey.export({ format: 'jwk' }) }
}

/** A proof with these changed; undefined leaves a member out, and a text stands in place of the whole. */
export function proof(claims: Json = {}, header: Json = {}, signer: TestKey = HOLDER): string {
  const head = typeof header === 'string' ? header : { ...proofHeader(signer), ...header }
  const body = typeof claims === 'string' ? claims : { ...proofClaims(), ...claims }
  return signed(`${part(head)}.${part(body)}`, signer)
}

/** A request that changes a tier, with a token in `Authorization` and these proofs. */
export function asking(
  authorization: string,
  values: readonly string[],
  change: Partial<AccessRequest> = {},
): AccessRequest {
  const plain = request(authorization)
  const headers = new Map(plain.headers)
  if (values.length > 0) headers.set('dpop', values)
  const path = pathOf('/v1/licenses/L-1/tier')
  return { ...plain, id: '', method: 'PUT', path, headers, ...change }
}

export function pathOf(text: string): AccessRequest['path'] {
  const reading = canonicalPath(text)
  if (reading.kind !== 'path') throw new Error(`${text} is ${reading.why}`)
  return reading.path
}

/** A service that checks proofs, with a clock and a store of its own. */
export function dpopWorld(
  rules: Partial<DpopDeps> = {},
  certificate: CertificatePlace = 'source',
): {
  readonly state: { now: number }
  readonly results: VerificationResult[]
  readonly failures: unknown[]
  readonly identify: (asked: AccessRequest) => Identity | Promise<Identity>
} {
  const state = { now: NOW * 1000 }
  const results: VerificationResult[] = []
  const failures: unknown[] = []
  const now = () => state.now
  const useOnce: UseOnce = createMemoryStore({
    loop: { attempts: 3, window: 1 },
    capacity: 100,
  }).useOnce
  const dpop: DpopDeps = {
    algorithms: ['ES256', 'PS256', 'EdDSA'],
    window: 60,
    ahead: 10,
    origins: [],
    nonces: null,
    useOnce,
    now,
    failed: (error) => failures.push(error),
    ...rules,
  }
  const identify = createIdentify({
    issuers: [ISSUER],
    keysOf: () => KEYS,
    missed: () => undefined,
    now,
    provePossession: createProvePossession({ certificate, dpop }),
    onVerified: (result) => results.push(result),
  })
  return { state, results, failures, identify }
}

/** What an identity comes to: why it is refused, or its kind. */
export function outcomeOf(identity: Identity): TokenProblem | Identity['kind'] {
  return identity.kind === 'rejected' ? identity.problem : identity.kind
}
