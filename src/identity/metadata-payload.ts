import { NO_CREDENTIAL, type ReadCredential, refused } from './credential.ts'
import { isBounded, isObject, type JsonObject } from './token-form.ts'
import { placeId } from './token-place.ts'

/** Claims that tell a payload from what else a filter leaves: a token's header, the status of a failure. */
const CLAIMS = ['iss', 'sub', 'aud', 'exp']

/**
 * Reads the payload that Envoy's jwt_authn left under its namespace, at whatever key (`payload_in_metadata`). Its
 * presence means that Envoy has verified a token; what the payload says is still to be judged.
 */
export function payloadReader(namespace: string): ReadCredential {
  const place = placeId({ metadata: namespace })
  return ({ metadata }) => {
    const left = metadata.get(namespace)
    if (left === undefined) return NO_CREDENTIAL
    if (left === null) return refused('too-large')
    const [payload, ...more] = Object.values(left).filter(isPayload)
    if (payload === undefined) return NO_CREDENTIAL
    if (more.length > 0) return refused('several-credentials')
    return isBounded(payload) ? { kind: 'payload', payload, place } : refused('claims-invalid')
  }
}

/** Any claim will do: a payload without `iss` is refused later, rather than taken for nothing here. */
function isPayload(value: unknown): value is JsonObject {
  return isObject(value) && CLAIMS.some((claim) => Object.hasOwn(value, claim))
}
