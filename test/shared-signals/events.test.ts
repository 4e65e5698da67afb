import { describe, it } from 'node:test'
import { IDP, NOW_MS, NOW_S, ofAda } from './effects.ts'
import { type Effect, expectEffect } from './expect-effect.ts'
import { ADA, CAEP, complex, opaque, RISC, SSF, STREAM, setOf } from './sets.ts'

const WHEN = { event_timestamp: NOW_S - 30 }
const { revoked, ofSession, disabled, enabled, compliant, notCompliant } = ofAda(NOW_MS - 30_000)

const [SESSION, LAPTOP, TENANT] = [opaque('s-1'), opaque('d-1'), opaque('t-1')]
const EMAIL = { format: 'email', email: 'ada@example.com' }
const ofAdaAnd = (members: object) => complex({ user: ADA, ...members })
const device = (iss: string) => ({ format: 'iss_sub', iss, sub: 'd-1' })
const change = (type: string) => ({ credential_type: 'password', change_type: type })
const status = (current: string) => ({ previous_status: 'x', current_status: current })

const SESSION_REVOKED = `${CAEP}session-revoked`
const CREDENTIAL = `${CAEP}credential-change`
const LEVEL = `${CAEP}assurance-level-change`
const DEVICE = `${CAEP}device-compliance-change`

type Case = readonly [name: string, type: string, event: object, subject: unknown, effect: Effect]

const CASES: readonly Case[] = [
  ['of one session', SESSION_REVOKED, {}, ofAdaAnd({ session: SESSION }), ofSession],
  ['of a user', SESSION_REVOKED, {}, ADA, revoked],
  [
    'of a session that it does not name',
    SESSION_REVOKED,
    {},
    ofAdaAnd({ session: EMAIL }),
    revoked,
  ],
  ['of a user on a device', SESSION_REVOKED, {}, ofAdaAnd({ device: LAPTOP }), revoked],
  ['whatever else it says', `${RISC}sessions-revoked`, {}, ofAdaAnd({ session: SESSION }), revoked],
  ['of a password', CREDENTIAL, change('update'), ADA, revoked],
  ['that revokes one', CREDENTIAL, change('revoke'), ADA, revoked],
  ['that deletes one', CREDENTIAL, change('delete'), ADA, revoked],
  ['of a kind that is not known', CREDENTIAL, change('Create'), ADA, revoked],
  ['of a kind that it does not tell', CREDENTIAL, {}, ADA, revoked],
  ['that adds one', CREDENTIAL, change('create'), ADA, 'ignored'],
  ['that adds one to nobody', CREDENTIAL, change('create'), undefined, 'unknown-subject'],
  ['to a weaker login', LEVEL, { change_direction: 'decrease' }, ADA, revoked],
  ['in a direction that it does not tell', LEVEL, { current_level: 'nist-aal3' }, ADA, revoked],
  ['to a stronger login', LEVEL, { change_direction: 'increase' }, ADA, 'ignored'],
  ['to the worse', DEVICE, status('not-compliant'), complex({ device: LAPTOP }), notCompliant],
  ['to the better', DEVICE, status('compliant'), complex({ device: LAPTOP }), compliant],
  ['to another status', DEVICE, status('unknown'), complex({ device: LAPTOP }), notCompliant],
  ['to none', DEVICE, {}, LAPTOP, notCompliant],
  ['of a user’s', DEVICE, {}, ofAdaAnd({ device: device(IDP) }), notCompliant],
  ['of the transmitter’s', DEVICE, {}, device(STREAM.issuer), notCompliant],
  ['of somebody else’s', DEVICE, {}, device('https://mdm.example.com'), 'unknown-subject'],
  ['of a user, not of a device', DEVICE, {}, complex({ user: ADA }), 'unknown-subject'],
  ['as it is', `${RISC}account-disabled`, { reason: 'hijacking' }, ADA, disabled],
  ['as it is', `${RISC}account-purged`, {}, ADA, disabled],
  ['as it is', `${RISC}account-enabled`, {}, ADA, enabled],
  ['about a stream', `${SSF}verification`, { state: 'abc' }, opaque('stream'), 'applied'],
  ['about nothing', `${RISC}verification`, { state: 'abc' }, undefined, 'applied'],
]

/** Events that mean nothing here, or not by that name. */
const OTHERS = [
  `${CAEP}token-claims-change`,
  `${CAEP}risk-level-change`,
  `${CAEP}session-established`,
  `${RISC}credential-compromise`,
  `${SSF}stream-updated`,
  `${CAEP}verification`,
  `${CAEP}account-enabled`,
  `${RISC}session-revoked`,
  `${CAEP}constructor`,
  `${CAEP}session-revoked/`,
  'https://evil.example/account-enabled',
  'account-enabled',
  '__proto__',
]

const DISABLED = `${RISC}account-disabled`

/** When an event happened by its SET, in seconds; when it counts as happened, in milliseconds from now. */
const TIMES: readonly (readonly [string, object, object, number])[] = [
  ['in seconds', WHEN, {}, -30_000],
  ['in milliseconds', { event_timestamp: NOW_MS - 29_357 }, {}, -29_357],
  ['in parts of seconds', { event_timestamp: NOW_S - 30.5 }, {}, -30_500],
  ['not said: when the SET says it did', {}, { toe: NOW_S - 20 }, -20_000],
  ['not said at all: when the SET was issued', {}, {}, -10_000],
  ['said in text', { event_timestamp: 'now' }, {}, -10_000],
  ['before all time', { event_timestamp: -1 }, {}, -10_000],
  ['never set', { event_timestamp: 0 }, { toe: 0 }, -10_000],
  ['in the second of the SET', { event_timestamp: NOW_MS - 9300 }, {}, -9300],
  ['after the SET', { event_timestamp: NOW_S - 5 }, {}, -9001],
  ['in the future', { event_timestamp: NOW_S + 86_400 }, {}, -9001],
  ['in the year 5138', { event_timestamp: 99_999_999_999 }, {}, -9001],
  ['by a clock that is ahead', { event_timestamp: NOW_S + 40 }, { iat: NOW_S + 50 }, 40_000],
]

describe('what an event comes to', () => {
  for (const [name, type, event, subject, effect] of CASES) {
    const label = type.split('/').at(-1) ?? ''
    it(`${label} ${name}`, () => {
      const set = setOf(type, { ...WHEN, ...event }, { sub_id: subject })
      return expectEffect({}, set, effect, label)
    })
  }
  for (const type of OTHERS)
    it(`nothing: ${type}`, () => expectEffect({}, setOf(type, WHEN), 'ignored', 'other'))
})

describe('when an event happened', () => {
  for (const [name, event, more, at] of TIMES)
    it(name, () => {
      const effect = ofAda(NOW_MS + at).disabled
      return expectEffect({}, setOf(DISABLED, event, more), effect, 'account-disabled')
    })
})

describe('how a SET may be written', () => {
  const same: readonly (readonly [string, object])[] = [
    ['for several, us among them', { aud: ['https://other.example.com', STREAM.audience] }],
    ['with an exp that is to come', { exp: NOW_S + 60 }],
    ['with a clock that is ahead a little', { iat: NOW_S + 60 }],
    ['with claims of its own', { txn: 't', sub: 'somebody', tenant: TENANT }],
  ]
  for (const [name, more] of same)
    it(name, () => expectEffect({}, setOf(DISABLED, WHEN, more), disabled, 'account-disabled'))
})
