import type { AccessRequest } from './access-request.ts'
import type { Decision } from './decision.ts'
import type { Identity } from './identity.ts'
import type { Trail } from './trail.ts'

/** Everything there is to report about one decision, formed before the answer leaves and read-only afterwards. */
export type DecisionRecord = {
  /** UUID; the client sees it, and it leads from the client's error to the log line, the span and the record. */
  readonly id: string
  readonly decision: Decision
  /** Null when the request could not be read at all, or was refused as ambiguous. */
  readonly request: AccessRequest | null
  /** Null when the caller was never looked at. */
  readonly identity: Identity | null
  /** Tells how it came about, at a cost, from what was known then; absent where no policy was asked. It may throw. */
  readonly trail?: () => Trail
  /** How the client was challenged; absent where it was not. */
  readonly dialect?: ChallengeDialect
}

/** The forms that challenges have on the wire. `none`: the client could not have read one, and was refused instead. */
export type ChallengeDialect =
  | 'rfc9470'
  | 'insufficient_scope'
  | 'okta'
  | 'entra'
  | 'redirect'
  | 'grpc'
  | 'none'

/**
 * The rooms that a request passes, in order; each is an event of the decision's span. `fetched` comes only where facts
 * had to be waited for over the network.
 */
export type Stage = 'identified' | 'selected' | 'fetched' | 'facts' | 'decided'
