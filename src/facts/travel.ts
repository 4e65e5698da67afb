import type { Travel } from '../domain/facts.ts'
import type { Place } from './store.ts'

/** The mean radius of the earth (IUGG), in kilometres. */
const EARTH_KM = 6371.0088

/** Below this no file of locations tells two places apart. */
const LEAST_KM = 50

const MS_PER_HOUR = 3_600_000

/** Nobody has travelled. */
export const NO_TRAVEL: Travel = { distanceKm: 0, speedKmh: 0, countryChanged: false }

/**
 * From one place to another: the least distance that the accuracy of both allows, 0 when that is under 50 km, and the
 * speed that it takes. A clock that stood still or went back counts as one millisecond, so that it hides no journey. The
 * country has changed only when both are known.
 */
export function travelBetween(from: Place, to: Place): Travel {
  const least = Math.max(0, distanceKm(from, to) - from.accuracyKm - to.accuracyKm)
  const far = least < LEAST_KM ? 0 : least
  return {
    distanceKm: far,
    speedKmh: (far * MS_PER_HOUR) / Math.max(1, to.at - from.at),
    countryChanged: from.country !== '' && to.country !== '' && from.country !== to.country,
  }
}

/** Along the great circle between the middles of two areas (haversine formula). */
function distanceKm(a: Place, b: Place): number {
  const byLatitude = Math.sin(radians(b.latitude - a.latitude) / 2) ** 2
  const byLongitude = Math.sin(radians(b.longitude - a.longitude) / 2) ** 2
  const narrowing = Math.cos(radians(a.latitude)) * Math.cos(radians(b.latitude))
  const haversine = byLatitude + narrowing * byLongitude
  // Past 1, were it by rounding only, there is no arc sine, and what is no number is never too fast.
  return 2 * EARTH_KM * Math.asin(Math.min(1, Math.sqrt(haversine)))
}

/** Names the area of about 100 km by 100 km that a place is in, with its country: the name is the same for ever. */
export function placeName({ latitude, longitude, country }: Place): string {
  const band = Math.min(179, Math.floor(latitude + 90))
  const cells = Math.max(1, Math.round(360 * Math.cos(radians(band - 89.5))))
  const cell = Math.floor(((longitude + 180) / 360) * cells) % cells
  return `${country}/${band}/${cell}`
}

function radians(degrees: number): number {
  return (degrees * Math.PI) / 180
}
