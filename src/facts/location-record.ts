/** A point on the earth in degrees, and the radius around it within which the address is likely to be. */
export type Point = {
  readonly latitude: number
  readonly longitude: number
  /** Null when the file does not say. */
  readonly accuracyKm: number | null
}

/** What one record of a location file says; null where it says nothing. */
export type LocationRecord = {
  /** ISO 3166-1 alpha-2. */
  readonly country: string | null
  /** Number of the autonomous system. */
  readonly asn: number | null
  readonly point: Point | null
}

/** What every record of a file leaves open, and what an address without a record has. */
export const NOWHERE: LocationRecord = { country: null, asn: null, point: null }

/**
 * Reads a record in the shape of MaxMind's City, Country and ASN files, which others follow. Throws on a record in
 * which one of these has another shape: to take that for "no country" would let a rule on countries pass.
 */
export function readRecord(record: unknown): LocationRecord {
  const { country, location, autonomous_system_number: asn } = mapping(record, 'a record')
  return {
    country: absentOr(country, readCountry),
    asn: absentOr(asn, readAsn),
    point: absentOr(location, readPoint),
  }
}

function readCountry(country: unknown): string | null {
  return absentOr(mapping(country, '`country`').iso_code, (code) => {
    if (typeof code === 'string' && /^[A-Z]{2}$/.test(code)) return code
    throw new Error('`country.iso_code` is no code of two letters')
  })
}

function readAsn(asn: unknown): number {
  return within(asn, 0, 0xffff_ffff, '`autonomous_system_number`')
}

function readPoint(location: unknown): Point | null {
  const { latitude, longitude, accuracy_radius: radius } = mapping(location, '`location`')
  if (latitude === undefined && longitude === undefined) return null
  return {
    latitude: within(latitude, -90, 90, '`location.latitude`'),
    longitude: within(longitude, -180, 180, '`location.longitude`'),
    accuracyKm: absentOr(radius, (km) => within(km, 0, 20_100, '`location.accuracy_radius`')),
  }
}

function absentOr<T>(value: unknown, read: (value: unknown) => T): T | null {
  return value === undefined ? null : read(value)
}

function mapping(value: unknown, name: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null) return value as Record<string, unknown>
  throw new Error(`${name} is not a mapping`)
}

function within(value: unknown, least: number, most: number, name: string): number {
  if (typeof value === 'number' && value >= least && value <= most) return value
  throw new Error(`${name} is not a number from ${least} to ${most}`)
}
