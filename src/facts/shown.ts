import type { AccessRequest } from '../domain/access-request.ts'
import type { Device, FactGroup, Facts, Location } from '../domain/facts.ts'
import type { Identity, Login, Subject } from '../domain/identity.ts'
import type { SubjectKey } from '../domain/settlement.ts'
import type { FindDevice } from './device.ts'
import type { FingerprintOf } from './fingerprint.ts'
import type { Standings } from './standings.ts'
import type { Place } from './store.ts'
import { NO_TRAVEL } from './travel.ts'

/** What the files know of an address: a value, none (null), or no answer at all. */
export type Looked<T> = { readonly value: T | null } | 'unavailable'

/** Says where an address is, at once. */
export type Locate = (ip: string) => {
  /** ISO 3166-1 alpha-2. */
  readonly country: Looked<string>
  readonly asn: Looked<number>
  /** Degrees, and kilometres or null when nobody says how accurate it is. */
  readonly point: Looked<{
    readonly latitude: number
    readonly longitude: number
    readonly accuracyKm: number | null
  }>
}

/** Where facts come from that need no store; null where nothing is configured. */
export type Sources = {
  readonly locate: Locate | null
  readonly device: FindDevice | null
  readonly fingerprint: FingerprintOf | null
  readonly standings: LookUp | null
}

/** What security events came to. */
type LookUp = Pick<Standings, 'isRevoked' | 'isDisabled' | 'isNotCompliant'>

/** One request, who makes it, and when (ms since the epoch). */
export type Asked = {
  readonly request: AccessRequest
  readonly identity: Identity
  readonly now: number
}

/** What a request shows by itself: facts, and what the store is to be asked about. */
export type Shown = {
  readonly facts: Facts
  readonly subject: SubjectKey | null
  readonly login: Login | null
  readonly device?: string
  readonly place?: Place
  readonly session?: string
  readonly fingerprint?: string
  readonly roles?: readonly string[]
}

type Caller = { readonly subject: Subject; readonly login: Login }

/**
 * Reads what is needed out of a request. Nobody has no known device and no journeys, was not revoked or disabled, and
 * has nothing to remember.
 */
export function readShown(sources: Sources, groups: ReadonlySet<FactGroup>, asked: Asked): Shown {
  const { identity } = asked
  const facts: Mutable<Facts> = {}
  if (identity.kind !== 'authenticated') {
    const nobody: Mutable<Shown> = { facts, subject: null, login: null }
    addDevice(nobody, facts, { sources, groups, asked })
    addPlace(nobody, facts, { sources, groups, asked })
    addStanding(facts, null, { sources, groups, asked })
    return nobody
  }
  const { subject, login } = identity
  const key = { issuer: subject.issuer, id: subject.id }
  const shown: Mutable<Shown> = { facts, subject: key, login }
  addDevice(shown, facts, { sources, groups, asked })
  addPlace(shown, facts, { sources, groups, asked })
  addSession(shown, identity, { sources, groups, asked })
  addStanding(facts, identity, { sources, groups, asked })
  if (groups.has('roles-added') && subject.roles !== undefined) shown.roles = subject.roles
  return shown
}

type Mutable<T> = { -readonly [Member in keyof T]: T[Member] }

type Need = {
  readonly sources: Sources
  readonly groups: ReadonlySet<FactGroup>
  readonly asked: Asked
}

function addDevice(shown: Mutable<Shown>, facts: Mutable<Facts>, need: Need): void {
  const { groups, asked } = need
  const find = need.sources.device
  if (find === null || !(groups.has('device') || groups.has('device-known'))) return
  const device = find(asked.request, asked.identity)
  if (groups.has('device')) facts.device = standingOf(device, need.sources.standings)
  if (!groups.has('device-known')) return
  if (shown.subject === null || device.id === '') facts.deviceKnown = false
  else shown.device = device.id
}

/** A device that was reported is not trusted; what was reported of it may be unavailable. */
function standingOf(device: Device, standings: LookUp | null): Device {
  if (standings === null || device.id === '' || device.trusted === false) return device
  const isNotCompliant = standings.isNotCompliant(device.id)
  if (isNotCompliant === false) return device
  const { trusted: _said, ...rest } = device
  return isNotCompliant === undefined ? rest : { ...rest, trusted: false }
}

function addStanding(facts: Mutable<Facts>, caller: Caller | null, need: Need): void {
  const { groups } = need
  const { standings } = need.sources
  if (groups.has('session-revoked')) {
    const isRevoked =
      caller === null ? false : standings?.isRevoked(caller.subject, loginOf(caller))
    if (isRevoked !== undefined) facts.sessionRevoked = isRevoked
  }
  if (groups.has('subject-disabled')) {
    const isDisabled = caller === null ? false : standings?.isDisabled(caller.subject)
    if (isDisabled !== undefined) facts.subjectDisabled = isDisabled
  }
}

/** A program has no login but the issue of its token. */
function loginOf({ subject, login }: Caller): Login {
  const { authTime, issuedAt } = login
  if (!subject.workload || authTime !== undefined || issuedAt === undefined) return login
  return { ...login, authTime: issuedAt }
}

function addPlace(shown: Mutable<Shown>, facts: Mutable<Facts>, need: Need): void {
  const { sources, groups, asked } = need
  const travels = groups.has('travel') && shown.subject !== null
  if (groups.has('travel') && !travels) facts.travel = NO_TRAVEL
  const { ip } = asked.request.source
  if (ip === null || !(travels || groups.has('location'))) return
  const located = sources.locate?.(ip)
  if (located === undefined) return
  if (groups.has('location')) facts.location = locationOf(located)
  const place = travels ? placeOf(located, asked.now) : undefined
  if (place !== undefined) shown.place = place
}

function locationOf({ country, asn }: ReturnType<Locate>): Location {
  return {
    ...(country === 'unavailable' ? {} : { country: country.value ?? '' }),
    ...(asn === 'unavailable' ? {} : { asn: asn.value ?? 0 }),
  }
}

/** Undefined where nobody knows the place: it may be any distance from the last one. */
function placeOf(located: ReturnType<Locate>, at: number): Place | undefined {
  const { point } = located
  if (point === 'unavailable' || point.value === null) return undefined
  const { latitude, longitude, accuracyKm } = point.value
  const { country = '' } = locationOf(located)
  // An unknown accuracy shortens no journey.
  return { latitude, longitude, accuracyKm: accuracyKm ?? 0, country, at }
}

function addSession(shown: Mutable<Shown>, caller: Caller, need: Need): void {
  const { sources, groups, asked } = need
  const session = sessionKey(caller)
  if (session === undefined) return
  const value = groups.has('fingerprint') ? sources.fingerprint?.(asked.request) : undefined
  if (groups.has('session-age') || value !== undefined) shown.session = session
  if (value !== undefined) shown.fingerprint = value
}

/** The issuer's own name for the session, else the login that it began with; undefined without either. */
function sessionKey({ subject, login }: Caller): string | undefined {
  const { issuer, id } = subject
  if (login.sessionId !== undefined) return JSON.stringify([issuer, login.sessionId])
  if (login.authTime !== undefined) return JSON.stringify([issuer, id, login.authTime])
  return undefined
}
