import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { Aftermath, FactGroup, FactKind } from '../../src/domain/facts.ts'
import type { Memory, Observed, Sighting } from '../../src/facts/store.ts'
import { ANONYMOUS, ada, NOW } from './asking.ts'
import { ALLOWED, BERLIN, type Given, play, playNow, SECOND, use } from './facts-world.ts'

const MINUTE = 60_000
const GROUPS: FactGroup[] = ['device-known', 'travel', 'fingerprint', 'roles-added']
const KINDS: FactKind[] = ['device', 'place', 'fingerprint', 'roles']
const HERE = { ...BERLIN, country: 'DE', at: NOW }
const IDENTITY = ada({ roles: ['admin'] }, { sessionId: 'S-1', authTime: SECOND - 60 })
const NOTHING_KNOWN: Omit<Observed, 'counters'> = {
  device: { learnt: false, firstSeen: NOW },
  place: { last: null, firstSeen: NOW },
  fingerprint: { learnt: null, firstSeen: NOW },
  roles: { learnt: null, learntAt: 0, firstSeen: NOW },
}
const REFUSED: Aftermath = { ...ALLOWED, allowed: false }

function remembered(given: Given, aftermath: Aftermath): Memory[] {
  const { fetched, remember, memories } = playNow(given)
  remember(fetched, aftermath)
  return memories
}

suite('what may be learnt', () => {
  const asked = { groups: GROUPS, identity: IDENTITY, observed: NOTHING_KNOWN }
  const kept: Record<FactKind, object> = {
    device: { device: 'laptop-7' },
    place: { place: HERE },
    fingerprint: { fingerprint: { session: '["idp","S-1"]', value: 'print-1' } },
    roles: { roles: ['admin'] },
  }
  const bare = {
    subject: { issuer: 'idp', id: 'ada' },
    now: NOW,
    stream: `stream-1@${NOW}`,
    count: [],
    giveBack: [],
    satisfied: null,
  }
  for (const kind of KINDS) {
    test(`${kind} is kept, and only that`, () => {
      const memories = remembered(asked, { ...ALLOWED, learn: [kind] })
      assert.deepEqual(memories, [{ ...bare, ...kept[kind] }])
    })

    test(`${kind} is not kept when it was not asked for`, () => {
      assert.deepEqual(remembered({ identity: IDENTITY }, { ...ALLOWED, learn: [kind] }), [])
    })
  }

  test('all of it is kept at once', () => {
    const memories = remembered(asked, { ...ALLOWED, learn: KINDS })
    assert.deepEqual(memories, [{ ...bare, ...Object.assign({}, ...Object.values(kept)) }])
  })

  test('nothing is kept when there is nothing to learn', () => {
    assert.deepEqual(remembered(asked, ALLOWED), [])
    assert.deepEqual(remembered(asked, REFUSED), [])
  })
})

suite('the same place again', () => {
  const seen = (ms: number, more: object = {}) => {
    const last = { ...HERE, longitude: 13.5, at: NOW - ms, ...more }
    return { groups: GROUPS, identity: IDENTITY, observed: { place: { last, firstSeen: NOW } } }
  }

  test('is noted once a minute, with the middle that was learnt', () => {
    const [memory] = remembered(seen(MINUTE), ALLOWED)
    assert.deepEqual(memory?.place, { ...HERE, longitude: 13.5 })
    assert.deepEqual(remembered(seen(MINUTE - 1), ALLOWED), [])
    assert.deepEqual(remembered(seen(-MINUTE), ALLOWED), [])
  })

  test('is not noted for a refused request', () => {
    assert.deepEqual(remembered(seen(MINUTE), REFUSED), [])
  })

  test('is not noted for another place, or another country', () => {
    assert.deepEqual(remembered(seen(MINUTE, { latitude: 40 }), ALLOWED), [])
    assert.deepEqual(remembered(seen(MINUTE, { country: 'PL' }), ALLOWED), [])
  })

  test('is replaced by what may be learnt', () => {
    const learn: FactKind[] = ['place']
    const [memory] = remembered(seen(MINUTE, { latitude: 40 }), { ...ALLOWED, learn })
    assert.deepEqual(memory?.place, HERE)
  })
})

suite('counters', () => {
  const read = (['attempts', 'allowed', 'refused'] as const).map((of) =>
    use(`${of}-read`, of, true),
  )
  const unread = (['attempts', 'allowed', 'refused'] as const).map((of) => use(of, of, false))
  const uncountable = use('unknown', 'attempts', false, null)
  const counters = [...read, ...unread, uncountable]
  const reserved = (sighting: Sighting) => ({ counters: sighting.counters.map(() => 1) })
  const down = () => {
    throw new Error('down')
  }
  const cases: [string, Aftermath, (sighting: Sighting) => Observed, string[], string[]][] = [
    ['an allowed request', ALLOWED, reserved, ['attempts', 'allowed'], []],
    [
      'a refused request',
      REFUSED,
      reserved,
      ['refused-read', 'attempts', 'refused'],
      ['allowed-read'],
    ],
    [
      'an allowed request that nothing was reserved for',
      ALLOWED,
      down,
      ['attempts-read', 'allowed-read', 'attempts', 'allowed'],
      [],
    ],
    [
      'a refused request that nothing was reserved for',
      REFUSED,
      down,
      ['attempts-read', 'refused-read', 'attempts', 'refused'],
      [],
    ],
  ]
  for (const [name, aftermath, observed, count, giveBack] of cases) {
    test(name, () => {
      const [memory] = remembered({ counters, identity: ANONYMOUS, observed }, aftermath)
      const ids = (uses: Memory['count'] = []) => uses.map(({ id }) => id)
      assert.deepEqual([ids(memory?.count), ids(memory?.giveBack)], [count, giveBack])
      assert.equal(memory?.subject, null)
    })
  }

  test('of more than can be reserved are unavailable, and counted afterwards all the same', () => {
    for (const amount of [1e13, Number.POSITIVE_INFINITY, Number.NaN]) {
      const huge = use('huge', 'attempts', true, amount)
      const given = { counters: [huge, use('one', 'attempts', true)], observed: reserved }
      const { facts } = playNow(given).fetched
      assert.deepEqual(facts.counters, new Map([['one', 1]]))
      const [memory] = remembered(given, ALLOWED)
      assert.deepEqual([memory?.count, memory?.giveBack], [[huge], []])
    }
  })

  test('that were counted when they were read need not be remembered', () => {
    const one = { counters: [use('a', 'attempts', true)], observed: reserved }
    assert.deepEqual(remembered(one, ALLOWED), [])
    assert.deepEqual(remembered(one, REFUSED), [])
  })
})

suite('a challenge that is answered', () => {
  const aftermath = { ...ALLOWED, satisfied: { about: 'requirement', level: 'mfa' } }

  test('is told when the store knows of it, at once or later', async () => {
    for (const remember of [() => true, async () => true]) {
      const { fetched, memories, satisfied, remember: keep } = playNow({ remember })
      keep(fetched, aftermath)
      await Promise.resolve()
      assert.deepEqual([memories[0]?.satisfied, satisfied], ['requirement', ['mfa']])
    }
  })

  test('is not told when there was none', () => {
    const { fetched, memories, satisfied, remember } = playNow({})
    remember(fetched, aftermath)
    assert.deepEqual([memories.length, satisfied], [1, []])
  })
})

suite('a store that fails to remember', () => {
  const aftermath = { ...ALLOWED, satisfied: { about: 'requirement', level: null } }
  const lost = new Error('down')
  const ways: [string, () => Promise<boolean>][] = [
    ['at once', () => assert.fail(lost)],
    ['later', () => Promise.reject(lost)],
  ]
  for (const [name, remember] of ways) {
    test(`${name} is told, and stops nothing`, async () => {
      const { fetched, failures, satisfied, remember: keep } = play({ remember })
      keep(await fetched, aftermath)
      await new Promise(setImmediate)
      assert.deepEqual([failures, satisfied], [[lost], []])
    })
  }
})
