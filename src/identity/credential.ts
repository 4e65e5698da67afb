import type { AccessRequest } from '../domain/access-request.ts'
import type { TokenProblem } from '../domain/identity.ts'
import type { JsonObject } from './token-form.ts'

/** What the request offers as proof of its caller; `place` is the `placeId` of where it was found. */
export type Credential =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'token'
      readonly token: string
      readonly place: string
      /** How it was sent: `dpop` announces a proof of the key that it is bound to (RFC 9449 §7.1). */
      readonly scheme: TokenScheme
    }
  /** The claims of a token that Envoy has verified and kept for itself. */
  | { readonly kind: 'payload'; readonly payload: JsonObject; readonly place: string }
  | { readonly kind: 'refused'; readonly problem: TokenProblem }

/** The schemes of `Authorization` for tokens; a token without one counts as `bearer`. */
export type TokenScheme = 'bearer' | 'dpop'

/** Looks for a credential in one place, or in several. */
export type ReadCredential = (request: AccessRequest) => Credential

export const NO_CREDENTIAL: Credential = Object.freeze({ kind: 'none' })

/** Something is there that counts as a credential and is not accepted. */
export function refused(problem: TokenProblem): Credential {
  return { kind: 'refused', problem }
}
