import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto'
import type { AccessRequest } from '../domain/access-request.ts'
import { claimAt } from '../domain/claim.ts'
import { cookieValues } from '../domain/cookies.ts'
import {
  type FORWARDED_CERTIFICATE,
  forwardedCertificate,
} from '../domain/forwarded-certificate.ts'
import type { Identity } from '../domain/identity.ts'

/**
 * Where the identity of a device is found: a claim of the token; a cookie of the application's, whose value is `id.mac`
 * with the unpadded base64url HMAC-SHA-256 of the id; or the client certificate as Envoy forwards it.
 */
export type DeviceSource =
  | { readonly claim: string }
  | { readonly cookie: string; readonly key: Uint8Array }
  | { readonly certificate: typeof FORWARDED_CERTIFICATE }

/** Characters: more is no identifier, and would have to be remembered. */
export const MAX_DEVICE_ID = 256

/** Finds the id of the device that a request comes from; empty for none. */
export type FindDeviceId = (request: AccessRequest, identity: Identity) => string

/** Makes the function. The first source that knows a device decides; what cannot be believed is no device. */
export function createDeviceId(sources: readonly DeviceSource[]): FindDeviceId {
  const readers = sources.map(readerOf)
  return (request, identity) => {
    for (const read of readers) {
      const id = read(request, identity)
      if (id !== '') return id
    }
    return ''
  }
}

function readerOf(source: DeviceSource): FindDeviceId {
  if ('claim' in source) return (_, identity) => fromClaim(identity, source.claim)
  if ('cookie' in source) {
    // Made once: from bytes, each HMAC would take six times as long.
    const key = createSecretKey(source.key)
    return ({ headers }) => fromCookie(cookieValues(headers, source.cookie), key)
  }
  return ({ headers }) => forwardedCertificate(headers)
}

/** Of a caller who has logged in, one line of text: two readers could take anything else for different devices. */
function fromClaim(identity: Identity, path: string): string {
  if (identity.kind !== 'authenticated') return ''
  const id = claimAt(identity.subject.claims, path)
  if (typeof id !== 'string' || id.length > MAX_DEVICE_ID) return ''
  return id.isWellFormed() && !/[\p{Cc}\p{Zl}\p{Zp}]/u.test(id) ? id : ''
}

/** The same cookie twice is none: whoever can add one must not choose which of them counts. */
function fromCookie(values: readonly string[], key: KeyObject): string {
  const [value = '', ...more] = values
  const [, id, mac] = /^([\w-]{1,256})\.([\w-]{43})$/.exec(value) ?? []
  if (id === undefined || mac === undefined || more.length > 0) return ''
  const expected = createHmac('sha256', key).update(id).digest('base64url')
  return timingSafeEqual(Buffer.from(mac), Buffer.from(expected)) ? id : ''
}
