import { sightName } from './digest.ts'
import { addSight, dropUnknownRoles, learnSight, type Sight } from './sights.ts'
import type { Memory, Observed, Place, Sighting } from './store.ts'
import type { StoreLimits } from './store-limits.ts'

/** What is kept of a subject. `used`: when it was last seen (ms since the epoch). */
export type Subject = {
  used: number
  sights: readonly Sight[]
  place: Place | null
  roles: { readonly learnt: readonly string[]; readonly learntAt: number } | null
}

/** What is kept of a session: when it was first seen, and the fingerprints that were learnt in it. */
export type Session = {
  readonly first: number
  used: number
  fingerprints: readonly string[] | null
}

/**
 * A subject as text, and back. In memory that takes half of what the objects would, and is nothing for the garbage
 * collector to walk through.
 */
export const subjectText = {
  write: ({ used, sights, place, roles }: Subject): string =>
    JSON.stringify([
      used,
      sights.map(({ name, first, known }) => [name, first, known]),
      place,
      roles,
    ]),
  read: (text: string): Subject => {
    const [used, sights, place, roles] = JSON.parse(text) as SubjectTuple
    return {
      used,
      sights: sights.map(([name, first, known]) => ({ name, first, known })),
      place,
      roles,
    }
  },
}

type SubjectTuple = [
  used: number,
  sights: [name: string, first: number, known: number][],
  place: Place | null,
  roles: Subject['roles'],
]

/** A session as text, and back. */
export const sessionText = {
  write: ({ first, used, fingerprints }: Session): string =>
    JSON.stringify([first, used, fingerprints]),
  read: (text: string): Session => {
    const [first, used, fingerprints] = JSON.parse(text) as [number, number, string[] | null]
    return { first, used, fingerprints }
  },
}

/** What is known of what a request shows; what is seen for the first time is added to the subject. */
export function observeSubject(
  subject: Subject,
  session: Session | null,
  sighting: Sighting,
  limits: StoreLimits,
): Omit<Observed, 'counters'> {
  const { device, place, fingerprint, roles } = sighting
  const see = (name: string): Sight => {
    const seen = addSight(subject.sights, name, sighting, limits)
    subject.sights = seen.sights
    return seen.sight
  }
  const learnt = session?.fingerprints ?? null
  return {
    ...(session !== null && { session: { firstSeen: session.first } }),
    ...(device !== undefined && { device: deviceOf(see(sightName('d', device))) }),
    ...(place !== undefined && {
      place: { last: subject.place, firstSeen: see(sightName('p', place)).first },
    }),
    ...(fingerprint !== undefined && {
      fingerprint: { learnt, firstSeen: see(sightName('f', fingerprint)).first },
    }),
    ...(roles !== undefined && {
      roles: { ...(subject.roles ?? NO_ROLES), firstSeen: latestOf(roles, see, sighting.now) },
    }),
  }
}

const NO_ROLES = { learnt: null, learntAt: 0 }

function deviceOf({ first, known }: Sight): { learnt: boolean; firstSeen: number } {
  return { learnt: known !== 0, firstSeen: first }
}

/** Without roles there is none that could be older than now. */
function latestOf(roles: readonly string[], see: (name: string) => Sight, now: number): number {
  if (roles.length === 0) return now
  return Math.max(...roles.map((role) => see(sightName('r', role)).first))
}

/** Adds to the subject what is learnt of it, but for its session. */
export function learnSubject(subject: Subject, memory: Memory, limits: StoreLimits): void {
  const { now, device, place, fingerprint, roles } = memory
  const know = (name: string): void => {
    subject.sights = learnSight(subject.sights, name, now, limits)
  }
  if (device !== undefined) know(sightName('d', device))
  if (place !== undefined) subject.place = place
  if (fingerprint !== undefined) know(sightName('f', fingerprint.value))
  if (roles === undefined) return
  const names = roles.map((role) => sightName('r', role))
  subject.roles = { learnt: roles, learntAt: now }
  subject.sights = dropUnknownRoles(subject.sights, new Set(names))
  names.forEach(know)
}

/** Adds a fingerprint to those that were learnt in a session, as the latest of a few. */
export function learnInSession(session: Session, value: string, limits: StoreLimits): void {
  const others = (session.fingerprints ?? []).filter((one) => one !== value)
  session.fingerprints = [...others, value].slice(-limits.sessionFingerprints)
}
