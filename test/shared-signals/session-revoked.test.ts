import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Stream } from '../../src/shared-signals/stream.ts'
import { IDP, NOW_MS, NOW_S, ofAda } from './effects.ts'
import { type Effect, expectEffect } from './expect-effect.ts'
import { receiveWorld } from './receive-world.ts'
import { ADA, CAEP, complex, opaque, RISC, setOf } from './sets.ts'

const WHEN = { event_timestamp: NOW_S - 30 }
const { disabled, ended, ofSession, revoked } = ofAda(NOW_MS - 30_000)

const BOUND = { subjects: 'idp' }
const SESSION = opaque('s-1')
const EMAIL = { format: 'email', email: 'ada@example.com' }
const STRANGER = { ...ADA, iss: 'https://x.example' }
const aliases = (...identifiers: readonly unknown[]) => ({ format: 'aliases', identifiers })
const sessionOf = (iss: string) => ({ format: 'iss_sub', iss, sub: 's-1' })
const userNamed = (id: string) => ({ ...revoked, subject: { issuer: 'idp', id } })
const endedAt = (issuer: string) => ({ ...ended, issuer })

type Case = readonly [name: string, stream: Partial<Stream>, subject: unknown, effect: Effect]

const CASES: readonly Case[] = [
  ['an id that may be of a user or a session', BOUND, SESSION, [userNamed('s-1'), ended]],
  [
    'an id of a stream that is bound to another',
    { subjects: 'partner' },
    SESSION,
    [{ ...revoked, subject: { issuer: 'partner', id: 's-1' } }, endedAt('partner')],
  ],
  ['an id of nobody’s', {}, SESSION, 'unknown-subject'],
  ['an issuer and a sub: a user only', {}, ADA, revoked],
  [
    'an id among other names',
    BOUND,
    aliases(EMAIL, SESSION, ADA),
    [userNamed('s-1'), revoked, ended],
  ],
  ['a session, and nobody’s', BOUND, complex({ session: SESSION }), ended],
  ['a session of a stranger', BOUND, complex({ session: SESSION, user: STRANGER }), ended],
  ['a session of somebody by mail', BOUND, complex({ session: SESSION, user: EMAIL }), ended],
  [
    'a session of a tenant on a device',
    BOUND,
    complex({ session: SESSION, tenant: opaque('t'), device: opaque('d') }),
    ended,
  ],
  ['a session by its issuer', {}, complex({ session: sessionOf(IDP) }), ended],
  [
    'a session by another issuer',
    BOUND,
    complex({ session: sessionOf('https://x.example') }),
    'unknown-subject',
  ],
  [
    'a session by two names',
    BOUND,
    complex({ session: aliases(SESSION, opaque('s-2')) }),
    [ended, { ...ended, session: 's-2' }],
  ],
  ['a session of nobody’s, bound to nobody', {}, complex({ session: SESSION }), 'unknown-subject'],
  ['a session that it does not name', BOUND, complex({ session: EMAIL }), 'unknown-subject'],
  [
    'a session and its user: of that user only',
    BOUND,
    complex({ session: SESSION, user: ADA }),
    ofSession,
  ],
  [
    'a session and its user by two names',
    BOUND,
    complex({ session: SESSION, user: aliases(opaque('00u'), ADA) }),
    [{ ...ofSession, subject: { issuer: 'idp', id: '00u' } }, ofSession],
  ],
  [
    'a user and two sessions: all of that user',
    BOUND,
    complex({ session: aliases(SESSION, opaque('s-2')), user: ADA }),
    revoked,
  ],
]

describe('a revoked session that is named by', () => {
  for (const [name, stream, subject, effect] of CASES)
    it(name, () => {
      const set = setOf(`${CAEP}session-revoked`, WHEN, { sub_id: subject })
      return expectEffect(stream, set, effect, 'session-revoked')
    })
})

describe('the examples of CAEP 1.0, of a transmitter that is the issuer', () => {
  const SID = 'dMTlD|1600802906337.16|16008.16'
  const USER = { format: 'iss_sub', iss: IDP, sub: 'jane.smith@example.com' }
  const subjects: readonly (readonly [string, object])[] = [
    ['a session', opaque(SID)],
    [
      'a session, its user and tenant',
      complex({ session: opaque(SID), user: USER, tenant: opaque('123456789') }),
    ],
  ]
  for (const [name, sub_id] of subjects)
    it(`${name}: its tokens count no more, whenever its user logged in`, async () => {
      await using world = receiveWorld({ issuer: IDP })
      await world.receive(setOf(`${CAEP}session-revoked`, WHEN, { iss: IDP, sub_id }))
      const isRevoked = (sessionId: string) =>
        world.standings.isRevoked(
          { issuer: 'idp', id: USER.sub },
          { sessionId, authTime: NOW_S + 10 },
        )
      assert.deepEqual([isRevoked(SID), isRevoked('another')], [true, false])
    })
})

describe('other events about a session alone', () => {
  for (const type of [
    `${CAEP}credential-change`,
    `${CAEP}assurance-level-change`,
    `${RISC}sessions-revoked`,
    `${RISC}account-disabled`,
  ])
    it(`are about nobody: ${type}`, () => {
      const set = setOf(type, WHEN, { sub_id: complex({ session: SESSION }) })
      return expectEffect(BOUND, set, 'unknown-subject', type.split('/').at(-1) ?? '')
    })

  it('and take an opaque id for a user’s', () => {
    const set = setOf(`${RISC}account-disabled`, WHEN, { sub_id: opaque('ada') })
    return expectEffect(BOUND, set, disabled, 'account-disabled')
  })
})
