import type { AccessRequest } from '../domain/access-request.ts'
import { type Decision, type FaultReason, NO_GROUNDS } from '../domain/decision.ts'
import type { DecisionRecord, Stage } from '../domain/decision-record.ts'
import type { Identity } from '../domain/identity.ts'
import type { Trail } from '../domain/trail.ts'
import type { ChooseDialect } from './choose-dialect.ts'
import { decodeCheckRequest, encodeCheckResponse } from './codec.ts'
import { type DpopTerms, inDpop } from './dpop-challenge.ts'
import { type Reading, readRequest } from './read.ts'
import { type Answer, writeCheckResponse } from './write.ts'

/** Answers one Check call, bytes for bytes; `carrier` reads the metadata of the call, where the trace context is. */
export type Check = (bytes: Uint8Array, carrier: Carrier) => Promise<Uint8Array>

/** Metadata of a call by lower-case name. */
export type Carrier = (name: string) => string | undefined

/** What one request needs from the other rooms; none of them is trusted not to throw. */
export type CheckDeps = {
  /** Proxies in front of Envoy whose X-Forwarded-For counts. */
  readonly trustedHops: number
  /** The filters of Envoy whose metadata `identify` looks into. */
  readonly metadataNamespaces: readonly string[]
  readonly realm: string | null
  /** How a client is to be challenged. */
  readonly dialectOf: ChooseDialect
  /** What clients of DPoP are told; absent: nothing of it. */
  readonly dpop?: DpopTerms
  readonly identify: (request: AccessRequest) => Identity | Promise<Identity>
  /**
   * `completing` may be handed the same decision with a shadow outcome that the answer does not wait for, `telling` what
   * tells how the decision came about.
   */
  readonly decide: (
    request: AccessRequest,
    identity: Identity,
    stage: (stage: Stage) => void,
    completing: (decision: Promise<Decision>) => void,
    telling: (trail: TellTrail) => void,
  ) => Decision | Promise<Decision>
  readonly observe: (carrier: Carrier) => Observation
  readonly newDecisionId: () => string
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Told of every exception that became a fault or was kept from becoming one; null when no decision has an id yet. */
  readonly failed?: (error: unknown, decisionId: string | null) => void
}

type TellTrail = (given: Decision) => Trail

/** The telemetry of one decision. */
export type Observation = {
  readonly stage: (stage: Stage) => void
  /** The answer is formed, and leaves; the report may have to wait for what was tried in shadow. */
  readonly answered: () => void
  readonly decided: (record: DecisionRecord) => void
}

/**
 * One request through the rooms. The promise never rejects: whatever throws on the way ends in a fault, and reporting
 * that fails changes no answer. Bytes that are no CheckRequest are a fault too.
 */
export function createCheck(deps: CheckDeps): Check {
  return async (bytes, carrier) => {
    let id: string | null = null
    try {
      id = deps.newDecisionId()
      return await answerTo(deps, bytes, id, deps.observe(carrier))
    } catch (error) {
      tell(deps, error, id)
      return lastResort('evaluation-failed', id ?? '')
    }
  }
}

/** The bytes of a fault for failures outside of any decision, which may have no id. */
export function lastResort(reason: FaultReason, id = ''): Uint8Array {
  const unread = { id, identity: null, headerNames: [], grpc: false, realm: null }
  return write({ ...unread, decision: fault(reason) }).bytes
}

async function answerTo(deps: CheckDeps, bytes: Uint8Array, id: string, observation: Observation) {
  const reading = attempt(deps, id, () => readRequest(decodeCheckRequest(bytes), deps))
  const request = reading?.kind === 'request' ? reading.request : null
  const headerNames = request?.headerNames ?? []
  const context = { id, headerNames, grpc: reading?.grpc ?? false, realm: deps.realm }
  const { decision, identity, completing, trail } = await judge(deps, reading, id, observation)
  const reply =
    attempt(deps, id, () => {
      const refused = decision.outcome !== 'allow' && request && identity
      const dialect = refused ? deps.dialectOf(request, identity) : undefined
      const written = { ...context, decision, identity, dialect }
      return write(written, deps.dpop && { request, terms: deps.dpop })
    }) ?? write({ ...context, decision: fault('evaluation-failed'), identity })
  attempt(deps, id, () => observation.answered())
  const { bytes: answer, ...told } = reply
  if (told.decision.outcome === 'fault' && decision.outcome !== 'fault') {
    const what = `${decision.outcome} by rule ${decision.rule ?? 'none'}`
    tell(deps, new Error(`the answer ${what} has a value that fits no header`), id)
  }
  const record = { id, ...told, request, identity }
  const report = (whole: DecisionRecord) =>
    attempt(deps, id, () => observation.decided(withTrail(whole, trail)))
  if (completing === null) report(record)
  else void reportLater(record, completing, report)
  return answer
}

function withTrail(record: DecisionRecord, trail: TellTrail | null): DecisionRecord {
  return trail === null ? record : { ...record, trail: () => trail(record.decision) }
}

/** The answer is on its way; what was tried in shadow joins its record when it is known, if ever. */
async function reportLater(
  record: DecisionRecord,
  completing: Promise<Decision>,
  report: (record: DecisionRecord) => void,
): Promise<void> {
  const shadow = await completing.then(
    (complete) => complete.shadow,
    () => null,
  )
  report({ ...record, decision: { ...record.decision, shadow } })
}

/** The decision is the one that was written: a fault where the values of the other fitted no header. */
function write(answer: Answer, dpop?: Dpop): Told & { readonly bytes: Uint8Array } {
  const { response, ...told } = writeCheckResponse(answer)
  const said = dpop ? inDpop(response, told.decision, dpop.request, dpop.terms) : response
  return { ...told, bytes: encodeCheckResponse(said) }
}

type Dpop = { readonly request: AccessRequest | null; readonly terms: DpopTerms }

async function judge(
  deps: CheckDeps,
  reading: Reading | undefined,
  id: string,
  observation: Observation,
): Promise<Judged> {
  const early = { identity: null, completing: null, trail: null }
  if (reading === undefined) return { ...early, decision: fault('evaluation-failed') }
  if (reading.kind === 'refused')
    return { ...early, decision: { ...NO_GROUNDS, outcome: 'deny', reason: reading.reason } }
  const stage = (name: Stage) => observation.stage(name)
  let identity: Identity | null = null
  let completing: Promise<Decision> | null = null
  let trail: TellTrail | null = null
  try {
    identity = await deps.identify(reading.request)
    stage('identified')
    const complete = (promise: Promise<Decision>) => {
      completing = promise
    }
    const tellTrail = (told: TellTrail) => {
      trail = told
    }
    const decision = await deps.decide(reading.request, identity, stage, complete, tellTrail)
    return { decision, identity, completing, trail }
  } catch (error) {
    tell(deps, error, id)
    return { decision: fault('evaluation-failed'), identity, completing: null, trail }
  }
}

function attempt<T>(deps: CheckDeps, id: string, step: () => T): T | undefined {
  try {
    return step()
  } catch (error) {
    tell(deps, error, id)
    return undefined
  }
}

function tell(deps: CheckDeps, error: unknown, id: string | null): void {
  try {
    deps.failed?.(error, id)
  } catch {
    // Whoever reports failures has failed itself: nobody is left to tell.
  }
}

function fault(reason: FaultReason): Decision {
  return { ...NO_GROUNDS, outcome: 'fault', reason }
}

/** What was answered, for the record. */
type Told = Pick<DecisionRecord, 'decision' | 'dialect'>

type Judged = {
  readonly decision: Decision
  readonly identity: Identity | null
  readonly completing: Promise<Decision> | null
  readonly trail: TellTrail | null
}
