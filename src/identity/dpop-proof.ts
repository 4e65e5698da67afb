import type { JWK } from 'jose'
import type { AccessRequest } from '../domain/access-request.ts'
import type { TokenProblem } from '../domain/identity.ts'
import { embeddedKey } from './dpop-key.ts'
import { type JsonObject, readTokenForm, type TokenForm } from './token-form.ts'
import { plainType } from './verify.ts'

/** A DPoP proof taken apart (RFC 9449 §4.2), its header in order, its signature not verified. */
export type Proof = {
  /** As it was sent. */
  readonly jwt: string
  readonly alg: string
  readonly jwk: JWK
  readonly claims: ProofClaims
}

/** The claims that every proof has; `iat` in seconds, `ath` the SHA-256 of the token in base64url. */
export type ProofClaims = {
  readonly jti: string
  readonly htm: string
  readonly htu: string
  readonly iat: number
  readonly ath: string
  readonly nonce: unknown
}

/** Characters: one with an RSA key of 4096 bits takes about 2,000. */
const MAX_PROOF = 4096

/** Characters; a longer one would only fill the store. */
const MAX_JTI = 256

/** Takes the one proof of a request apart, or says why it is none that could be good (RFC 9449 §4.3, 1 to 5 and 7). */
export function readProof(
  { headers }: AccessRequest,
  algorithms: readonly string[],
): Proof | TokenProblem {
  const [jwt, ...more] = headers.get('dpop') ?? []
  if (jwt === undefined) return 'proof-missing'
  if (more.length > 0 || jwt.includes(',')) return 'proof-doubled'
  if (jwt.length > MAX_PROOF) return 'proof-too-large'
  const form = readTokenForm(jwt)
  return typeof form === 'string' ? 'proof-malformed' : readForm(jwt, form, algorithms)
}

function readForm(
  jwt: string,
  { header, payload }: TokenForm,
  algorithms: readonly string[],
): Proof | TokenProblem {
  const { alg, typ } = header
  if (typeof typ !== 'string' || plainType(typ) !== 'dpop+jwt') return 'proof-wrong-type'
  if (typeof alg !== 'string' || !algorithms.includes(alg)) return 'proof-algorithm'
  const jwk = embeddedKey(header)
  if (typeof jwk === 'string') return jwk
  const claims = readClaims(payload)
  return claims === null ? 'proof-claims' : { jwt, alg, jwk, claims }
}

function readClaims({ jti, htm, htu, iat, ath, nonce }: JsonObject): ProofClaims | null {
  if (typeof jti !== 'string' || jti === '' || jti.length > MAX_JTI) return null
  if (typeof htm !== 'string' || typeof htu !== 'string') return null
  if (typeof iat !== 'number' || typeof ath !== 'string') return null
  return { jti, htm, htu, iat, ath, nonce }
}
