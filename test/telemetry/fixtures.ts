import type { AccessRequest } from '../../src/domain/access-request.ts'
import { DEFAULT_TOLERANCE } from '../../src/domain/assurance.ts'
import { type Decision, type Grounds, NO_GROUNDS } from '../../src/domain/decision.ts'
import type { DecisionRecord } from '../../src/domain/decision-record.ts'
import type { Identity } from '../../src/domain/identity.ts'
import type { Requirement } from '../../src/domain/requirement.ts'
import { createLog, type Log } from '../../src/telemetry/log.ts'
import type { LogLevel } from '../../src/telemetry/log-level.ts'

/** Starts every value that must never be reported, so that one search finds them all. */
export const CANARY = 'c4n4ry'

/** A token in the shape of a JWT; its middle part says nothing. */
export const TOKEN = `eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhZGEifQ.${CANARY}-signature`

const REQUEST: AccessRequest = {
  id: '17',
  time: 1_795_000_000_000,
  method: 'PUT',
  host: 'licensing.example.com',
  path: { text: '/v1/licenses/L-1/tier', segments: ['v1', 'licenses', 'L-1', 'tier'] },
  scheme: 'https',
  protocol: 'HTTP/2',
  query: new Map([['q', [`${CANARY}-query`]]]),
  headers: new Map([
    ['authorization', [`Bearer ${TOKEN}`]],
    ['x-secret', [`${CANARY}-header`]],
  ]),
  headerNames: ['authorization', 'x-secret'],
  body: { kind: 'complete', bytes: Buffer.from(`{"seats":"${CANARY}-body"}`) },
  context: new Map([['key', `${CANARY}-context`]]),

  metadata: new Map(),
  source: { ip: '192.0.2.7', principal: `${CANARY}-principal` },
}

const ADA: Identity = {
  kind: 'authenticated',
  subject: {
    issuer: 'idp',
    id: `${CANARY}-subject`,
    clientId: `${CANARY}-client`,
    workload: false,
    roles: [`${CANARY}-role`],
    claims: { department: `${CANARY}-claim` },
  },
  login: {
    acr: `${CANARY}-acr`,
    amr: ['pwd'],
    authTime: 1_795_000_000,
    proof: 'both',
    tolerance: DEFAULT_TOLERANCE,
  },
}

const REQUIREMENT: Requirement = {
  level: 'phishing-resistant',
  rank: 3,
  maxAge: 300,
  amr: [[['fido'], ['hwk', 'user']]],
  scope: ['licenses.write'],
  singleUse: false,
}

const GROUNDS: Grounds = {
  rule: 'big-tier-change',
  rules: ['big-tier-change', 'manage'],
  indeterminate: [],
  candidates: 4,
  presented: { level: 'mfa', authAge: 180 },
  revision: 'abc123',
  risk: null,
  shadow: null,
}

const DECISIONS = {
  allow: { ...GROUNDS, outcome: 'allow', rule: 'manage', requirement: REQUIREMENT },
  step_up: {
    ...GROUNDS,
    outcome: 'step_up',
    reason: 'insufficient_user_authentication',
    requirement: REQUIREMENT,
    shortfalls: ['too-weak', 'too-old'],
    challenge: { acrValues: ['3'], maxAge: 300, scope: [] },
  },
  deny: {
    ...GROUNDS,
    outcome: 'deny',
    reason: 'no-rule',
    rule: null,
    rules: [],
    indeterminate: [{ rule: 'suspended', missing: 'subject.claims.suspended' }],
  },
  unauthenticated: {
    ...NO_GROUNDS,
    outcome: 'unauthenticated',
    reason: 'invalid_token',
    problem: 'expired',
    revision: 'abc123',
    risk: null,
    shadow: null,
  },
  fault: { ...NO_GROUNDS, outcome: 'fault', reason: 'not-ready' },
} satisfies Record<Decision['outcome'], Decision>

const IDENTITIES: Record<Decision['outcome'], Identity | null> = {
  allow: ADA,
  step_up: ADA,
  deny: ADA,
  unauthenticated: { kind: 'rejected', problem: 'expired' },
  fault: { kind: 'unavailable', issuer: 'idp' },
}

/** The id of every made-up decision. */
export const DECISION_ID = '0b0e7d0c-9a4e-4d6b-8d3a-2f5c1e6b7a80'

/** All five outcomes. */
export const OUTCOMES = ['allow', 'step_up', 'deny', 'unauthenticated', 'fault'] as const

/** The record of a decision with that outcome, full of values that must not be reported. */
export function recordOf(
  outcome: Decision['outcome'],
  change: Partial<Decision> & { readonly path?: string } = {},
): DecisionRecord {
  const { path, ...rest } = change
  const decision = { ...DECISIONS[outcome], ...rest } as Decision
  const request = path === undefined ? REQUEST : { ...REQUEST, path: { text: path, segments: [] } }
  const record = { id: DECISION_ID, decision, request, identity: IDENTITIES[outcome] }
  return outcome === 'step_up' ? { ...record, dialect: 'rfc9470' } : record
}

/** A log whose lines are kept, as text and as objects. */
export function memoryLog(level: LogLevel = 'info'): {
  log: Log
  text: () => string
  lines: () => Record<string, unknown>[]
} {
  const written: string[] = []
  const log = createLog(level, { write: (line) => void written.push(line) })
  return { log, text: () => written.join(''), lines: () => written.map((line) => JSON.parse(line)) }
}
