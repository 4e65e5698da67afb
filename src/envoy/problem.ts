import { explain, type Refused } from './explanation.ts'
import { fitsHeader } from './header-value.ts'

/** Bytes of a problem body; Envoy may be told to cut longer ones, which would leave broken JSON. */
export const MAX_BODY = 2048

/**
 * The body of a refusal: problem details (RFC 9457) with our outcome, reason and what the request requires, which
 * repeats the challenge for clients that cannot read headers. Parts that would make it too long are left out.
 */
export function problemBody(decision: Refused, id: string, status: number): string {
  const { title, detail } = explain(decision)
  const { outcome, reason } = decision
  const type = `urn:stepgate:problem:${encodeURIComponent(reason.toWellFormed())}`
  const instance = id === '' ? {} : { instance: `urn:uuid:${id}` }
  const common = { title, status, detail, ...instance, outcome }
  const required = requiredBy(decision)
  const bodies = [
    { type, ...common, reason, ...(required === undefined ? {} : { required }) },
    { type, ...common, reason },
  ].map((body) => JSON.stringify(body))
  const fitting = bodies.find((body) => Buffer.byteLength(body) < MAX_BODY)
  return fitting ?? JSON.stringify({ type: 'about:blank', ...common })
}

/** The body for a gRPC client, which Envoy turns into `grpc-message`: one short line of printable ASCII. */
export function grpcMessage(decision: Refused): string {
  const { detail } = explain(decision)
  const message = `${decision.reason}: ${detail}`
  return message.length <= MAX_MESSAGE && fitsHeader(message) ? message : detail
}

function requiredBy(decision: Refused) {
  if (decision.outcome !== 'step_up') return undefined
  const { requirement, challenge } = decision
  return {
    ...(requirement.level === null ? {} : { level: requirement.level }),
    ...(challenge.maxAge === null ? {} : { max_age: Math.floor(challenge.maxAge) }),
    ...(challenge.acrValues.length === 0 ? {} : { acr_values: challenge.acrValues }),
    ...(requirement.amr.length === 0 ? {} : { amr: requirement.amr }),
    ...(requirement.scope.length === 0 ? {} : { scope: requirement.scope }),
  }
}

const MAX_MESSAGE = 256
