import assert from 'node:assert/strict'
import type { AccessRequest } from '../../src/domain/access-request.ts'
import { readRequest } from '../../src/envoy/read.ts'
import type { AttributeContext, HttpRequest } from '../../src/envoy/wire.ts'
import { PLAIN } from './support.ts'

/** The filter whose metadata readers look into. */
export const JWT_AUTHN = 'envoy.filters.http.jwt_authn'

/** The time that readers take for a request without one. */
export const NOW = 1_795_000_000_000

/** Settings of a reader without trusted proxies. */
export const SETTINGS = {
  trustedHops: 0,
  metadataNamespaces: [JWT_AUTHN],
  now: () => NOW,
}

export function reading(http: HttpRequest, attributes: AttributeContext = {}, trustedHops = 0) {
  const check = { attributes: { ...attributes, request: { http: { ...PLAIN, ...http } } } }
  return readRequest(check, { ...SETTINGS, trustedHops })
}

export function accepted(...args: Parameters<typeof reading>): AccessRequest {
  const result = reading(...args)
  assert.equal(result.kind, 'request', JSON.stringify(args))
  return result.kind === 'request' ? result.request : assert.fail()
}

/** Header lines as under `encode_raw_headers`. */
export function lines(...headers: (readonly [key: string, value: string])[]): HttpRequest {
  return {
    headerMap: { headers: headers.map(([key, value]) => ({ key, rawValue: Buffer.from(value) })) },
  }
}
