import {
  BERLIN,
  CORPORATE,
  MFA,
  PASSKEY,
  RENEWAL,
  STEP_UP,
  type Step,
  TOKYO,
  type TourRequest,
  tierChange,
} from './tour-step.ts'

const REVOCATION: TourRequest = { method: 'DELETE', path: '/v1/licenses/L-3', from: CORPORATE }

/** What a service that remembers sees: a new device, slices of a big change, a spent login, an impossible journey. */
export const RISK_STEPS: readonly Step[] = [
  {
    title: 'Ada has a new tablet. Many seats, from a device on which nobody has seen her',
    as: 'ada',
    on: 'tablet-ada',
    login: {},
    request: tierChange('L-1', 250),
    expect: { ...STEP_UP, acr: PASSKEY, rule: 'high-risk' },
  },
  {
    title: 'A passkey proves that it is hers, and the tablet is known from now on',
    as: 'ada',
    on: 'tablet-ada',
    login: 'as-challenged',
    request: tierChange('L-1', 250),
    expect: { status: 200 },
  },
  {
    title: 'Later there with her password alone, for daily work: no prompt, as on her laptop',
    as: 'ada',
    on: 'tablet-ada',
    login: { maxAge: 0 },
    request: RENEWAL,
    expect: { status: 200 },
  },
  {
    title: 'Carol cuts a big change into slices: 400 seats',
    as: 'carol',
    request: tierChange('L-1', 400),
    expect: { status: 200 },
  },
  {
    title: 'Another 400',
    as: 'carol',
    request: tierChange('L-2', 400),
    expect: { status: 200 },
  },
  {
    title: 'And another: together more than 1,000 in a day',
    as: 'carol',
    request: tierChange('L-4', 400),
    expect: { ...STEP_UP, acr: PASSKEY, rule: 'many-small-tier-changes' },
  },
  {
    title: 'Carol revokes a licence: that takes a login made for it, however fresh hers is',
    as: 'carol',
    request: REVOCATION,
    expect: { ...STEP_UP, acr: MFA, rule: 'revoke' },
  },
  {
    title: 'She makes one',
    as: 'carol',
    login: 'as-challenged',
    request: REVOCATION,
    expect: { status: 200 },
  },
  {
    title: 'The same request with the same token: that login is spent',
    as: 'carol',
    request: REVOCATION,
    expect: { ...STEP_UP, acr: MFA, rule: 'revoke' },
  },
  {
    title: 'Carol renews from her home in Berlin',
    as: 'carol',
    request: { ...RENEWAL, from: BERLIN },
    expect: { status: 200 },
  },
  {
    title: 'A moment later her session renews from Tokyo',
    as: 'carol',
    request: { ...RENEWAL, from: TOKYO },
    expect: { ...STEP_UP, acr: PASSKEY, rule: 'impossible-travel' },
  },
  {
    title: 'It was her, by a tunnel: a passkey tells her from a thief',
    as: 'carol',
    login: 'as-challenged',
    request: { ...RENEWAL, from: TOKYO },
    expect: { status: 200 },
  },
]
