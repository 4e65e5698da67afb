import { first } from '../domain/access-request.ts'
import type { Decision, RiskReading } from '../domain/decision.ts'
import { verdictFields } from '../domain/decision-json.ts'
import type { DecisionRecord } from '../domain/decision-record.ts'
import type { Identity, Login } from '../domain/identity.ts'
import { numberOrNull, objectOf, quote, quoteAll, quoteOrNull } from '../domain/json-text.ts'
import type { Trail } from '../domain/trail.ts'
import type { Entry } from './chain.ts'
import { consideredJson } from './considered.ts'
import { createMasker, type Mask, type Masker } from './mask.ts'
import type { Pseudonyms } from './pseudonym.ts'
import { valueJson } from './value-json.ts'

/** What only the reporter of a decision knows. */
export type DecisionContext = {
  /** Null when the decision has no trace. */
  readonly span: { readonly traceId: string; readonly spanId: string } | null
  readonly latencyMs: number
  /** `verdictFields` of the decision, where they have been formed already. */
  readonly verdict?: string
  /** How the decision came about; absent where the core does not tell. */
  readonly trail?: Trail
}

/** Forms the entry of one decision. No token, query, header, body or subject is ever in it. */
export type FormDecision = (record: DecisionRecord, context: DecisionContext) => Entry

type Tools = { readonly mask: Mask; readonly show: Masker; readonly pseudonyms: Pseudonyms }

/** Creates the function that forms entries of decisions. Every field is always there. */
export function createFormDecision(pseudonyms: Pseudonyms, mask: Mask): FormDecision {
  const tools = { mask, pseudonyms, show: createMasker(pseudonyms) }
  const callerFields = createCallerFields(tools)
  return (record, context) => ({
    event: 'decision',
    fields:
      `,"decision_id":${quote(record.id)}` +
      callerFields(record) +
      requestFields(record, context.trail, tools) +
      outcomeFields(record.decision, context, tools) +
      contextFields(record, context, tools),
  })
}

type CallerText = {
  readonly fields: string
  /** Of the login, what it is now aside; null without one. */
  readonly login: string | null
}

/** Callers come back with the token that they are remembered by: who they are is written once. */
function createCallerFields(tools: Tools): (record: DecisionRecord) => string {
  const known = new WeakMap<Identity, CallerText>()
  const textOf = (identity: Identity) => {
    const before = known.get(identity)
    if (before !== undefined) return before
    const text = callerText(identity, tools)
    known.set(identity, text)
    return text
  }
  return ({ decision, identity }) => {
    const { fields, login } = identity === null ? NOBODY : textOf(identity)
    const level = quoteOrNull(decision.presented?.level)
    return `${fields},"presented":${login === null ? 'null' : `{"level":${level}${login}}`}`
  }
}

function callerText(identity: Identity, tools: Tools): CallerText {
  const { mask, show } = tools
  const caller = identity.kind === 'authenticated' ? identity : null
  const fields =
    `,"subject":${subjectJson(identity, tools)}` +
    `,"issuer":${quoteOrNull(issuerOf(identity))}` +
    `,"client_id":${show('client_id', mask.client_id, caller?.subject.clientId)}` +
    `,"workload":${caller === null ? 'null' : caller.subject.workload}`
  return { fields, login: caller && loginJson(caller.login, tools) }
}

const NOBODY: CallerText = {
  fields: ',"subject":null,"issuer":null,"client_id":null,"workload":null',
  login: null,
}

function subjectJson(identity: Identity, { mask, pseudonyms }: Tools): string {
  if (identity.kind !== 'authenticated') return 'null'
  if (mask.subject === 'drop') return '"dropped"'
  const { issuer, id } = identity.subject
  return quote(pseudonyms.of('subject', issuer, id))
}

function issuerOf(identity: Identity): string | null {
  switch (identity.kind) {
    case 'authenticated':
      return identity.subject.issuer
    case 'unavailable':
      return identity.issuer
    case 'anonymous':
    case 'rejected':
      return null
  }
}

function loginJson(login: Login, { mask, show }: Tools): string {
  const amr = login.amr?.map((method) => show('amr', 'keep', method)).join(',')
  return (
    `,"acr":${show('acr', mask.acr, login.acr)}` +
    `,"amr":${amr === undefined ? 'null' : `[${amr}]`}` +
    `,"auth_time":${numberOrNull(login.authTime)}`
  )
}

function requestFields(
  { request }: DecisionRecord,
  trail: Trail | undefined,
  { mask, show }: Tools,
): string {
  const params = Object.entries(trail?.params ?? {})
  // A template with its masked parameters says all that the path does, and hides what it should.
  const path = trail?.pathTemplate ? null : request?.path.text
  return (
    `,"client_ip":${show('client_ip', mask.client_ip, request?.source.ip)}` +
    `,"device":${show('device', mask.device, trail?.device)}` +
    `,"method":${show('method', 'keep', request?.method)}` +
    `,"host":${show('host', mask.host, request?.host)}` +
    `,"path_template":${quoteOrNull(trail?.pathTemplate)}` +
    `,"path":${show('path', mask.path, path)}` +
    `,"params":${objectOf(params.map(([name, text]) => [name, show(`params.${name}`, mask.params, text)]))}`
  )
}

function outcomeFields(
  decision: Decision,
  { trail, verdict = verdictFields(decision) }: DecisionContext,
  tools: Tools,
): string {
  const { risk, revision } = decision
  return (
    verdict +
    `,"risk":${risk === null ? 'null' : riskJson(risk, tools)}` +
    `,"considered":${consideredJson(trail?.considered, tools.mask, tools.show)}` +
    `,"policy":{"revision":${quoteOrNull(revision)}}`
  )
}

function riskJson({ score, level, signals, evidence }: RiskReading, { mask, show }: Tools): string {
  const seen = evidence.map(({ signal, name, value }) => {
    const shown = valueJson('evidence', name, mask.evidence, value, show)
    return `{"signal":${quote(signal)},"name":${quote(name)},"value":${shown}}`
  })
  return (
    `{"score":${numberOrNull(score)},"level":${quoteOrNull(level)}` +
    `,"signals":${quoteAll(signals)},"evidence":[${seen.join(',')}]}`
  )
}

function contextFields(
  { request }: DecisionRecord,
  { span, latencyMs }: DecisionContext,
  { mask, show }: Tools,
): string {
  const requestId = request === null ? null : first(request.headers, 'x-request-id')
  return (
    `,"trace_id":${quoteOrNull(span?.traceId)},"span_id":${quoteOrNull(span?.spanId)}` +
    `,"request_id":${show('request_id', mask.request_id, requestId)}` +
    `,"latency_us":${numberOrNull(Math.round(latencyMs * 1000))}`
  )
}
