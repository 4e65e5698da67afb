import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { Observed } from '../../src/facts/store.ts'
import { ada, NOW } from './asking.ts'
import { BERLIN, factsOf, SECOND } from './facts-world.ts'

suite('a place', () => {
  const here = { ...BERLIN, country: 'DE', at: NOW - 3_600_000 }
  const firstSeen = NOW - 30_000
  const place = (last: object) => ({ place: { last: { ...here, ...last }, firstSeen } })
  const speed = (observed: Partial<Observed>) => {
    const { travel, unlearnt } = factsOf({
      groups: ['travel'],
      identity: ada({}, { authTime: SECOND - 10 }),
      observed,
    })
    return [Math.round(travel?.speedKmh ?? -1), travel?.countryChanged, unlearnt?.get('place')]
  }

  test('without an earlier place there is none, and the place is unlearnt', () => {
    assert.deepEqual(speed({ place: { last: null, firstSeen } }), [0, false, 'login-newer'])
  })

  test('from the same place there is none', () => {
    assert.deepEqual(speed(place({ longitude: 13.5 })), [0, false, undefined])
  })

  test('from elsewhere takes both accuracies into account', () => {
    const newYork = { latitude: 40.7128, longitude: -74.006, country: 'US' }
    assert.deepEqual(speed(place(newYork)), [6365, true, 'login-newer'])
    assert.deepEqual(speed(place({ ...newYork, accuracyKm: 375 })), [6000, true, 'login-newer'])
    assert.deepEqual(speed(place({ ...newYork, accuracyKm: 9000 })), [0, true, 'login-newer'])
  })

  test('an unknown accuracy shortens nothing', () => {
    const point = { value: { ...BERLIN, accuracyKm: null } }
    const locate = () => ({ country: 'unavailable' as const, asn: 'unavailable' as const, point })
    const observed = place({ latitude: 40.7128, longitude: -74.006, accuracyKm: 0 })
    const facts = factsOf({ groups: ['travel'], observed, sources: { locate } })
    assert.equal(Math.round(facts.travel?.distanceKm ?? 0), 6385)
    assert.equal(facts.travel?.countryChanged, false)
  })
})
