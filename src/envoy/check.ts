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
  readonly decide: (
    request: AccessRequest,
    identity: Identity,
    stage: (stage: Stage) => void,
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
  const { decision, identity } = await judge(deps, reading, id, observation)
  const reply =
    attempt(deps, id, () => write({ ...context, decision, identity })) ??
    write({ ...context, decision: fault('evaluation-failed'), identity })
  const record = { id, decision: reply.decision, request, identity }
  attempt(deps, id, () => observation.decided(record))
  return reply.bytes
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
  if (reading === undefined) return { decision: fault('evaluation-failed'), identity: null }
  if (reading.kind === 'refused') {
    return { decision: { ...NO_GROUNDS, outcome: 'deny', reason: reading.reason }, identity: null }
  }
  const stage = (name: Stage) => observation.stage(name)
  let identity: Identity | null = null
  try {
    identity = await deps.identify(reading.request)
    stage('identified')
    return { decision: await deps.decide(reading.request, identity, stage), identity }
  } catch (error) {
    tell(deps, error, id)
    return { decision: fault('evaluation-failed'), identity }
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

type Judged = { readonly decision: Decision; readonly identity: Identity | null }
