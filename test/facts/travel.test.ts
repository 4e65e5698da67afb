import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import fc from 'fast-check'
import type { Place } from '../../src/facts/store.ts'
import { placeName, travelBetween } from '../../src/facts/travel.ts'
import { NOW } from './asking.ts'

const HOUR = 3_600_000

const BERLIN: Place = place(52.52, 13.405, 'DE')
const POTSDAM: Place = place(52.3906, 13.0645, 'DE')
const NEW_YORK: Place = place(40.7128, -74.006, 'US')
const QUITO: Place = place(-0.1807, -78.4678, 'EC')

function place(latitude: number, longitude: number, country: string, accuracyKm = 0): Place {
  return { latitude, longitude, accuracyKm, country, at: NOW }
}

const after = (there: Place, ms: number): Place => ({ ...there, at: NOW + ms })

const anyPlace = fc.record({
  latitude: fc.double({ min: -90, max: 90, noNaN: true }),
  longitude: fc.double({ min: -180, max: 180, noNaN: true }),
  accuracyKm: fc.integer({ min: 0, max: 1000 }),
  country: fc.constantFrom('', 'DE', 'US'),
  at: fc.integer({ min: NOW - 400 * 24 * HOUR, max: NOW + HOUR }),
})

suite('travel', () => {
  const distances: [string, Place, Place, number][] = [
    ['nowhere', BERLIN, BERLIN, 0],
    ['Berlin to New York', BERLIN, NEW_YORK, 6385],
    ['Berlin to Quito', BERLIN, QUITO, 10_150],
    ['next door', BERLIN, POTSDAM, 0],
    ['across the date line', place(0, 179.5, 'FJ'), place(0, -179.5, 'WS'), 111],
    ['from pole to pole', place(90, 0, ''), place(-90, 120, ''), 20_015],
    [
      'with areas that overlap',
      { ...BERLIN, accuracyKm: 6000 },
      { ...NEW_YORK, accuracyKm: 1000 },
      0,
    ],
    ['with areas', { ...BERLIN, accuracyKm: 100 }, { ...NEW_YORK, accuracyKm: 285 }, 6000],
  ]
  for (const [name, from, to, expected] of distances) {
    test(`${name} is ${expected} km`, () => {
      const { distanceKm } = travelBetween(from, after(to, HOUR))
      assert.ok(Math.abs(distanceKm - expected) <= 1, `${distanceKm} km`)
    })
  }

  test('under 50 km are no journey, and 50 km are', () => {
    const north = (km: number) => after(place(km / 111.195_08, 0, ''), HOUR)
    assert.deepEqual(travelBetween(place(0, 0, ''), north(49.99)).speedKmh, 0)
    assert.equal(Math.round(travelBetween(place(0, 0, ''), north(50.01)).speedKmh), 50)
  })

  test('the speed is that of the least distance', () => {
    const { distanceKm, speedKmh } = travelBetween(BERLIN, after(NEW_YORK, 8 * HOUR))
    assert.equal(Math.round(speedKmh), Math.round(distanceKm / 8))
  })

  test('a clock that stood still or went back hides no journey', () => {
    for (const ms of [0, -1, -HOUR, -400 * 24 * HOUR]) {
      const { speedKmh } = travelBetween(BERLIN, after(NEW_YORK, ms))
      assert.ok(speedKmh > 1e9 && Number.isFinite(speedKmh), `${speedKmh} km/h`)
      assert.equal(travelBetween(BERLIN, after(BERLIN, ms)).speedKmh, 0)
    }
  })

  test('a country has changed only when both are known and differ', () => {
    const changed = (a: string, b: string) =>
      travelBetween({ ...BERLIN, country: a }, { ...BERLIN, country: b }).countryChanged
    assert.deepEqual(
      [
        changed('DE', 'PL'),
        changed('DE', 'DE'),
        changed('', 'DE'),
        changed('DE', ''),
        changed('', ''),
      ],
      [true, false, false, false, false],
    )
  })

  test('is the same distance there and back, finite, and never negative', () => {
    fc.assert(
      fc.property(anyPlace, anyPlace, (a, b) => {
        const there = travelBetween(a, b)
        const back = travelBetween(b, a)
        assert.ok(Math.abs(there.distanceKm - back.distanceKm) < 1e-6)
        assert.ok(there.distanceKm >= 0 && there.distanceKm <= 20_016)
        assert.ok(there.speedKmh >= 0 && Number.isFinite(there.speedKmh))
        assert.equal(there.speedKmh > 0, there.distanceKm > 0)
      }),
    )
  })

  test('is never faster for having taken longer', () => {
    fc.assert(
      fc.property(anyPlace, anyPlace, fc.nat(1e10), (a, b, later) => {
        const slower = travelBetween(a, { ...b, at: b.at + later })
        assert.ok(slower.speedKmh <= travelBetween(a, b).speedKmh)
      }),
    )
  })

  test('is never further for knowing less exactly where', () => {
    fc.assert(
      fc.property(anyPlace, anyPlace, fc.nat(1000), (a, b, km) => {
        const vague = { ...b, accuracyKm: b.accuracyKm + km }
        assert.ok(travelBetween(a, vague).distanceKm <= travelBetween(a, b).distanceKm)
      }),
    )
  })
})

suite('the name of an area', () => {
  const cases: [Place, string][] = [
    [BERLIN, 'DE/142/117'],
    [POTSDAM, 'DE/142/117'],
    [NEW_YORK, 'US/130/80'],
    [place(0, -180, ''), '/90/0'],
    [place(0, 180, ''), '/90/0'],
    [place(90, 7, ''), '/179/1'],
    [place(-90, 0, 'AQ'), 'AQ/0/1'],
  ]
  for (const [there, expected] of cases) {
    test(expected, () => assert.equal(placeName(there), expected))
  }

  test('means less than 200 km, wherever people live', () => {
    const step = fc.double({ min: -1, max: 1, noNaN: true })
    fc.assert(
      fc.property(anyPlace, step, step, (a, north, east) => {
        const here = {
          ...a,
          latitude: a.latitude * 0.9,
          longitude: a.longitude * 0.95,
          accuracyKm: 0,
        }
        const shift = { latitude: here.latitude + north, longitude: here.longitude + 9 * east }
        const there = { ...here, ...shift }
        fc.pre(placeName(here) === placeName(there))
        assert.ok(travelBetween(here, there).distanceKm < 200)
      }),
    )
  })

  test('is another in another country', () => {
    assert.notEqual(placeName(BERLIN), placeName({ ...BERLIN, country: 'PL' }))
  })
})
