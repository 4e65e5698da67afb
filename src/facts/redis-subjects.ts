import { digest, sightName } from './digest.ts'
import { runScript, type Send } from './redis-script.ts'
import { LEARN, OBSERVE } from './redis-subject-scripts.ts'
import type { Memory, Observed, Place, Sighting } from './store.ts'
import { type StoreLimits, subjectLife } from './store-limits.ts'

/** As `observeSubject`, in one step. */
export async function observeInRedis(
  send: Send,
  subject: string,
  sighting: Sighting,
  limits: StoreLimits,
): Promise<Omit<Observed, 'counters'>> {
  const { now, seenAt = now, session } = sighting
  const names = namesOf(sighting)
  const reply = await runScript(send, OBSERVE, keysOf(subject, session), {
    ...limitsOf(limits),
    now,
    seenAt,
    names,
  })
  return readObserved(sighting, reply)
}

/** As `learnSubject` and `learnInSession`, in one step. */
export async function learnInRedis(
  send: Send,
  subject: string,
  memory: Memory,
  limits: StoreLimits,
): Promise<void> {
  const { now, device, place, fingerprint, roles } = memory
  await runScript(send, LEARN, keysOf(subject, fingerprint?.session), {
    ...limitsOf(limits),
    now,
    names: namesOf({ device, fingerprint: fingerprint?.value, roles }),
    ...(place && { place: writePlace(place) }),
    ...(roles && { roles: JSON.stringify(roles) }),
    ...(fingerprint && { fingerprint: fingerprint.value }),
  })
}

type Shown = { readonly [Member in 'device' | 'place' | 'fingerprint']?: string | undefined } & {
  readonly roles?: readonly string[] | undefined
}

function namesOf({ device, place, fingerprint, roles = [] }: Shown): string[] {
  return [
    ...(device === undefined ? [] : [sightName('d', device)]),
    ...(place === undefined ? [] : [sightName('p', place)]),
    ...(fingerprint === undefined ? [] : [sightName('f', fingerprint)]),
    ...roles.map((role) => sightName('r', role)),
  ]
}

function keysOf(subject: string, session: string | undefined): [string, ...string[]] {
  return session === undefined ? [subject] : [subject, `${subject}:s:${digest(session)}`]
}

function limitsOf(limits: StoreLimits): Readonly<Record<string, unknown>> {
  const { loop: _, ...numbers } = limits
  return { ...numbers, subjectLife: subjectLife(limits) }
}

/** The reply is strings: five of subject and session, then first sight and last accepted use of each name in turn. */
function readObserved(sighting: Sighting, reply: unknown): Omit<Observed, 'counters'> {
  const { device, place, session, fingerprint, roles, now } = sighting
  const words = Array.isArray(reply) ? reply.map(String) : []
  const [first = '', inSession = '', last = '', learnt = '', learntAt = '', ...sights] = words
  const next = (): { firstSeen: number; known: number } => {
    const [seen, known] = sights.splice(0, 2)
    return { firstSeen: timeFrom(seen), known: timeFrom(known) }
  }
  const nextSeen = (): number => next().firstSeen
  const nextDevice = () => {
    const { firstSeen, known } = next()
    return { learnt: known !== 0, firstSeen }
  }
  return {
    ...(session !== undefined && { session: { firstSeen: timeFrom(first) } }),
    ...(device !== undefined && { device: nextDevice() }),
    ...(place !== undefined && { place: { last: readPlace(last), firstSeen: nextSeen() } }),
    ...(fingerprint !== undefined && {
      fingerprint: { learnt: readTexts(inSession), firstSeen: nextSeen() },
    }),
    ...(roles !== undefined && {
      roles: {
        learnt: readTexts(learnt),
        learntAt: timeFrom(learntAt),
        firstSeen: roles.length === 0 ? now : Math.max(...roles.map(nextSeen)),
      },
    }),
  }
}

type PlaceTuple = [
  Place['latitude'],
  Place['longitude'],
  Place['accuracyKm'],
  Place['country'],
  Place['at'],
]

/** Short: Redis keeps a hash in a third of the memory while none of its values is longer than 64 bytes. */
function writePlace({ latitude, longitude, accuracyKm, country, at }: Place): string {
  const tuple: PlaceTuple = [latitude, longitude, accuracyKm, country, at]
  return JSON.stringify(tuple)
}

function readPlace(word: string): Place | null {
  if (word === '') return null
  const [latitude, longitude, accuracyKm, country, at] = listIn(word)
  if (typeof country !== 'string') throw new Error('Redis gave a place that is none')
  return {
    latitude: numberFrom(latitude),
    longitude: numberFrom(longitude),
    accuracyKm: numberFrom(accuracyKm),
    country,
    at: numberFrom(at),
  }
}

function readTexts(word: string): string[] | null {
  if (word === '') return null
  return listIn(word).map((one) => {
    if (typeof one === 'string') return one
    throw new Error('Redis gave a text that is none')
  })
}

function timeFrom(word: string | undefined): number {
  const time = word ? Number(word) : Number.NaN
  if (Number.isFinite(time)) return time
  throw new Error('Redis gave a time that is none')
}

/** A distance out of what is no number would be no number either, and so never too far. */
function numberFrom(value: unknown): number {
  if (typeof value === 'number' && Number.isFinite(value)) return value
  throw new Error('Redis gave a number that is none')
}

function listIn(word: string): readonly unknown[] {
  const value: unknown = JSON.parse(word)
  if (Array.isArray(value)) return value
  throw new Error('Redis gave a list that is none')
}
