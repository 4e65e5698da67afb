import {
  decodeProtectedHeader,
  errors,
  type JWTVerifyGetKey,
  type JWTVerifyOptions,
  jwtVerify,
} from 'jose'
import { isObject, type JsonObject, type Stream } from './stream.ts'

/** Finds the key that a SET names, among the transmitter's public keys. */
export type KeySet = JWTVerifyGetKey

/** A SET whose transmitter is who it says. Times in milliseconds since the epoch. */
export type VerifiedSet = {
  readonly id: string
  readonly issuedAt: number
  readonly claims: JsonObject
  /** The one event: its type, a URI, and what it says. */
  readonly type: string
  readonly event: JsonObject
}

/** An error code of RFC 8935 §2.4, which RFC 8936 §2.6 shares. */
export type SetError =
  | 'invalid_request'
  | 'invalid_key'
  | 'invalid_issuer'
  | 'invalid_audience'
  | 'authentication_failed'

/** Why a SET is not accepted; the description is for the transmitter, and holds nothing that it wrote. */
export type Refusal = {
  readonly kind: 'refused'
  readonly err: SetError
  readonly description: string
}

/** `unknown-key`: it is signed with a key that is not there, and might be there later. */
export type Verification =
  | { readonly kind: 'verified'; readonly set: VerifiedSet }
  | { readonly kind: 'unknown-key' }
  | Refusal

/** Characters: a SET of one event and one subject takes about a tenth of it. */
export const MAX_SET = 32_768

/** Characters of a `jti`. */
const MAX_ID = 1024

/**
 * Verifies a SET (RFC 8417 §2, OpenID SSF 1.0 §4): its type, its signature by a key of the stream's, that it is from
 * this transmitter and for us, and that it is about one event. `now` in milliseconds. Never rejects.
 */
export async function verifySet(
  set: string,
  stream: Stream,
  keys: KeySet,
  now: number,
): Promise<Verification> {
  if (set.length > MAX_SET) return refused('invalid_request', 'the SET is too large')
  try {
    const payload = await payloadOf(set, keys, {
      algorithms: [...stream.algorithms],
      typ: 'secevent+jwt',
      issuer: stream.issuer,
      audience: stream.audience,
      currentDate: new Date(now),
      clockTolerance: stream.leeway,
    })
    return readSet(payload, now + stream.leeway * 1000)
  } catch (error) {
    return problemOf(error, set)
  }
}

/** A SET need not name its key: then each that fits is tried. */
async function payloadOf(
  set: string,
  keys: KeySet,
  options: JWTVerifyOptions,
): Promise<JsonObject> {
  try {
    return (await jwtVerify(set, keys, options)).payload
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error
    for await (const key of error) {
      const payload = await payloadBy(key, set, options)
      if (payload !== null) return payload
    }
    throw new errors.JWSSignatureVerificationFailed()
  }
}

/** Null when another key has signed it. */
async function payloadBy(
  key: Parameters<typeof jwtVerify>[1] & object,
  set: string,
  options: JWTVerifyOptions,
): Promise<JsonObject | null> {
  try {
    return (await jwtVerify(set, key, options)).payload
  } catch (error) {
    if (error instanceof errors.JWSSignatureVerificationFailed) return null
    throw error
  }
}

/** Refuses, with a code of the RFC. */
export function refused(err: SetError, description: string): Refusal {
  return { kind: 'refused', err, description }
}

function readSet(claims: JsonObject, latest: number): Verification {
  const { jti, iat, events } = claims
  if (typeof jti !== 'string' || jti === '' || jti.length > MAX_ID)
    return refused('invalid_request', 'the SET has no usable jti')
  if (typeof iat !== 'number' || !(iat >= 0))
    return refused('invalid_request', 'the SET has no usable iat')
  if (iat * 1000 > latest) return refused('invalid_request', 'the iat of the SET is in the future')
  const told = isObject(events) ? Object.entries(events) : []
  const [[type, event] = [], ...more] = told
  if (type === undefined || more.length > 0 || !isObject(event))
    return refused('invalid_request', 'the SET is not about exactly one event')
  return { kind: 'verified', set: { id: jti, issuedAt: iat * 1000, claims, type, event } }
}

/** What is no error of the library is one of a key that cannot be used, such as an RSA key that is too short. */
function problemOf(error: unknown, set: string): Verification {
  if (!(error instanceof errors.JOSEError) || isAboutKeys(error, set))
    return { kind: 'unknown-key' }
  if (error instanceof errors.JOSEAlgNotAllowed)
    return refused(
      'authentication_failed',
      'the SET is signed with an algorithm that is not accepted',
    )
  if (error instanceof errors.JWSSignatureVerificationFailed)
    return refused('authentication_failed', 'the signature of the SET is wrong')
  if (error instanceof errors.JWTExpired) return refused('invalid_request', 'the SET has expired')
  if (error instanceof errors.JWTClaimValidationFailed) return claimProblem(error.claim)
  return refused('invalid_request', 'the SET is not a well-formed signed JWT')
}

/** A signature that fits no key may be by one that is not there yet, unless the SET names its key. */
function isAboutKeys(error: Error, set: string): boolean {
  if (error instanceof errors.JWSSignatureVerificationFailed)
    return decodeProtectedHeader(set).kid === undefined
  return error instanceof errors.JWKSNoMatchingKey
}

function claimProblem(claim: string): Refusal {
  switch (claim) {
    case 'iss':
      return refused('invalid_issuer', 'the SET is from another issuer')
    case 'aud':
      return refused('invalid_audience', 'the SET is meant for another audience')
    case 'typ':
      return refused('invalid_request', 'the typ of the SET is not secevent+jwt')
    default:
      return refused('invalid_request', `the claim ${claim} of the SET is not valid`)
  }
}
