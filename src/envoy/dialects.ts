import type { ChallengeDialect } from '../domain/decision-record.ts'
import {
  bearerChallenge,
  type Challenged,
  challengeHeader,
  type Wish,
  wishOf,
} from './challenge.ts'

/** How a client is to be challenged, with what that takes. */
export type Dialect =
  | { readonly name: 'rfc9470' }
  | { readonly name: 'okta' }
  | {
      readonly name: 'entra'
      readonly authorizationUri: string
      /** The application has said that it handles claims challenges. */
      readonly capable: boolean
    }
  | {
      readonly name: 'redirect'
      /** The page to go to; null where none can do. */
      readonly entry: (wish: Wish) => string | null
    }

/** A challenge as it is put: one dialect, one header. */
export type Put = {
  readonly dialect: ChallengeDialect
  readonly http: 302 | 401 | 403
  /** Null where no challenge could be read. */
  readonly header: readonly [name: 'www-authenticate' | 'location', value: string] | null
  /** As it was asked for, which the body repeats. */
  readonly decision: Challenged
}

/**
 * Puts a challenge into the client's dialect, or into RFC 9470's and RFC 6750's where that has no words for it. gRPC has
 * one of its own, whatever was configured. Null when a value cannot be written.
 */
export function putChallenge(
  decision: Challenged,
  { realm, grpc, dialect }: { realm: string | null; grpc: boolean; dialect: Dialect },
): Put | null {
  const plain = inBearer(decision, realm)
  if (plain === null) return null
  return grpc ? { ...plain, dialect: 'grpc' } : (inDialect(decision, realm, dialect) ?? plain)
}

/** Null where the dialect has no words for it. */
function inDialect(decision: Challenged, realm: string | null, dialect: Dialect): Put | null {
  switch (dialect.name) {
    case 'rfc9470':
      return null
    case 'okta':
      return asksForLogin(decision) ? inOkta(decision, realm) : null
    case 'entra':
      return asksForLevel(decision) ? inEntra(decision, realm, dialect) : null
    case 'redirect':
      return byRedirect(decision, dialect.entry)
  }
}

type StepUp = Extract<Challenged, { outcome: 'step_up' }>

function inBearer(decision: Challenged, realm: string | null): Put | null {
  const lacksScope = decision.reason === 'insufficient_scope'
  const dialect = lacksScope ? decision.reason : 'rfc9470'
  return put(dialect, lacksScope ? 403 : 401, challengeHeader(decision, realm), decision)
}

/** As `okta-auth-js` lifts it into its errors; Okta's tokens must have the very `acr` that was asked for, so one. */
function inOkta(decision: StepUp, realm: string | null): Put | null {
  const one = withOneLevel(decision)
  return put('okta', 403, challengeHeader(one, realm, 'insufficient_authentication_context'), one)
}

/**
 * A claims challenge: standard base64 of a claims request (OpenID Connect Core §5.5) for an authentication context. An
 * age cannot be asked for in it, and a client that did not declare the capability would take it for nonsense.
 */
function inEntra(
  decision: StepUp,
  realm: string | null,
  { capable, authorizationUri }: Extract<Dialect, { name: 'entra' }>,
): Put | null {
  const one = withOneLevel(decision)
  if (!capable) return { dialect: 'none', http: 403, header: null, decision: one }
  const [value] = one.challenge.acrValues
  const claims = { access_token: { acrs: { essential: true, value } } }
  const header = bearerChallenge({
    realm: realm ?? undefined,
    authorization_uri: authorizationUri,
    error: 'insufficient_claims',
    claims: Buffer.from(JSON.stringify(claims)).toString('base64'),
    cc_type: 'authcontext',
  })
  return put('entra', 401, header, one)
}

/** Null where no login would help, or no page can do. */
function byRedirect(decision: Challenged, entry: (wish: Wish) => string | null): Put | null {
  // Another problem than an old token is one of the set-up: the login would lead back to the same refusal.
  const hopeless = decision.reason === 'invalid_token' && !OLD.includes(decision.problem)
  const location = hopeless ? null : entry(wishOf(decision))
  if (location === null) return null
  return { dialect: 'redirect', http: 302, header: ['location', location], decision }
}

/** What a token comes to that was good; of an opaque one its issuer says no more than that. */
const OLD: readonly unknown[] = ['expired', 'inactive']

function put(
  dialect: ChallengeDialect,
  http: Put['http'],
  challenge: string | null,
  decision: Challenged,
): Put | null {
  if (challenge === null) return null
  return { dialect, http, header: ['www-authenticate', challenge], decision }
}

/** Scopes have words of their own that all understand. */
function asksForLogin(decision: Challenged): decision is StepUp {
  return decision.outcome === 'step_up' && decision.reason === 'insufficient_user_authentication'
}

function asksForLevel(decision: Challenged): decision is StepUp {
  return asksForLogin(decision) && decision.challenge.acrValues.length > 0
}

function withOneLevel(decision: StepUp): StepUp {
  const { challenge } = decision
  return { ...decision, challenge: { ...challenge, acrValues: challenge.acrValues.slice(0, 1) } }
}
