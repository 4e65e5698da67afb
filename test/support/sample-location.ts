import { type MmdbMap, networkBits, writeMmdb } from './mmdb.ts'

/** An address is in the place of the longest of its prefixes. All are for documentation (RFC 5737, RFC 3849). */
export type SamplePlace = {
  readonly prefix: string
  readonly country?: string
  readonly asn?: number
  /** Latitude, longitude and, unless unknown, the radius in kilometres. */
  readonly point?: readonly [number, number, number?]
}

/** Made-up places. Numbers of autonomous systems are for documentation too (RFC 5398). */
export const SAMPLE_PLACES: readonly SamplePlace[] = [
  { prefix: '192.0.2.0/25', country: 'DE', asn: 64_496, point: [52.52, 13.405, 20] },
  { prefix: '192.0.2.128/26', country: 'FR', asn: 64_497, point: [48.8566, 2.3522, 50] },
  { prefix: '192.0.2.192/28', country: 'PT', asn: 64_498, point: [38.7223, -9.1393] },
  { prefix: '192.0.2.208/28', asn: 64_511 },
  { prefix: '198.51.100.0/24', country: 'US', asn: 64_499, point: [40.7128, -74.006, 100] },
  { prefix: '198.51.100.64/26', country: 'BR', asn: 64_500, point: [-23.5505, -46.6333, 10] },
  { prefix: '203.0.113.0/25', country: 'JP', asn: 64_501, point: [35.6762, 139.6503, 5] },
  { prefix: '203.0.113.128/25', country: 'AU', asn: 64_502, point: [-33.8688, 151.2093, 200] },
  { prefix: '203.0.113.200/32', country: 'NZ', asn: 64_503, point: [-36.8509, 174.7645, 1] },
  { prefix: '2001:db8::/32', country: 'DE', asn: 65_536, point: [50.1109, 8.6821, 500] },
  { prefix: '2001:db8:10::/48', country: 'DE', asn: 64_496, point: [52.52, 13.405, 20] },
  { prefix: '2001:db8:ff::/48', country: 'CA', asn: 65_551, point: [43.6532, -79.3832, 25] },
]

/** When the places were made up, in seconds since the epoch. */
const BUILT = Date.UTC(2026, 10, 1) / 1000

/** The bytes of `config/data/location-sample.mmdb`, always the same. */
export function sampleLocationFile(): Buffer {
  return writeMmdb({
    networks: SAMPLE_PLACES.map(({ prefix }, record) => ({ bits: networkBits(prefix, 6), record })),
    records: SAMPLE_PLACES.map(recordOf),
    ipVersion: 6,
    recordSize: 24,
    databaseType: 'Stepgate-Sample-City-ASN',
    buildEpoch: BUILT,
  })
}

/** A record in the shape of MaxMind's City and ASN files. */
export function recordOf({ country, asn, point }: Omit<SamplePlace, 'prefix'>): MmdbMap {
  return {
    ...(country === undefined ? {} : { country: { iso_code: country } }),
    ...(asn === undefined ? {} : { autonomous_system_number: asn }),
    ...(point === undefined ? {} : { location: locationOf(point) }),
  }
}

function locationOf([latitude, longitude, radius]: NonNullable<SamplePlace['point']>): MmdbMap {
  return {
    latitude: { double: latitude },
    longitude: { double: longitude },
    ...(radius === undefined ? {} : { accuracy_radius: radius }),
  }
}
