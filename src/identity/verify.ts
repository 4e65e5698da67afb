import { errors, type JWTPayload, jwtVerify } from 'jose'
import type { TokenProblem } from '../domain/identity.ts'
import type { Issuer } from './issuer.ts'
import type { KeySet } from './key-set.ts'
import type { TokenForm } from './token-form.ts'

/** Types of a JWT access token (RFC 9068 §2.1); most providers still write the general `JWT`, or none. */
const TOKEN_TYPES: readonly string[] = ['at+jwt', 'application/at+jwt', 'jwt']

/** Claims that only other kinds of token have: ID tokens (OpenID Connect Core §3.3.2.11), events (RFC 8417 §2.2). */
const FOREIGN_CLAIMS = ['at_hash', 'c_hash', 's_hash', 'events']

/** Keycloak names the kind of a token in the claim `typ`; these are not meant for an API. */
const FOREIGN_KINDS: readonly unknown[] = ['ID', 'Refresh', 'Offline', 'Logout']

/** The problem with a token's header, judged by what its issuer allows; null when there is none. */
export function headerProblem({ header }: TokenForm, issuer: Issuer): TokenProblem | null {
  const { alg, typ } = header
  if (typeof alg !== 'string' || !issuer.algorithms.includes(alg)) return 'algorithm-not-allowed'
  const known = typ === undefined || (typeof typ === 'string' && isTokenType(typ))
  return known ? null : 'wrong-type'
}

/**
 * Verifies signature, issuer, audience and times of a token, `now` in milliseconds. Never rejects.
 * Keys come from `keys` alone: `jwk`, `jku`, `x5c` and `x5u` of the token are not looked at (RFC 8725 §3.10).
 */
export async function verifyToken(
  token: string,
  issuer: Issuer,
  keys: KeySet,
  now: number,
): Promise<JWTPayload | TokenProblem> {
  try {
    const { payload } = await jwtVerify(token, keys, {
      algorithms: [...issuer.algorithms],
      issuer: issuer.issuer,
      audience: [...issuer.audiences],
      clockTolerance: issuer.leeway,
      currentDate: new Date(now),
      requiredClaims: ['exp'],
    })
    return payloadProblem(payload, now / 1000 + issuer.leeway) ?? payload
  } catch (error) {
    return problemOf(error)
  }
}

function isTokenType(typ: string): boolean {
  return TOKEN_TYPES.includes(typ.toLowerCase())
}

/** What `jose` leaves to us; `latest` in seconds. */
function payloadProblem(payload: JWTPayload, latest: number): TokenProblem | null {
  const times = [payload.exp, payload.nbf, payload.iat]
  if (!times.every((time) => time === undefined || Number.isFinite(time))) return 'claims-invalid'
  if (payload.iat !== undefined && payload.iat > latest) return 'not-yet-valid'
  if (FOREIGN_CLAIMS.some((claim) => Object.hasOwn(payload, claim))) return 'wrong-type'
  if (FOREIGN_KINDS.includes(payload.typ)) return 'wrong-type'
  return Object.hasOwn(payload, 'cnf') ? 'key-bound' : null
}

/** Any other failure means that a key of the set cannot be used, such as an RSA key that is too short. */
function problemOf(error: unknown): TokenProblem {
  if (error instanceof errors.JWTExpired) return 'expired'
  if (error instanceof errors.JWTClaimValidationFailed) return claimProblem(error)
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'bad-signature'
  if (error instanceof errors.JOSEAlgNotAllowed) return 'algorithm-not-allowed'
  if (error instanceof errors.JWSInvalid || error instanceof errors.JWTInvalid) return 'malformed'
  return 'unknown-key'
}

function claimProblem({ claim, reason }: errors.JWTClaimValidationFailed): TokenProblem {
  if (claim === 'iss') return 'unknown-issuer'
  if (claim === 'aud') return 'wrong-audience'
  return claim === 'nbf' && reason === 'check_failed' ? 'not-yet-valid' : 'claims-invalid'
}
