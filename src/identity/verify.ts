import { compactVerify, errors } from 'jose'
import type { TokenProblem } from '../domain/identity.ts'
import type { Issuer } from './issuer.ts'
import { claimsProblem } from './judge-claims.ts'
import type { KeySet } from './key-set.ts'
import type { TokenForm } from './token-form.ts'

/** The problem with a token's header, judged by what its issuer allows; null when there is none. */
export function headerProblem({ header }: TokenForm, issuer: Issuer): TokenProblem | null {
  const { alg, typ = 'jwt' } = header
  if (typeof alg !== 'string' || !issuer.algorithms.includes(alg)) return 'algorithm-not-allowed'
  return typeof typ === 'string' && issuer.types.includes(plainType(typ)) ? null : 'wrong-type'
}

/**
 * The problem with a token's signature or claims, `now` in milliseconds; null when there is none. Never rejects.
 * Keys come from `keys` alone: `jwk`, `jku`, `x5c` and `x5u` of the token are not looked at (RFC 8725 §3.10).
 */
export async function verifyToken(
  token: string,
  { payload }: TokenForm,
  issuer: Issuer,
  keys: KeySet,
  now: number,
): Promise<TokenProblem | null> {
  try {
    await compactVerify(token, keys, { algorithms: [...issuer.algorithms] })
    return claimsProblem(payload, issuer, now)
  } catch (error) {
    return problemOf(error)
  }
}

/** A `typ` as it is compared: case does not count, and `application/` goes without saying (RFC 7515 §4.1.9). */
export function plainType(typ: string): string {
  return typ.toLowerCase().replace(/^application\//, '')
}

/** Any other failure means that a key of the set cannot be used, such as an RSA key that is too short. */
function problemOf(error: unknown): TokenProblem {
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'bad-signature'
  if (error instanceof errors.JOSEAlgNotAllowed) return 'algorithm-not-allowed'
  return error instanceof errors.JWSInvalid ? 'malformed' : 'unknown-key'
}
