import type { AccessRequest } from '../domain/access-request.ts'
import { type Decision, type FaultReason, NO_GROUNDS } from '../domain/decision.ts'
import type { DecisionRecord, Stage } from '../domain/decision-record.ts'
import type { Identity } from '../domain/identity.ts'
import { decodeCheckRequest, encodeCheckResponse } from './codec.ts'
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
  readonly identify: (request: AccessRequest) => Identity | Promise<Identity>
  /** `completing` may be handed the same decision with a shadow outcome that the answer does not wait for. */
  readonly decide: (
    request: AccessRequest,
    identity: Identity,
    stage: (stage: Stage) => void,
    completing: (decision: Promise<Decision>) => void,
  ) => Decision | Promise<Decision>
  readonly observe: (carrier: Carrier) => Observation
  readonly newDecisionId: () => string
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Told of every exception that became a fault or was kept from becoming one; null when no decision has an id yet. */
  readonly failed?: (error: unknown, decisionId: string | null) => void
}

/** The telemetry of one decision. */
export type Observation = {
  readonly stage: (stage: Stage) => void
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
  const { decision, identity, completing } = await judge(deps, reading, id, observation)
  const reply =
    attempt(deps, id, () => write({ ...context, decision, identity })) ??
    write({ ...context, decision: fault('evaluation-failed'), identity })
  const record = { id, decision: reply.decision, request, identity }
  const report = (whole: DecisionRecord) => attempt(deps, id, () => observation.decided(whole))
  if (completing === null) report(record)
  else void reportLater(record, completing, report)
  return reply.bytes
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
function write(answer: Answer): { readonly decision: Decision; readonly bytes: Uint8Array } {
  const { decision, response } = writeCheckResponse(answer)
  return { decision, bytes: encodeCheckResponse(response) }
}

async function judge(
  deps: CheckDeps,
  reading: Reading | undefined,
  id: string,
  observation: Observation,
): Promise<Judged> {
  const early = { identity: null, completing: null }
  if (reading === undefined) return { ...early, decision: fault('evaluation-failed') }
  if (reading.kind === 'refused')
    return { ...early, decision: { ...NO_GROUNDS, outcome: 'deny', reason: reading.reason } }
  const stage = (name: Stage) => observation.stage(name)
  let identity: Identity | null = null
  let completing: Promise<Decision> | null = null
  try {
    identity = await deps.identify(reading.request)
    stage('identified')
    const decision = await deps.decide(reading.request, identity, stage, (promise) => {
      completing = promise
    })
    return { decision, identity, completing }
  } catch (error) {
    tell(deps, error, id)
    return { decision: fault('evaluation-failed'), identity, completing: null }
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

type Judged = {
  readonly decision: Decision
  readonly identity: Identity | null
  readonly completing: Promise<Decision> | null
}
