import type { TokenProblem } from '../domain/identity.ts'
import type { Issuer } from './issuer.ts'
import type { JsonObject } from './token-form.ts'

/** Claims that only other kinds of token have: ID tokens (OpenID Connect Core §3.3.2.11), events (RFC 8417 §2.2). */
const FOREIGN_CLAIMS = ['at_hash', 'c_hash', 's_hash', 'events']

/** Keycloak names the kind of a token in the claim `typ` (Cognito in `token_use`); these are not meant for an API. */
const FOREIGN_KINDS: readonly unknown[] = ['ID', 'Refresh', 'Offline', 'Logout']

/** Above this many seconds (the year 5138) a time is surely in milliseconds: such an `exp` would never come. */
const MAX_TIME = 1e11

/**
 * The problem with the claims of a token whose signature is good, or null: issuer, audience, times and kind of token. A bond to a
 * key (RFC 7800) is judged apart, with each request. `now` in milliseconds.
 */
export function claimsProblem(
  claims: JsonObject,
  issuer: Issuer,
  now: number,
): TokenProblem | null {
  if (claims.iss !== issuer.issuer) return 'unknown-issuer'
  if (!isMeantFor(claims.aud, issuer.audiences)) return 'wrong-audience'
  const problem = timeProblem(claims, issuer.leeway, now / 1000)
  if (problem !== null) return problem
  if (FOREIGN_CLAIMS.some((claim) => Object.hasOwn(claims, claim))) return 'wrong-type'
  return FOREIGN_KINDS.includes(claims.typ) || claims.token_use === 'id' ? 'wrong-type' : null
}

/** One audience as text, or several as a list (RFC 7519 §4.1.3). */
function isMeantFor(aud: unknown, audiences: readonly string[]): boolean {
  const named: readonly unknown[] = Array.isArray(aud) ? aud : [aud]
  return audiences.some((audience) => named.includes(audience))
}

/** Everything in seconds; `exp` must be there, `nbf` and `iat` may be missing. */
function timeProblem(claims: JsonObject, leeway: number, now: number): TokenProblem | null {
  const { exp, nbf = 0, iat = 0 } = claims
  if (!isTime(exp) || !isTime(nbf) || !isTime(iat)) return 'claims-invalid'
  if (nbf > now + leeway) return 'not-yet-valid'
  if (exp <= now - leeway) return 'expired'
  return iat > now + leeway ? 'not-yet-valid' : null
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Math.abs(value) <= MAX_TIME
}
