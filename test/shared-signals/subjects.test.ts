import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Stream } from '../../src/shared-signals/stream.ts'
import { IDP, NOW_MS, NOW_S, ofAda } from './effects.ts'
import { type Effect, expectEffect } from './expect-effect.ts'
import { receiveWorld } from './receive-world.ts'
import { ADA, CAEP, complex, opaque, RISC, STREAM, setOf } from './sets.ts'

const WHEN = { event_timestamp: NOW_S - 30 }
const { disabled, enabled, notCompliant, ofSession, revoked } = ofAda(NOW_MS - 30_000)

const DISABLED = `${RISC}account-disabled`
const ENABLED = `${RISC}account-enabled`
const aliases = (identifiers: unknown) => ({ format: 'aliases', identifiers })
const EMAIL = { format: 'email', email: 'ada@example.com' }
const OWN = { ...ADA, iss: STREAM.issuer }

type Case = readonly [name: string, stream: Partial<Stream>, subject: unknown]

const KNOWN: readonly Case[] = [
  ['issuer and sub', {}, ADA],
  ['the user of a complex one', {}, complex({ user: ADA, tenant: opaque('t') })],
  ['one of several names', {}, aliases([EMAIL, 7, ADA])],
  ['an opaque id, bound to an issuer', { subjects: 'idp' }, opaque('ada')],
  ['one of the transmitter’s own, bound', { subjects: 'idp' }, OWN],
  ['one of the bound issuer by its URL', { subjects: 'idp' }, ADA],
  ['as RISC wrote it first', {}, { subject_type: 'iss-sub', iss: IDP, sub: 'ada' }],
  ['a complex one that does not say so', {}, { user: ADA, session: opaque('s-1') }],
]

const BOB = { issuer: 'idp', id: 'bob' }
const ofBob = { ...disabled, subject: BOB }

/** Each of the names counts, whatever is between them. */
const SEVERAL: readonly (readonly [
  name: string,
  type: string,
  identifiers: unknown,
  effect: Effect,
])[] = [
  ['two names', DISABLED, [ADA, { ...ADA, sub: 'bob' }], [disabled, ofBob]],
  ['the later one in another form', DISABLED, [EMAIL, ADA, 7, opaque('bob')], [disabled, ofBob]],
  ['one name twice', DISABLED, [ADA, ADA], [disabled]],
  ['the eleventh not', DISABLED, [...Array(9).fill(EMAIL), ADA, opaque('bob')], [disabled]],
  [
    'the names of an account that is enabled',
    ENABLED,
    [ADA, opaque('bob')],
    [enabled, { ...enabled, subject: BOB }],
  ],
  [
    'the names of a device',
    `${CAEP}device-compliance-change`,
    [EMAIL, opaque('d-1'), opaque('d-2')],
    [notCompliant, { ...notCompliant, device: 'd-2' }],
  ],
]

const UNKNOWN: readonly Case[] = [
  ['an opaque id, bound to nobody', {}, opaque('ada')],
  ['one of the transmitter’s own, bound to nobody', {}, OWN],
  ['one of another issuer than the bound one', { subjects: 'partner' }, ADA],
  ['one of an issuer that is not configured', {}, { ...ADA, iss: 'https://x.example' }],
  ['one of nearly an issuer', {}, { ...ADA, iss: `${IDP}/` }],
  ['the name of an issuer for its URL', {}, { ...ADA, iss: 'idp' }],
  ['a list of issuers', {}, { ...ADA, iss: [IDP] }],
  ['an email', {}, EMAIL],
  ['an email, bound', { subjects: 'idp' }, EMAIL],
  ['a phone number', {}, { format: 'phone_number', phone_number: '+1' }],
  ['an account', {}, { format: 'account', uri: 'acct:ada@example.com' }],
  ['a format of its own', {}, { ...ADA, format: 'x' }],
  ['a format in capitals', {}, { ...ADA, format: 'ISS_SUB' }],
  ['no format', {}, { iss: IDP, sub: 'ada' }],
  ['a tenant', {}, complex({ tenant: opaque('t') })],
  ['a complex one in a complex one', {}, complex({ user: complex({ user: ADA }) })],
  ['names in names', {}, aliases([aliases([ADA])])],
  ['too many names', {}, aliases([...Array(10).fill(EMAIL), ADA])],
  ['names that are no list', {}, aliases(ADA)],
  ['none', {}, undefined],
  ['null', {}, null],
  ['text', {}, 'ada'],
  ['a list', {}, [ADA]],
  ['an empty sub', {}, { ...ADA, sub: '' }],
  ['a sub of a number', {}, { ...ADA, sub: 7 }],
  ['a sub that is too long', {}, { ...ADA, sub: 'a'.repeat(256) }],
  ['a sub of two lines', {}, { ...ADA, sub: 'ada\nada' }],
  ['half a character', {}, { ...ADA, sub: 'ada\ud800' }],
]

describe('whom an event is about', () => {
  for (const [name, stream, subject] of KNOWN)
    it(name, () => {
      const set = setOf(DISABLED, WHEN, { sub_id: subject })
      return expectEffect(stream, set, disabled, 'account-disabled')
    })
})

describe('whom an event is about by several names', () => {
  for (const [name, type, identifiers, effect] of SEVERAL)
    it(name, () => {
      const set = setOf(type, WHEN, { sub_id: aliases(identifiers) })
      return expectEffect({ subjects: 'idp' }, set, effect, type.split('/').at(-1) ?? '')
    })

  it('is forgotten by each of them, also where nothing changes', async () => {
    await using world = receiveWorld({ subjects: 'idp' })
    const sub_id = aliases([ADA, opaque('bob')])
    await world.receive(setOf(`${CAEP}credential-change`, { change_type: 'create' }, { sub_id }))
    assert.deepEqual(world.forgotten, ['idp ada', 'idp bob'])
  })
})

describe('whom an event is about, and nobody knows: acknowledged, counted, without effect', () => {
  for (const [name, stream, subject] of UNKNOWN)
    it(name, () => {
      const set = setOf(DISABLED, WHEN, { sub_id: subject })
      return expectEffect(stream, set, 'unknown-subject', 'account-disabled')
    })

  it('nor is the sub of the SET a subject', () => {
    const set = setOf(DISABLED, WHEN, { sub_id: undefined, sub: 'ada' })
    return expectEffect({ subjects: 'idp' }, set, 'unknown-subject', 'account-disabled')
  })
})

describe('where an event says whom it is about', () => {
  const places: readonly (readonly [string, object, object])[] = [
    ['in the event, as `subject`', { subject: ADA }, { sub_id: undefined }],
    ['in the event, as `sub_id`', { sub_id: ADA }, { sub_id: undefined }],
    ['in both: the SET counts', { subject: { ...ADA, sub: 'bob' } }, {}],
    ['by the transmitter that is the issuer', {}, { iss: IDP, sub_id: opaque('ada') }],
  ]
  for (const [name, event, more] of places)
    it(name, () => {
      const set = setOf(DISABLED, { ...WHEN, ...event }, more)
      const stream = 'iss' in more ? { issuer: IDP } : {}
      return expectEffect(stream, set, disabled, 'account-disabled')
    })
})

describe('as Okta writes it: the subject within the event, times in milliseconds', () => {
  const okta = (type: string, more: object, session: object) =>
    setOf(
      `${CAEP}${type}`,
      {
        event_timestamp: NOW_MS - 30_000,
        initiating_entity: 'admin',
        reason_admin: { en: 'it was asked for' },
        subject: { user: OWN, device: opaque('d-1'), tenant: opaque('t-1'), ...session },
        ...more,
      },
      { sub_id: undefined },
    )

  it('a session that was revoked', () => {
    const set = okta('session-revoked', {}, { session: opaque('s-1') })
    return expectEffect({ subjects: 'idp' }, set, ofSession, 'session-revoked')
  })

  it('factors that were reset', () => {
    const set = okta(
      'credential-change',
      { credential_type: 'ALL_FACTORS', change_type: 'revoke' },
      {},
    )
    return expectEffect({ subjects: 'idp' }, set, revoked, 'credential-change')
  })
})
