import type { AccessRequest } from '../domain/access-request.ts'
import type { TokenProblem } from '../domain/identity.ts'
import { type Bond, isBound, readBond } from './bond.ts'
import type { TokenScheme } from './credential.ts'
import { createProveKey, type DpopDeps, type Verdict } from './dpop.ts'
import { type CertificatePlace, certificateDigest } from './peer-certificate.ts'
import type { JsonObject } from './token-form.ts'

/** A token, and how it was sent. */
export type Presented = { readonly token: string; readonly scheme: TokenScheme }

/**
 * Judges by the claims of a good token whether the client holds what it is bound to: null when it does, or when the token
 * is bound to nothing and was sent so. Asked for each request: a token that is known proves nothing about who sends it.
 */
export type ProvePossession = (
  claims: JsonObject,
  presented: Presented,
  request: AccessRequest,
) => Verdict | Promise<Verdict>

/** What it needs from outside. */
export type PossessionDeps = {
  readonly certificate: CertificatePlace
  readonly dpop: DpopDeps
}

/** Makes the function. A bond of an unknown kind is never held, and both are to be held where a token has two. */
export function createProvePossession({ certificate, dpop }: PossessionDeps): ProvePossession {
  const proveKey = createProveKey(dpop)
  const proveBond = (bond: Bond, presented: Presented, request: AccessRequest) => {
    const problem = certificateProblem(bond, request, certificate) ?? schemeProblem(bond, presented)
    if (problem !== null || bond.key === null) return problem
    return proveKey({ token: presented.token, key: bond.key }, request)
  }
  return (claims, presented, request) => {
    if (!isBound(claims)) return presented.scheme === 'dpop' ? 'not-bound' : null
    const bond = readBond(claims)
    return bond === null ? 'key-bound' : proveBond(bond, presented, request)
  }
}

function certificateProblem(
  { certificate }: Bond,
  request: AccessRequest,
  place: CertificatePlace,
): TokenProblem | null {
  if (certificate === null) return null
  const shown = certificateDigest(request, place)
  if (shown === null) return 'key-bound'
  return shown === certificate ? null : 'wrong-certificate'
}

/** A token that is bound to a key and sent as a bearer token is a downgrade (RFC 9449 §7.1). */
function schemeProblem({ key }: Bond, { scheme }: Presented): TokenProblem | null {
  if (key === null) return scheme === 'dpop' ? 'not-bound' : null
  return scheme === 'dpop' ? null : 'key-bound'
}

/** Refuses whatever asks for a proof. */
export const NO_POSSESSION: ProvePossession = (claims, { scheme }) =>
  isBound(claims) || scheme === 'dpop' ? 'key-bound' : null
