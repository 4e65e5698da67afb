import { WWWAuthenticateChallengeError } from 'openid-client'

/** What an RFC 9470 challenge asks of the next login. */
export type LoginWish = {
  /** As in the challenge: space-separated, best first. */
  readonly acrValues?: string
  /** Seconds. */
  readonly maxAge?: number
}

/** The wish of a step-up challenge as `openid-client` parsed it, or null when the error is anything else. */
export function stepUpWish(error: unknown): LoginWish | null {
  if (!(error instanceof WWWAuthenticateChallengeError)) return null
  const bearer = error.cause.find(({ scheme }) => scheme === 'bearer')?.parameters
  if (bearer?.error !== 'insufficient_user_authentication') return null
  const { acr_values: acrValues, max_age: maxAge } = bearer
  return {
    ...(acrValues === undefined ? {} : { acrValues }),
    ...(maxAge === undefined ? {} : { maxAge: Number(maxAge) }),
  }
}
