import type { Decision } from '../domain/decision.ts'
import type { ChallengeDialect } from '../domain/decision-record.ts'
import type { Identity } from '../domain/identity.ts'
import { type Dialect, putChallenge } from './dialects.ts'
import type { Refused } from './explanation.ts'
import { headersToRemove } from './forged-headers.ts'
import { statusDetails } from './grpc-details.ts'
import { fitsHeader, percentEncoded } from './header-value.ts'
import { grpcMessage, problemBody } from './problem.ts'
import { PAGE_HEADERS, refusalPage } from './refusal-page.ts'
import type {
  HeaderOption,
  HttpStatus,
  Permission,
  Refusal,
  RefusalCode,
  Struct,
  Value,
} from './wire.ts'

/** A decision, and what its answer needs to know of the request. */
export type Answer = {
  readonly decision: Decision
  /** UUID of the decision. */
  readonly id: string
  readonly identity: Identity | null
  /** Names of the request's headers, as received. */
  readonly headerNames: readonly string[]
  /** True for a gRPC client: Envoy turns the body into `grpc-message`. */
  readonly grpc: boolean
  readonly realm: string | null
  /** How this client is to be challenged, by RFC 9470 unless something else is said. */
  readonly dialect?: Dialect | undefined
}

/** The answer for Envoy, and the decision in it: a fault in place of one whose values no header can hold. */
export type Written =
  | {
      readonly decision: Extract<Decision, { outcome: 'allow' }>
      readonly response: Permission
    }
  | {
      readonly decision: Refused
      readonly response: Refusal
      /** Of the challenge in it. */
      readonly dialect?: ChallengeDialect
    }

/**
 * Writes any decision as Envoy's answer. Total: every decision has one, and only outcome `allow` a `Permission`.
 * Our own faults are refusals too, since Envoy may have been told to forward what it takes for an error.
 */
export function writeCheckResponse(answer: Answer): Written {
  const { decision } = answer
  switch (decision.outcome) {
    case 'allow': {
      const response = permission(answer, decision)
      return response === null ? unwritable(answer) : { decision, response }
    }
    case 'step_up':
    case 'unauthenticated': {
      const { realm, grpc, dialect = { name: 'rfc9470' } } = answer
      const put = putChallenge(decision, { realm, grpc, dialect })
      if (put === null) return unwritable(answer)
      const status = { code: 16, http: put.http } as const
      const response = refusal(answer, put.decision, status, put.header ? [put.header] : [])
      return { decision, response, dialect: put.dialect }
    }
    case 'deny':
      return { decision, response: refusal(answer, decision, statusOf(decision), []) }
    case 'fault':
      return fault(answer, decision)
  }
}

/** Null when a value fits no header. */
function permission(
  answer: Answer,
  decision: Extract<Decision, { outcome: 'allow' }>,
): Permission | null {
  const headers = identityHeaders(answer)
  if (!headers.every(([, value]) => fitsHeader(value))) return null
  const set = headers.map(([name]) => name)
  const remove = headersToRemove(answer.headerNames, set).map((name) => name.toWellFormed())
  return {
    status: { code: 0 },
    okResponse: { headers: headers.map(overwrite), headersToRemove: remove },
    dynamicMetadata: metadata(decision, answer.id),
  }
}

function identityHeaders({ decision, identity, id }: Answer): readonly Header[] {
  const headers: Header[] = [[DECISION_ID, id]]
  if (identity?.kind === 'authenticated')
    headers.push(['x-stepgate-subject', percentEncoded(identity.subject.id)])
  const level = decision.presented?.level ?? null
  if (level !== null) headers.push(['x-stepgate-level', level])
  return headers
}

function refusal(
  answer: Answer,
  decision: Refused,
  { code, http }: Status,
  extra: readonly Header[],
): Refusal {
  const id: readonly Header[] = fitsHeader(answer.id) ? [[DECISION_ID, answer.id]] : []
  const headers: readonly Header[] = [...extra, ...id, ['cache-control', 'no-store']]
  const { body, content } = contentOf(answer, decision, http)
  return {
    status: { code },
    deniedResponse: {
      status: { code: http },
      headers: [...headers, ...content].map(overwrite),
      body,
    },
    dynamicMetadata: metadata(decision, answer.id),
  }
}

/** Only where browsers are redirected are they shown a page, and only when nobody else reads the answer. */
function contentOf(answer: Answer, decision: Refused, http: HttpStatus): Content {
  const { id, grpc, dialect } = answer
  if (grpc) {
    const body = grpcMessage(decision)
    return { body, content: details(decision, http, body) }
  }
  if (dialect?.name === 'redirect' && http !== 302)
    return { body: refusalPage(decision, id), content: PAGE_HEADERS }
  const body = problemBody(decision, id, http)
  return { body, content: [...exposed(answer), PROBLEM] }
}

function details(decision: Refused, http: HttpStatus, message: string): readonly Header[] {
  const value = statusDetails(decision, http, message)
  return value === null ? [] : [['grpc-status-details-bin', value]]
}

/** Which origins may read them at all is said by Envoy's CORS filter, never here. */
function exposed({ headerNames }: Answer): readonly Header[] {
  const crossOrigin = headerNames.some((name) => name.toLowerCase() === 'origin')
  return crossOrigin ? [EXPOSED] : []
}

function unwritable(answer: Answer): Written {
  return fault(answer, { ...answer.decision, outcome: 'fault', reason: 'evaluation-failed' })
}

function fault(answer: Answer, decision: Extract<Decision, { outcome: 'fault' }>): Written {
  const status = { code: 14, http: 503 } as const
  return { decision, response: refusal(answer, decision, status, [['retry-after', '1']]) }
}

function statusOf({ reason }: Extract<Decision, { outcome: 'deny' }>): Status {
  return { code: 7, http: AMBIGUOUS.includes(reason) ? 400 : 403 }
}

/** Envoy stores it under `envoy.filters.http.ext_authz`, for access logs and later filters. */
function metadata(decision: Decision, id: string): Struct {
  const values = {
    decision_id: id,
    outcome: decision.outcome,
    rule: decision.rule,
    reason: decision.outcome === 'allow' ? null : decision.reason,
    policy: decision.revision,
    shadow: decision.shadow?.outcome ?? null,
  }
  const fields = Object.entries(values).flatMap(([name, value]): [string, Value][] =>
    value === null ? [] : [[name, { stringValue: value.toWellFormed() }]],
  )
  return { fields: { stepgate: { structValue: { fields: Object.fromEntries(fields) } } } }
}

function overwrite([key, value]: Header): HeaderOption {
  return { header: { key, value }, appendAction: 2 }
}

type Content = { readonly body: string; readonly content: readonly Header[] }
type Header = readonly [name: string, value: string]
type Status = { readonly code: RefusalCode; readonly http: HttpStatus }

const DECISION_ID = 'x-stepgate-decision-id'
/** What a page's script may read of a refusal besides its body (Fetch standard, CORS protocol). */
const EXPOSED: Header = [
  'access-control-expose-headers',
  'WWW-Authenticate, Retry-After, X-Stepgate-Decision-Id',
]
/** A gRPC client must not get one: it would replace `application/grpc`. */
const PROBLEM: Header = ['content-type', 'application/problem+json']

const AMBIGUOUS: readonly string[] = ['ambiguous-path', 'ambiguous-method']
