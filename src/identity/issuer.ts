import type { AuthTimeTolerance, Proof } from '../domain/identity.ts'
import type { TokenPlace } from './token-place.ts'

/** One identity provider whose tokens are accepted, and how to read them. */
export type Issuer = {
  /** The name that the policy's ladder uses; also the name in records and metrics. */
  readonly name: string
  /** The issuer identifier, compared with `iss` and with the provider's metadata character by character. */
  readonly issuer: string
  /** A token must be meant for one of these (RFC 7519 §4.1.3). */
  readonly audiences: readonly string[]
  /** JWS algorithms that may sign a token (RFC 7518 §3.1); asymmetric ones only. */
  readonly algorithms: readonly string[]
  /** Accepted `typ` of a token's header, in lower case without `application/`; a token without one counts as `jwt`. */
  readonly types: readonly string[]
  /** The one place where its tokens are accepted. */
  readonly token: TokenPlace
  readonly proof: Proof
  readonly claims: ClaimPaths
  readonly workloads: Workloads
  /** Seconds that `exp`, `nbf` and `iat` may be off. */
  readonly leeway: number
  readonly auth_time: AuthTimeTolerance
}

/** Which subjects of an issuer are programs acting for themselves. */
export type Workloads = {
  readonly clients: readonly string[]
  /** Its SPIFFE ids are of this trust domain: they name programs (JWT-SVID §3). */
  readonly trust_domain?: string | undefined
}

/**
 * Where an issuer puts what we need: a claim's name, or a path with dots into nested claims.
 * A claim whose own name has the dots (`https://licensing.example.com/roles`) wins over the path.
 */
export type ClaimPaths = {
  readonly roles: string
  readonly groups: string
  readonly scopes: string
  readonly tenant: string
  readonly session: string
  readonly acr: string
  readonly amr: string
  readonly auth_time: string
  /** The first of these that is there names the client. */
  readonly client: readonly string[]
}

/** False where Envoy verifies the signatures: then nothing has to be fetched. */
export function needsKeys({ token }: Pick<Issuer, 'token'>): boolean {
  return !('metadata' in token)
}
