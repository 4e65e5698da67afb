import { parseDuration } from '../domain/duration.ts'
import type { Device, Facts, Location, Travel } from '../domain/facts.ts'
import { nearest } from '../domain/nearest.ts'
import type { CompiledPolicy } from '../policy/compiled-policy.ts'
import { withoutUndefined } from './scenario-caller.ts'
import type { PartialSituation } from './scenario-schema.ts'

/** What a made-up situation says has been looked up. What it does not say is unavailable; but nobody reports what is well. */
export function buildFacts({
  source,
  device,
  travel,
  subject,
  session,
  counters,
}: PartialSituation): Facts {
  return withoutUndefined({
    location: locationOf(source),
    device: device && deviceOf(device),
    deviceKnown: device?.known,
    travel: travel && travelOf(travel),
    sessionAge: (session?.age === undefined ? null : parseDuration(session.age)) ?? undefined,
    fingerprintChanged: session?.fingerprint_changed,
    rolesAdded: subject?.roles_added,
    sessionRevoked: reported(session?.revoked),
    subjectDisabled: reported(subject?.disabled),
    counters: counters && new Map(Object.entries(counters)),
  })
}

function reported(said: boolean | null | undefined): boolean | undefined {
  return said === undefined ? false : (said ?? undefined)
}

function locationOf(source: PartialSituation['source']): Location | undefined {
  const { country, asn } = source ?? {}
  return country === undefined && asn === undefined ? undefined : withoutUndefined({ country, asn })
}

/** A device that something is said of is one, unless its id is said to be empty. */
function deviceOf({
  id = 'device',
  trusted,
  reputation,
}: NonNullable<PartialSituation['device']>): Device {
  return { id, ...withoutUndefined({ trusted, reputation }) }
}

function travelOf(travel: NonNullable<PartialSituation['travel']>): Travel {
  const { distance_km = 0, speed_kmh = 0, country_changed = false } = travel
  return { distanceKm: distance_km, speedKmh: speed_kmh, countryChanged: country_changed }
}

/** What is wrong with the names of the counters that a situation gives values; null for nothing. */
export function counterMistake(
  { counters: declared }: CompiledPolicy,
  { counters: given = {} }: PartialSituation,
): string | null {
  const names = [...new Set(declared.map(({ counter }) => counter.name))]
  const unknown = Object.keys(given).find((name) => !names.includes(name))
  if (unknown === undefined) return null
  const close = nearest(unknown, names)
  const hint = close ? `did you mean \`${close}\`?` : `counters: ${names.join(', ') || 'none'}`
  return `there is no counter \`${unknown}\`; ${hint}`
}

/** The same with the counters by their ids: a test names them as their file does. */
export function factsFor({ counters: declared }: CompiledPolicy, facts: Facts): Facts {
  const { counters } = facts
  if (counters === undefined) return facts
  const byId = declared.flatMap(({ counter: { id, name } }): [string, number][] => {
    const value = counters.get(name)
    return value === undefined ? [] : [[id, value]]
  })
  return { ...facts, counters: new Map(byId) }
}
