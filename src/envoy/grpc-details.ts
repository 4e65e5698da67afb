import { wishOf } from './challenge.ts'
import { encodeStatus } from './codec.ts'
import type { Refused } from './explanation.ts'
import { fitsHeader } from './header-value.ts'
import type { HttpStatus } from './wire.ts'

/** The statuses that Envoy makes of ours for a gRPC client (google.rpc.Code). */
const CODES: Readonly<Record<HttpStatus, number>> = { 302: 2, 400: 13, 401: 16, 403: 7, 503: 14 }

/** google.rpc.ErrorInfo: who names the reason. */
const DOMAIN = 'stepgate'

/**
 * The value of `grpc-status-details-bin`: base64 without padding (gRPC over HTTP/2) of a `google.rpc.Status` with one
 * `ErrorInfo`, whose metadata are what a challenge asks for. Null where it fits no header: the reason then stands in the
 * message and the challenge in `www-authenticate` all the same.
 */
export function statusDetails(decision: Refused, http: HttpStatus, message: string): string | null {
  const reason = decision.reason.toUpperCase().replaceAll('-', '_')
  if (!REASON.test(reason)) return null
  const info = { reason, domain: DOMAIN, metadata: metadataOf(decision) }
  const value = encodeStatus(CODES[http], message, info).toString('base64').replace(/=+$/, '')
  return fitsHeader(value) ? value : null
}

function metadataOf(decision: Refused): Readonly<Record<string, string>> {
  if (decision.outcome !== 'step_up') return {}
  const asked = Object.entries(wishOf(decision))
  return Object.fromEntries(
    asked.filter((pair): pair is [string, string] => typeof pair[1] === 'string'),
  )
}

/** As google.rpc.ErrorInfo documents it. */
const REASON = /^[A-Z][A-Z0-9_]{0,61}[A-Z0-9]$/
