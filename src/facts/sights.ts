import type { SightKind } from './digest.ts'
import type { StoreLimits } from './store-limits.ts'

/** When a value was first seen of a subject, and when it was last accepted (ms since the epoch; 0 before it is learnt). */
export type Sight = { readonly name: string; readonly first: number; readonly known: number }

/**
 * The sight of a value, and all of them with it. One that was not learnt waits a day for a login, so that no
 * later one vouches for it by chance: a place that the subject was in last month is as new as any. One that was learnt and
 * not used since for a device's life is new again, too. When there is one too many that is not learnt, all of its kind
 * that are not are dropped: a flood of new values then makes nothing look older than it is, and pushes out nothing that
 * was learnt.
 */
export function addSight(
  sights: readonly Sight[],
  name: string,
  { now, seenAt = now }: { readonly now: number; readonly seenAt?: number | undefined },
  limits: StoreLimits,
): { readonly sight: Sight; readonly sights: readonly Sight[] } {
  const seen = sights.find((one) => one.name === name)
  if (seen && !isForgotten(seen, now, limits)) return { sight: seen, sights }
  const others = sights.filter((one) => one !== seen)
  const sight = { name, first: seenAt, known: 0 }
  const unlearnt = others.filter((one) => one.known === 0 && one.name[0] === name[0]).length
  const kept = unlearnt < roomFor(name, limits) ? others : dropUnlearnt(others, name)
  return { sight, sights: [...kept, sight] }
}

/** The sights after one has been learnt: of too many known devices or fingerprints the one used longest ago is new again. */
export function learnSight(
  sights: readonly Sight[],
  name: string,
  now: number,
  limits: StoreLimits,
): readonly Sight[] {
  const seen = sights.find((one) => one.name === name)
  const sight = { name, first: seen?.first ?? now, known: Math.max(seen?.known ?? 0, now) }
  const all = [...sights.filter((one) => one !== seen), sight]
  if (isRole(name)) return all
  const known = all.filter((one) => one.known !== 0 && one.name[0] === name[0])
  if (known.length <= limits.known) return all
  const oldest = known.reduce(olderOf)
  return all.filter((one) => one !== oldest)
}

/** The sights without those of roles that are no longer among the subject's: given again, they are new. */
export function dropUnknownRoles(sights: readonly Sight[], names: ReadonlySet<string>) {
  return sights.filter(({ name }) => !isRole(name) || names.has(name))
}

/** Roles that were learnt stand until they are replaced; a place is never learnt as such. */
function isForgotten({ name, first, known }: Sight, now: number, limits: StoreLimits): boolean {
  if (known === 0) return first + limits.sightLife <= now
  return !isRole(name) && known + limits.deviceLife <= now
}

function dropUnlearnt(sights: readonly Sight[], name: string): readonly Sight[] {
  return sights.filter((one) => one.known !== 0 || one.name[0] !== name[0])
}

function olderOf(one: Sight, other: Sight): Sight {
  if (one.known !== other.known) return one.known < other.known ? one : other
  return one.name < other.name ? one : other
}

function roomFor(name: string, limits: StoreLimits): number {
  return isRole(name) ? limits.roleSights : limits.sights
}

const ROLE: SightKind = 'r'

function isRole(name: string): boolean {
  return name.startsWith(ROLE)
}
