import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import ipaddr from 'ipaddr.js'
import { open } from 'maxmind'
import type { Place } from '../../src/facts/location.ts'
import { SAMPLE_PLACES, type SamplePlace, sampleLocationFile } from '../support/sample-location.ts'
import { fileOf, NOW, openFiles, temporaryFolder } from './location-support.ts'

const SAMPLE = join(import.meta.dirname, '../../config/data/location-sample.mmdb')
const DAY = 86_400_000
const ALL = 'loaded country asn point'
const UNKNOWN: Place = { country: 'unavailable', asn: 'unavailable', point: 'unavailable' }
const GERMANY = [{ prefix: '192.0.2.0/24', country: 'DE' }]
const FRANCE = [{ prefix: '192.0.2.0/24', country: 'FR' }]

describe('the sample file', () => {
  it('is what `npx node scripts/make-location.ts` writes', () => {
    assert.deepEqual(readFileSync(SAMPLE), sampleLocationFile())
  })

  it('is read by the library', async () => {
    const reader = await open(SAMPLE)
    assert.equal(reader.metadata.databaseType, 'Stepgate-Sample-City-ASN')
    assert.deepEqual(reader.get('192.0.2.7'), {
      country: { iso_code: 'DE' },
      autonomous_system_number: 64_496,
      location: { latitude: 52.52, longitude: 13.405, accuracy_radius: 20 },
    })
  })
})

describe('an address', () => {
  const [v4, v6] = [fc.ipV4(), fc.ipV6().filter((ip) => !ip.includes('.'))]
  const near = SAMPLE_PLACES.map(({ prefix }) => prefix.replace(/\/.*/, ''))
  const last = fc.integer({ min: 0, max: 255 })
  const address = fc.oneof(
    v4,
    v6,
    fc.tuple(fc.constantFrom(...near), last).map(([base, end]) => nextTo(base, end)),
  )

  for (const recordSize of [24, 28, 32] as const) {
    it(`is in the place of its longest prefix, with records of ${recordSize} bits`, async (t) => {
      const file = join(temporaryFolder(t), 'location.mmdb')
      writeFileSync(file, fileOf(SAMPLE_PLACES, { recordSize }))
      const { location, next } = await openFiles(t, [file])
      assert.equal(await next(), ALL)
      fc.assert(
        fc.property(address, (ip) => {
          assert.deepEqual(location.find(ip), placeOf(expected(ip)))
        }),
      )
    })
  }

  it('of IPv6 is nowhere in a file of IPv4, whatever its first bits are', async (t) => {
    const file = join(temporaryFolder(t), 'location.mmdb')
    const places = [
      { prefix: '32.1.13.0/24', country: 'US' },
      { prefix: '192.0.2.0/24', country: 'DE' },
    ]
    writeFileSync(file, fileOf(places, { ipVersion: 4 }))
    const { next, countryOf } = await openFiles(t, [file])
    assert.equal(await next(), 'loaded country')
    assert.deepEqual(countryOf('32.1.13.7'), { value: 'US' })
    assert.deepEqual(countryOf('2001:d00::'), { value: null })
    assert.deepEqual(countryOf('::ffff:192.0.2.1'), { value: 'DE' })
  })

  it('that is none is nowhere known', async (t) => {
    const { location, next } = await openFiles(t, [SAMPLE])
    assert.equal(await next(), ALL)
    for (const text of ['', 'localhost', '192.0.2', '0300.0.2.1', '192.0.2.1/32', 'fe80::1%eth0'])
      assert.deepEqual(location.find(text), UNKNOWN, text)
  })
})

describe('several files', () => {
  it('answer together, the first that knows a field first, and what none has is unavailable', async (t) => {
    const folder = temporaryFolder(t)
    const [own, bought] = [join(folder, 'own.mmdb'), join(folder, 'bought.mmdb')]
    writeFileSync(own, fileOf([{ prefix: '192.0.2.128/25', country: 'FR' }]))
    writeFileSync(bought, fileOf([{ prefix: '192.0.2.0/24', country: 'DE', asn: 64_496 }]))
    const { location, next } = await openFiles(t, [own, bought])
    assert.deepEqual([await next(), await next()].sort(), ['loaded country', 'loaded country asn'])
    const point = 'unavailable'
    const asn = { value: 64_496 }
    assert.deepEqual(location.find('192.0.2.1'), { country: { value: 'DE' }, asn, point })
    assert.deepEqual(location.find('192.0.2.129'), { country: { value: 'FR' }, asn, point })
    const none = { value: null }
    assert.deepEqual(location.find('203.0.113.1'), { country: none, asn: none, point })
  })

  it('know nothing as long as one of them is missing', async (t) => {
    const folder = temporaryFolder(t)
    const [here, missing] = [join(folder, 'here.mmdb'), join(folder, 'missing.mmdb')]
    writeFileSync(here, fileOf(GERMANY))
    const { location, next, countryOf } = await openFiles(t, [here, missing])
    const [first, second] = [await next(), await next()].sort()
    assert.match(`${first} ${second}`, /^ENOENT: .* loaded country$/)
    assert.deepEqual(location.find('192.0.2.1'), UNKNOWN)
    assert.match(location.files()[1]?.problem ?? '', /ENOENT/)
    writeFileSync(missing, fileOf(FRANCE))
    assert.equal(await next(), 'loaded country')
    assert.deepEqual(countryOf('192.0.2.1'), { value: 'DE' })
    assert.equal(location.files()[1]?.problem, null)
  })

  it('of the number zero know nothing', async (t) => {
    const { location } = await openFiles(t, [])
    assert.deepEqual(location.find('192.0.2.1'), UNKNOWN)
  })
})

describe('data that are too old', () => {
  it('are no answer, and neither are some from the future', async (t) => {
    let now = NOW
    const { location, next, countryOf } = await openFiles(t, [SAMPLE], {
      maxAge: 40 * DAY,
      now: () => now,
    })
    assert.equal(await next(), ALL)
    const built = location.files()[0]?.built ?? assert.fail()
    for (const [age, isTooOld] of [
      [40, false],
      [40.1, true],
      [0, false],
      [-40.1, true],
    ] as const) {
      now = built + age * DAY
      assert.deepEqual(countryOf('192.0.2.1'), isTooOld ? 'unavailable' : { value: 'DE' })
      assert.equal(location.files()[0]?.isTooOld, isTooOld)
    }
  })
})

/** The sample’s place of an address, found by trying all of them. */
function expected(ip: string): SamplePlace | null {
  const address = ipaddr.process(ip)
  const containing = SAMPLE_PLACES.filter(({ prefix }) => {
    const [network, bits] = ipaddr.parseCIDR(prefix)
    return network.kind() === address.kind() && address.match(network, bits)
  })
  const length = (place: SamplePlace) => Number(place.prefix.split('/')[1])
  return containing.sort((a, b) => length(b) - length(a))[0] ?? null
}

function placeOf(place: SamplePlace | null): Place {
  const [latitude = 0, longitude = 0, accuracyKm = null] = place?.point ?? []
  return {
    country: { value: place?.country ?? null },
    asn: { value: place?.asn ?? null },
    point: { value: place?.point ? { latitude, longitude, accuracyKm } : null },
  }
}

/** An address beside another, with this last byte. */
function nextTo(address: string, end: number): string {
  return address.includes(':') ? `${address}${end.toString(16)}` : address.replace(/\d+$/, `${end}`)
}
