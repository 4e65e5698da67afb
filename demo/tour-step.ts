import type { LoginWish } from '../examples/client/step-up.ts'
import type { DeviceName } from './devices.ts'
import type { Office } from './policy-copy.ts'

/** One request of the tour and what must come of it. */
export type Step = {
  readonly title: string
  readonly request: TourRequest
  /** Who sends it: a user of the provider, nobody, or somebody with a token that is none. */
  readonly as: 'ada' | 'bob' | 'carol' | 'nobody' | 'forger'
  /** On which device, with a browser of its own; on the user's laptop unless said. */
  readonly on?: DeviceName
  /** Log in first: as wished, or as the last challenge to this user on this device says. */
  readonly login?: LoginWish | 'as-challenged'
  /** Open or close the office first, by a change of the policy while everything runs. */
  readonly office?: Office
  /** The provider ends all sessions of the user first, and tells Stepgate. */
  readonly sessions?: 'ended'
  readonly expect: Expectation
}

/** A request as it goes out; `from` is the client's address that a load balancer would report. */
export type TourRequest = {
  readonly method: string
  readonly path: string
  readonly body?: unknown
  readonly from?: string
}

/** The answer that was announced: HTTP status, reason of a refusal, the `acr` that a challenge asks for, and whose rule it is. */
export type Expectation = {
  readonly status: number
  readonly reason?: string
  readonly acr?: string
  /** Where several could have asked for it. */
  readonly rule?: string
}

/** Where requests come from, by the sample's networks and location file. */
export const CORPORATE = '10.1.2.3'
export const ANONYMISER = '198.51.100.7'
export const BERLIN = '192.0.2.10'
export const TOKYO = '203.0.113.9'
/** Levels of the example provider. */
export const MFA = 'urn:example:acr:mfa'
export const PASSKEY = 'urn:example:acr:phishing-resistant'

/** Daily work. */
export const RENEWAL: TourRequest = {
  method: 'POST',
  path: '/v1/licenses/L-1/renew',
  from: CORPORATE,
}

/** A challenge, but for the `acr` that it asks for. */
export const STEP_UP = { status: 401, reason: 'insufficient_user_authentication' } as const

/** Another price for that licence. */
export function tierChange(license: string, seats: number): TourRequest {
  const body = { tier: 'business', seats }
  return { method: 'PUT', path: `/v1/licenses/${license}/tier`, body, from: CORPORATE }
}
