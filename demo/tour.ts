import type { LoginWish } from '../examples/client/step-up.ts'
import type { Office } from './policy-copy.ts'

/** One request of the tour and what must come of it. */
export type Step = {
  readonly title: string
  readonly request: TourRequest
  /** Who sends it: a user of the provider, nobody, or somebody with a token that is none. */
  readonly as: 'ada' | 'bob' | 'carol' | 'nobody' | 'forger'
  /** Log in first: as wished, or as the challenge to the last step of this user says. */
  readonly login?: LoginWish | 'as-challenged'
  /** Open or close the office first, by a change of the policy while everything runs. */
  readonly office?: Office
  readonly expect: Expectation
}

/** A request as it goes out; `from` is the client's address that a load balancer would report. */
export type TourRequest = {
  readonly method: string
  readonly path: string
  readonly body?: unknown
  readonly from?: string
}

/** The answer that was announced: HTTP status, reason of a refusal, and the `acr` that a challenge asks for. */
export type Expectation = {
  readonly status: number
  readonly reason?: string
  readonly acr?: string
}

const CORPORATE = '10.1.2.3'
const ANONYMISER = '198.51.100.7'
const MFA = 'urn:example:acr:mfa'
const PASSKEY = 'urn:example:acr:phishing-resistant'

const TIER_CHANGE: TourRequest = {
  method: 'PUT',
  path: '/v1/licenses/L-1/tier',
  body: { tier: 'business', seats: 60 },
  from: CORPORATE,
}

/** The tour: every kind of answer, in the order in which it explains itself. */
export const TOUR: readonly Step[] = [
  {
    title: 'Somebody without a token reads licences',
    as: 'nobody',
    request: { method: 'GET', path: '/v1/licenses', from: CORPORATE },
    expect: { status: 401, reason: 'unauthenticated' },
  },
  {
    title: 'Ada, a licence manager, logs in with her password and reads',
    as: 'ada',
    login: {},
    request: { method: 'GET', path: '/v1/licenses/L-1', from: CORPORATE },
    expect: { status: 200 },
  },
  {
    title: 'Ada renews a licence in office hours: no prompt',
    as: 'ada',
    request: { method: 'POST', path: '/v1/licenses/L-1/renew', from: CORPORATE },
    expect: { status: 200 },
  },
  {
    title: 'Ada changes a tier: a password is not enough for that',
    as: 'ada',
    request: TIER_CHANGE,
    expect: { status: 401, reason: 'insufficient_user_authentication', acr: MFA },
  },
  {
    title: 'Ada does what the challenge says, and tries again',
    as: 'ada',
    login: 'as-challenged',
    request: TIER_CHANGE,
    expect: { status: 200 },
  },
  {
    title: 'Six hundred seats are worth more than a code from a phone',
    as: 'ada',
    request: { ...TIER_CHANGE, body: { tier: 'business', seats: 600 } },
    expect: { status: 401, reason: 'insufficient_user_authentication', acr: PASSKEY },
  },
  {
    title: 'The same request, but from a suspicious address',
    as: 'ada',
    request: { ...TIER_CHANGE, from: ANONYMISER },
    expect: { status: 401, reason: 'insufficient_user_authentication', acr: PASSKEY },
  },
  {
    title: 'Ada logs in with a passkey, and tries again from there',
    as: 'ada',
    login: 'as-challenged',
    request: { ...TIER_CHANGE, from: ANONYMISER },
    expect: { status: 200 },
  },
  {
    title:
      'The office closes (the policy changes while it runs), and Carol renews: now a password is not enough',
    as: 'carol',
    login: {},
    office: 'closed',
    request: { method: 'POST', path: '/v1/licenses/L-1/renew', from: CORPORATE },
    expect: { status: 401, reason: 'insufficient_user_authentication', acr: MFA },
  },
  {
    title: 'Carol proves who she is, and renews',
    as: 'carol',
    login: 'as-challenged',
    request: { method: 'POST', path: '/v1/licenses/L-1/renew', from: CORPORATE },
    expect: { status: 200 },
  },
  {
    title:
      'The office is open again. Bob, who may only look, renews: no login would help, so no challenge',
    as: 'bob',
    login: {},
    office: 'open',
    request: { method: 'POST', path: '/v1/licenses/L-1/renew', from: CORPORATE },
    expect: { status: 403, reason: 'no-rule' },
  },
  {
    title: 'Somebody sends a token that is none',
    as: 'forger',
    request: { method: 'GET', path: '/v1/licenses', from: CORPORATE },
    expect: { status: 401, reason: 'invalid_token' },
  },
]
