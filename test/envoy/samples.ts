import { type Decision, NO_GROUNDS } from '../../src/domain/decision.ts'

export type StepUp = Extract<Decision, { outcome: 'step_up' }>

export const STEP_UP: StepUp = {
  ...NO_GROUNDS,
  outcome: 'step_up',
  reason: 'insufficient_user_authentication',
  rule: 'big-tier-change',
  revision: 'r1',
  risk: null,
  shadow: null,
  requirement: {
    level: 'phishing-resistant',
    rank: 3,
    maxAge: 300,
    amr: [[['fido'], ['hwk', 'user']]],
    scope: [],
    singleUse: false,
  },
  shortfalls: ['too-weak'],
  challenge: { acrValues: ['urn:okta:loa:2fa:any', 'phr'], maxAge: 300, scope: [] },
}
export const LACKS_SCOPE: StepUp = {
  ...STEP_UP,
  reason: 'insufficient_scope',
  shortfalls: ['scope'],
  challenge: { acrValues: [], maxAge: null, scope: ['licenses.write', 'tiers'] },
}
export const NO_TOKEN: Extract<Decision, { outcome: 'unauthenticated' }> = {
  ...NO_GROUNDS,
  outcome: 'unauthenticated',
  reason: 'unauthenticated',
  problem: null,
}
export const BAD_TOKEN: typeof NO_TOKEN = {
  ...NO_TOKEN,
  reason: 'invalid_token',
  problem: 'expired',
}
