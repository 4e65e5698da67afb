import type { AccessRequest } from './access-request.ts'
import type { Decision } from './decision.ts'
import type { Identity } from './identity.ts'

/** Everything there is to report about one decision, formed before the answer leaves and read-only afterwards. */
export type DecisionRecord = {
  /** UUID; the client sees it, and it leads from the client's error to the log line, the span and the record. */
  readonly id: string
  readonly decision: Decision
  /** Null when the request could not be read at all, or was refused as ambiguous. */
  readonly request: AccessRequest | null
  /** Null when the caller was never looked at. */
  readonly identity: Identity | null
}

/** The rooms that a request passes, in order; each is an event of the decision's span. */
export type Stage = 'identified' | 'selected' | 'facts' | 'decided'
