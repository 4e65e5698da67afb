import type { FactGroup, FactKind } from '../domain/facts.ts'

/** What has to be looked up for each name; every other name is answered by the request and its token. */
const GROUPS: ReadonlyMap<string, FactGroup> = new Map([
  ['source.country', 'location'],
  ['source.asn', 'location'],
  ['device.id', 'device'],
  ['device.trusted', 'device'],
  ['device.reputation', 'device'],
  ['device.known', 'device-known'],
  ['travel.distance_km', 'travel'],
  ['travel.speed_kmh', 'travel'],
  ['travel.country_changed', 'travel'],
  ['session.age', 'session-age'],
  ['session.fingerprint_changed', 'fingerprint'],
  ['subject.roles_added', 'roles-added'],
  ['session.revoked', 'session-revoked'],
  ['subject.disabled', 'subject-disabled'],
])

/** The groups that are read about what a subject can become known for. */
const LEARNT: ReadonlyMap<FactGroup, FactKind> = new Map([
  ['device-known', 'device'],
  ['travel', 'place'],
  ['fingerprint', 'fingerprint'],
  ['roles-added', 'roles'],
])

/** The groups of facts that a condition asks for, by the names that it reads. */
export function factGroups(reads: ReadonlySet<string>): readonly FactGroup[] {
  return [...new Set([...reads].flatMap((name) => GROUPS.get(name) ?? []))]
}

/** True for what stands in the store, and may have to be waited for; all else is at hand. */
export function isRemembered(group: FactGroup): boolean {
  return REMEMBERED.has(group)
}

const REMEMBERED: ReadonlySet<FactGroup> = new Set<FactGroup>([
  'device-known',
  'travel',
  'session-age',
  'fingerprint',
  'roles-added',
])

/** What a condition that asks for these groups keeps from being learnt while it holds. */
export function guardedKinds(groups: readonly FactGroup[]): readonly FactKind[] {
  return groups.flatMap((group) => LEARNT.get(group) ?? [])
}

/** The counters that a condition reads, by the names of its file. */
export function countersRead(reads: ReadonlySet<string>): readonly string[] {
  return [...reads].flatMap((name) => counterRead(name) ?? [])
}

/** The counter in a name such as `rate(revocations)`; undefined for any other name. */
export function counterRead(name: string): string | undefined {
  return name.endsWith(')') ? COUNTER.exec(name)?.[1] : undefined
}

const COUNTER = /^(?:rate|total)\((.*)\)$/
