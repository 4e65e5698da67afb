import { DEFAULT_TOLERANCE } from '../../src/domain/assurance.ts'
import type { Decision } from '../../src/domain/decision.ts'
import type { DecisionRecord } from '../../src/domain/decision-record.ts'

const REQUIREMENT = { level: 'mfa', rank: 2, maxAge: 28_800, amr: [], scope: [], singleUse: false }

const DECISION: Decision = {
  outcome: 'allow',
  rule: 'renew',
  rules: ['renew'],
  indeterminate: [],
  candidates: 3,
  presented: { level: 'mfa', authAge: 180 },
  revision: '3f1c5a9be0d2',
  risk: {
    score: 40,
    level: 'elevated',
    signals: ['outside-office-hours', 'unknown-device'],
    evidence: [],
  },
  shadow: null,
  requirement: REQUIREMENT,
}

/** What an ordinary request comes to. */
export const RECORD: DecisionRecord = {
  id: '0b0e7d0c-9a4e-4d6b-8d3a-2f5c1e6b7a80',
  decision: DECISION,
  identity: {
    kind: 'authenticated',
    subject: {
      issuer: 'idp',
      id: 'ada',
      clientId: 'portal',
      workload: false,
      roles: [],
      claims: {},
    },
    login: {
      acr: 'mfa',
      amr: ['pwd', 'otp'],
      authTime: 0,
      proof: 'acr',
      tolerance: DEFAULT_TOLERANCE,
    },
  },
  request: {
    id: '17',
    time: 0,
    method: 'POST',
    host: 'licensing.example.com',
    path: { text: '/v1/licenses/L-17/renew', segments: ['v1', 'licenses', 'L-17', 'renew'] },
    scheme: 'https',
    protocol: 'HTTP/2',
    query: new Map(),
    headers: new Map(),
    headerNames: [],
    body: { kind: 'missing' },
    context: new Map(),
    metadata: new Map(),
    source: { ip: '10.20.30.17', principal: '' },
  },
}
