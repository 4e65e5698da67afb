import { RISK_STEPS } from './tour-risk.ts'
import {
  ANONYMISER,
  CORPORATE,
  MFA,
  PASSKEY,
  RENEWAL,
  STEP_UP,
  type Step,
  tierChange,
} from './tour-step.ts'

/** The tour: every kind of answer, in the order in which it explains itself. */
export const TOUR: readonly Step[] = [
  {
    title: 'Somebody without a token reads licences',
    as: 'nobody',
    request: { method: 'GET', path: '/v1/licenses', from: CORPORATE },
    expect: { status: 401, reason: 'unauthenticated' },
  },
  {
    title: 'Ada, a licence manager, logs in with her password and reads',
    as: 'ada',
    login: {},
    request: { method: 'GET', path: '/v1/licenses/L-1', from: CORPORATE },
    expect: { status: 200 },
  },
  {
    title: 'Ada renews a licence in office hours: no prompt',
    as: 'ada',
    request: RENEWAL,
    expect: { status: 200 },
  },
  {
    title: 'Ada changes a tier: a password is not enough for that',
    as: 'ada',
    request: tierChange('L-1', 60),
    expect: { ...STEP_UP, acr: MFA },
  },
  {
    title: 'Ada does what the challenge says, and tries again',
    as: 'ada',
    login: 'as-challenged',
    request: tierChange('L-1', 60),
    expect: { status: 200 },
  },
  {
    title: 'Six hundred seats are worth more than a code from a phone',
    as: 'ada',
    request: tierChange('L-1', 600),
    expect: { ...STEP_UP, acr: PASSKEY },
  },
  {
    title: 'Sixty seats again, but from a suspicious address',
    as: 'ada',
    request: { ...tierChange('L-1', 60), from: ANONYMISER },
    expect: { ...STEP_UP, acr: PASSKEY },
  },
  {
    title: 'Ada logs in with a passkey, and tries again from there',
    as: 'ada',
    login: 'as-challenged',
    request: { ...tierChange('L-1', 60), from: ANONYMISER },
    expect: { status: 200 },
  },
  {
    title:
      'The office closes (the policy changes while it runs), and Carol renews: now a password is not enough',
    as: 'carol',
    login: {},
    office: 'closed',
    request: RENEWAL,
    expect: { ...STEP_UP, acr: MFA },
  },
  {
    title: 'Carol proves who she is, and renews',
    as: 'carol',
    login: 'as-challenged',
    request: RENEWAL,
    expect: { status: 200 },
  },
  {
    title:
      'The office is open again. Bob, who may only look, renews: no login would help, so no challenge',
    as: 'bob',
    login: {},
    office: 'open',
    request: RENEWAL,
    expect: { status: 403, reason: 'no-rule' },
  },
  ...RISK_STEPS,
  {
    title:
      'Carol reports a lost phone, and the provider ends her sessions: nobody reads with her token any more',
    as: 'carol',
    sessions: 'ended',
    request: { method: 'GET', path: '/v1/licenses', from: CORPORATE },
    expect: { status: 403, reason: 'session-revoked', rule: 'ended-session' },
  },
  {
    title: 'Carol logs in anew, and reads',
    as: 'carol',
    login: { maxAge: 0 },
    request: { method: 'GET', path: '/v1/licenses', from: CORPORATE },
    expect: { status: 200 },
  },
  {
    title: 'Somebody sends a token that is none',
    as: 'forger',
    request: { method: 'GET', path: '/v1/licenses', from: CORPORATE },
    expect: { status: 401, reason: 'invalid_token' },
  },
]
