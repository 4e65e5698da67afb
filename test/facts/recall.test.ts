import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { FactKind, Facts, Unlearnt } from '../../src/domain/facts.ts'
import type { Login } from '../../src/domain/identity.ts'
import type { Observed } from '../../src/facts/store.ts'
import { ada, NOW } from './asking.ts'
import { factsOf, SECOND } from './facts-world.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const OLD = { authTime: SECOND - 3600 }
const NEW = { authTime: SECOND - 10 }

/** The first sight was half a minute ago. */
const firstSeen = NOW - MINUTE / 2

type Expected = Omit<Facts, 'unlearnt'> & { unlearnt?: Partial<Record<FactKind, Unlearnt>> }
type Case = [name: string, login: Partial<Login>, observed: Partial<Observed>, expected: Expected]

function table(group: Parameters<typeof factsOf>[0]['groups'], roles: string[], cases: Case[]) {
  for (const [name, login, observed, { unlearnt = {}, ...expected }] of cases) {
    test(name, () => {
      const identity = ada({ roles }, { sessionId: 'S-1', ...login })
      const facts = factsOf({ groups: group ?? [], identity, observed })
      assert.deepEqual(facts, { ...expected, unlearnt: new Map(Object.entries(unlearnt)) })
    })
  }
}

suite('a device', () => {
  const unknown = { device: { learnt: false, firstSeen } }
  table(
    ['device-known'],
    [],
    [
      ['that is learnt', OLD, { device: { learnt: true, firstSeen } }, { deviceKnown: true }],
      ['that is new', OLD, unknown, { deviceKnown: false, unlearnt: { device: 'login-older' } }],
      [
        'that a newer login vouches for',
        NEW,
        unknown,
        { deviceKnown: false, unlearnt: { device: 'login-newer' } },
      ],
      ['of no login', {}, unknown, { deviceKnown: false, unlearnt: { device: 'login-older' } }],
      ['nobody answers for', NEW, {}, {}],
    ],
  )
})

suite('a login is newer than a first sight', () => {
  const newness = (authTime: number, seen: number) => {
    const observed = { device: { learnt: false, firstSeen: seen } }
    const facts = factsOf({ groups: ['device-known'], identity: ada({}, { authTime }), observed })
    return facts.unlearnt?.get('device')
  }
  const cases: [string, number, number, Unlearnt][] = [
    ['in a later second', SECOND - 4, NOW - 5000, 'login-newer'],
    ['but not in the same second', SECOND - 5, NOW - 5000, 'login-older'],
    ['but not within that second', SECOND - 5, NOW - 4001, 'login-older'],
    ['and not when this is the first sight', SECOND, NOW, 'login-older'],
    ['also a little ahead of our clock', SECOND + 10, NOW + 5000, 'login-newer'],
    ['but not than what was first seen with it', SECOND + 10, NOW + 10_000, 'login-older'],
    ['and too far ahead is no login', SECOND + 11, NOW - HOUR, 'login-older'],
    ['and nothing is newer than a sight to come', SECOND, NOW + HOUR, 'login-older'],
  ]
  for (const [name, authTime, seen, expected] of cases) {
    test(name, () => assert.equal(newness(authTime, seen), expected))
  }
})

suite('the age of a session', () => {
  const seen = (ms: number) => ({ session: { firstSeen: NOW - ms } })
  table(
    ['session-age'],
    [],
    [
      ['is that of its first sight', { authTime: SECOND - 5 }, seen(MINUTE), { sessionAge: 60 }],
      ['is never less than that of its login', OLD, seen(MINUTE), { sessionAge: 3600 }],
      ['does without a login', {}, seen(1500), { sessionAge: 1.5 }],
      ['is never below zero', { authTime: SECOND + 9 }, seen(-HOUR), { sessionAge: 0 }],
    ],
  )
})

suite('the fingerprint of a session', () => {
  const seen = (learnt: string[] | null) => ({
    session: { firstSeen },
    fingerprint: { learnt, firstSeen },
  })
  const [older, newer] = ['login-older', 'login-newer'] as const
  table(
    ['fingerprint'],
    [],
    [
      ['that was learnt', OLD, seen(['x', 'print-1']), { fingerprintChanged: false }],
      [
        'that is none of those learnt',
        OLD,
        seen(['x']),
        { fingerprintChanged: true, unlearnt: { fingerprint: older } },
      ],
      [
        'that a newer login vouches for has still changed',
        NEW,
        seen(['x']),
        { fingerprintChanged: true, unlearnt: { fingerprint: newer } },
      ],
      [
        'in a session without any, after the login',
        OLD,
        seen(null),
        { fingerprintChanged: true, unlearnt: { fingerprint: older } },
      ],
      [
        'in a session without any, from before the login',
        NEW,
        seen(null),
        { fingerprintChanged: false, unlearnt: { fingerprint: newer } },
      ],
    ],
  )
})

suite('roles', () => {
  const seen = (learnt: string[] | null, learntAt = firstSeen) => ({
    roles: { learnt, learntAt, firstSeen },
  })
  const [older, newer] = ['login-older', 'login-newer'] as const
  table(
    ['roles-added'],
    ['user', 'admin'],
    [
      ['that were learnt', OLD, seen(['admin', 'user']), { rolesAdded: [] }],
      [
        'of which one is new',
        OLD,
        seen(['user']),
        { rolesAdded: ['admin'], unlearnt: { roles: older } },
      ],
      [
        'that a newer login vouches for',
        NEW,
        seen(['user']),
        { rolesAdded: ['admin'], unlearnt: { roles: newer } },
      ],
      [
        'of a subject without any',
        OLD,
        seen(null, 0),
        { rolesAdded: ['admin', 'user'], unlearnt: { roles: older } },
      ],
      [
        'of a newer login replace more of them',
        NEW,
        seen(['admin', 'user', 'owner']),
        { rolesAdded: [], unlearnt: { roles: newer } },
      ],
      ['of an older login do not', OLD, seen(['admin', 'user', 'owner']), { rolesAdded: [] }],
    ],
  )
  table(
    ['roles-added'],
    [],
    [
      ['that are none', OLD, seen(['user']), { rolesAdded: [] }],
      ['that are no more', NEW, seen(['user']), { rolesAdded: [], unlearnt: { roles: newer } }],
    ],
  )
  table(
    ['roles-added'],
    ['b', 'a', 'b'],
    [
      [
        'that the token names twice',
        OLD,
        seen(null, 0),
        { rolesAdded: ['a', 'b'], unlearnt: { roles: older } },
      ],
    ],
  )
})
