import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { FactGroup, Facts } from '../../src/domain/facts.ts'
import type { Observed } from '../../src/facts/store.ts'
import { ANONYMOUS, ada, NOW, requestWith } from './asking.ts'
import { factsOf, type Given, play, playNow, SECOND, use } from './facts-world.ts'

const EVERYTHING: FactGroup[] = [
  ...(['location', 'device', 'device-known', 'travel'] as const),
  ...(['session-age', 'fingerprint', 'roles-added'] as const),
]
const ADA = { issuer: 'idp', id: 'ada' }
const LATER = { authTime: SECOND - 60 }

suite('without asking the store', () => {
  const nowhere = { country: { value: null }, asn: { value: null }, point: { value: null } }
  const down = { country: 'unavailable', asn: 'unavailable', point: 'unavailable' } as const
  const asnOnly = { ...down, asn: { value: 7 } }
  const none = { locate: null, device: null, fingerprint: null }
  const cases: [string, Given, Facts][] = [
    ['nothing is needed', {}, {}],
    ['location', { groups: ['location'] }, { location: { country: 'DE', asn: 64_500 } }],
    [
      'location in no file',
      { groups: ['location'], sources: { locate: () => nowhere } },
      { location: { country: '', asn: 0 } },
    ],
    [
      'location, files down',
      { groups: ['location'], sources: { locate: () => down } },
      { location: {} },
    ],
    [
      'location, one file',
      { groups: ['location'], sources: { locate: () => asnOnly } },
      { location: { asn: 7 } },
    ],
    ['location of nobody', { groups: ['location'], request: requestWith({}, null) }, {}],
    ['device', { groups: ['device'] }, { device: { id: 'laptop-7', trusted: true } }],
    ['travel, place unknown', { groups: ['travel'], sources: { locate: () => nowhere } }, {}],
    ['travel, files down', { groups: ['travel'], sources: { locate: () => down } }, {}],
    ['travel, no address', { groups: ['travel'], request: requestWith({}, null) }, {}],
    [
      'a known device, of none',
      { groups: ['device-known'], sources: { device: () => ({ id: '' }) } },
      { deviceKnown: false },
    ],
    ['an unmapped session', { groups: ['session-age', 'fingerprint'] }, {}],
    ['no fingerprint', { groups: ['fingerprint'], identity: ada({}, LATER), sources: none }, {}],
    ['roles of a token without', { groups: ['roles-added'] }, {}],
    ['nothing configured', { groups: EVERYTHING, sources: none }, {}],
    [
      'nobody asks for everything',
      { groups: EVERYTHING, identity: ANONYMOUS },
      {
        location: { country: 'DE', asn: 64_500 },
        device: { id: 'laptop-7', trusted: true },
        deviceKnown: false,
        travel: { distanceKm: 0, speedKmh: 0, countryChanged: false },
      },
    ],
    ['counters that nobody reads', { counters: [use('a', 'attempts', false)] }, {}],
    ['a counter that cannot be counted', { counters: [use('a', 'attempts', true, null)] }, {}],
  ]
  for (const [name, given, expected] of cases) {
    test(name, () => {
      const { fetched, sightings } = playNow(given)
      assert.deepEqual([fetched.facts, sightings], [expected, []])
    })
  }
})

suite('asking the store', () => {
  const identity = ada({ roles: ['admin'] }, { authTime: SECOND - 60, sessionId: 'S-1' })
  const session = '["idp","S-1"]'
  const cases: [FactGroup, object][] = [
    ['device-known', { device: 'laptop-7' }],
    ['travel', { place: 'DE/142/117' }],
    ['session-age', { session }],
    ['fingerprint', { session, fingerprint: 'print-1' }],
    ['roles-added', { roles: ['admin'] }],
  ]
  for (const [group, asked] of cases) {
    test(`${group} asks for itself only`, () => {
      const { sightings } = playNow({ groups: [group], identity, observed: {} })
      const sighting = { subject: ADA, now: NOW, stream: `stream-1@${NOW}`, counters: [] }
      assert.deepEqual(sightings, [{ ...sighting, ...asked }])
    })
  }

  test('everything is one question', () => {
    const counters = [use('a', 'attempts', true), use('b', 'allowed', false)]
    const { sightings } = playNow({ groups: EVERYTHING, counters, identity, observed: {} })
    assert.equal(sightings.length, 1)
    assert.deepEqual(sightings[0]?.counters, counters.slice(0, 1))
  })

  test('nobody has counters, and nothing else', () => {
    const counters = [use('a', 'attempts', true)]
    const { sightings, fetched } = playNow({
      groups: EVERYTHING,
      counters,
      identity: ANONYMOUS,
      observed: { counters: [4] },
    })
    const { subject, now, stream, ...about } = sightings[0] ?? {}
    assert.deepEqual([subject, about], [null, { counters }])
    assert.deepEqual(fetched.facts.counters, new Map([['a', 4]]))
  })

  test('a request without id has no stream', () => {
    const request = { ...requestWith(), id: '' }
    const { sightings } = playNow({ groups: ['device-known'], request, observed: {} })
    assert.equal(sightings[0]?.stream, null)
  })

  test('without a session claim the login is the session, of this subject', () => {
    const asked = (id: string, authTime: number) => {
      const given = { groups: ['session-age' as const], identity: ada({ id }, { authTime }) }
      return playNow({ ...given, observed: {} }).sightings[0]?.session
    }
    const keys = new Set([asked('ada', 1), asked('ada', 2), asked('bob', 1)])
    assert.equal(keys.size, 3)
    assert.ok(!keys.has(undefined))
  })
})

suite('counters', () => {
  test('have the values of the store, by their ids', () => {
    const counters = [
      use('a', 'attempts', true),
      use('b', 'allowed', false),
      use('c', 'refused', true),
    ]
    const facts = factsOf({ counters, observed: { counters: [3, 0] } })
    assert.deepEqual(
      facts.counters,
      new Map([
        ['a', 3],
        ['c', 0],
      ]),
    )
  })

  test('whose amount or value is not there are not there', () => {
    const counters = [
      use('a', 'attempts', true, null),
      use('b', 'attempts', true),
      use('c', 'attempts', true),
    ]
    const facts = factsOf({ counters, observed: { counters: [Number.NaN] } })
    assert.deepEqual(facts.counters, new Map())
  })
})

suite('a store that fails', () => {
  const groups: FactGroup[] = ['location', 'device', 'device-known', 'travel', 'session-age']
  const known = {
    location: { country: 'DE', asn: 64_500 },
    device: { id: 'laptop-7', trusted: true },
  }
  const identity = ada({}, LATER)
  const counters = [use('a', 'attempts', true)]
  const lost = new Error('late')

  test('leaves away what it should have said, and nothing else', () => {
    const observed = () => {
      throw lost
    }
    const { fetched, failures } = playNow({ groups, identity, counters, observed })
    assert.deepEqual([fetched.facts, failures], [known, [lost]])
  })

  test('later does so, too', async () => {
    const observed = () => Promise.reject(lost)
    const { fetched, failures } = play({ groups, identity, counters, observed })
    assert.deepEqual([(await fetched).facts, failures], [known, [lost]])
  })

  test('with an answer that is none does so, too', async () => {
    const observed = async () => ({}) as Observed
    const { fetched, failures } = play({ groups, identity, counters, observed })
    assert.deepEqual((await fetched).facts, known)
    assert.equal(failures.length, 1)
  })
})
