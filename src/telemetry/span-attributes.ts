import type { Attributes } from '@opentelemetry/api'
import {
  ATTR_ERROR_TYPE,
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_RPC_METHOD,
  ATTR_RPC_STATUS_CODE,
  ATTR_RPC_SYSTEM_NAME,
  ATTR_URL_PATH,
  RPC_SYSTEM_NAME_VALUE_GRPC,
} from '@opentelemetry/semantic-conventions'
import type { AccessRequest } from '../domain/access-request.ts'
import type { Decision, Evidence } from '../domain/decision.ts'
import { reasonOf, requirementOf } from '../domain/decision-json.ts'
import type { DecisionRecord } from '../domain/decision-record.ts'
import { reportable } from './redact.ts'

/** Stable RPC semantic conventions (1.45): the method is the full name. The call itself always succeeds: a refusal is an answer. */
const CALL: Attributes = {
  [ATTR_RPC_SYSTEM_NAME]: RPC_SYSTEM_NAME_VALUE_GRPC,
  [ATTR_RPC_METHOD]: 'envoy.service.auth.v3.Authorization/Check',
  [ATTR_RPC_STATUS_CODE]: 'OK',
}

/** The attributes of a decision's span; what is not known is left out. No token, claim value or subject is in them. */
export function spanAttributes({ id, decision, request }: DecisionRecord): Attributes {
  return {
    ...CALL,
    ...requestAttributes(request),
    ...assuranceAttributes(decision),
    'stepgate.decision.id': id,
    'stepgate.outcome': decision.outcome,
    'stepgate.rule': decision.rule ?? undefined,
    'stepgate.reason': reasonOf(decision) ?? undefined,
    'stepgate.shadow_outcome': decision.shadow?.outcome,
    'stepgate.risk.score': decision.risk?.score,
    'stepgate.risk.level': decision.risk?.level ?? undefined,
    'stepgate.risk.signals': decision.risk ? [...decision.risk.signals] : undefined,
    'stepgate.risk.evidence': decision.risk?.evidence.map(evidenceText),
    'stepgate.policy.revision': decision.revision ?? undefined,
    'stepgate.rules.candidates': decision.candidates,
    'stepgate.rules.applied': [...decision.rules],
    [ATTR_ERROR_TYPE]: decision.outcome === 'fault' ? decision.reason : undefined,
  }
}

/** `unknown-device device.known=false` */
function evidenceText({ signal, name, value }: Evidence): string {
  return `${signal} ${name}=${value ?? 'unavailable'}`
}

function requestAttributes(request: AccessRequest | null): Attributes {
  if (request === null) return {}
  return {
    [ATTR_HTTP_REQUEST_METHOD]: reportable(request.method),
    [ATTR_URL_PATH]: reportable(request.path.text),
  }
}

function assuranceAttributes(decision: Decision): Attributes {
  const required = requirementOf(decision)
  return {
    'stepgate.required.level': required?.level ?? undefined,
    'stepgate.required.max_age': required?.maxAge ?? undefined,
    'stepgate.presented.level': decision.presented?.level ?? undefined,
    'stepgate.presented.auth_age': decision.presented?.authAge ?? undefined,
  }
}
