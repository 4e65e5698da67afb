import type { FactGroup, FactKind, Facts, Unlearnt } from '../domain/facts.ts'
import type { Shown } from './shown.ts'
import type { Observed } from './store.ts'
import { NO_TRAVEL, travelBetween } from './travel.ts'

/** What is asked for, what the request shows of it, what is remembered of that, and when this is (ms). */
export type Recollection = {
  readonly groups: ReadonlySet<FactGroup>
  readonly shown: Shown
  readonly observed: Observed
  readonly now: number
}

/** The facts that what is remembered adds to what a request shows; what is not remembered is unlearnt. */
export function recall(recollection: Recollection): Facts {
  const unlearnt: Unknown = new Map()
  const facts: Draft = { unlearnt }
  addDevice(facts, unlearnt, recollection)
  addTravel(facts, unlearnt, recollection)
  addSessionAge(facts, recollection)
  addFingerprint(facts, unlearnt, recollection)
  addRoles(facts, unlearnt, recollection)
  return facts
}

type Draft = { -readonly [Member in keyof Facts]: Facts[Member] }
type Unknown = Map<FactKind, Unlearnt>

function addDevice(facts: Draft, unlearnt: Unknown, recollection: Recollection): void {
  const { device } = recollection.observed
  if (device === undefined) return
  facts.deviceKnown = device.learnt
  if (!device.learnt) unlearnt.set('device', newness(recollection, device.firstSeen))
}

function addTravel(facts: Draft, unlearnt: Unknown, recollection: Recollection): void {
  const { place: here } = recollection.shown
  const { place: known } = recollection.observed
  if (here === undefined || known === undefined) return
  const travel = known.last === null ? NO_TRAVEL : travelBetween(known.last, here)
  facts.travel = travel
  const isElsewhere = known.last === null || travel.distanceKm > 0 || travel.countryChanged
  if (isElsewhere) unlearnt.set('place', newness(recollection, known.firstSeen))
}

function addSessionAge(facts: Draft, { groups, shown, observed, now }: Recollection): void {
  const { session } = observed
  if (session === undefined || !groups.has('session-age')) return
  const { authTime = now / 1000 } = shown.login ?? {}
  facts.sessionAge = Math.max(0, (now - session.firstSeen) / 1000, now / 1000 - authTime)
}

/** In a session that has learnt none yet, a value is as good as one that was seen before the login. */
function addFingerprint(facts: Draft, unlearnt: Unknown, recollection: Recollection): void {
  const { fingerprint: value } = recollection.shown
  const { fingerprint: known } = recollection.observed
  if (value === undefined || known === undefined) return
  const login = newness(recollection, known.firstSeen)
  const isLearnt = known.learnt?.includes(value) ?? false
  facts.fingerprintChanged = known.learnt === null ? login === 'login-older' : !isLearnt
  if (!isLearnt) unlearnt.set('fingerprint', login)
}

/** A newer login replaces the roles that were learnt, also by fewer: they are new when they come back. */
function addRoles(facts: Draft, unlearnt: Unknown, recollection: Recollection): void {
  const { roles } = recollection.shown
  const { roles: known } = recollection.observed
  if (roles === undefined || known === undefined) return
  const learnt = new Set(known.learnt)
  const added = [...new Set(roles)].filter((role) => !learnt.has(role)).toSorted()
  facts.rolesAdded = added
  if (added.length > 0) unlearnt.set('roles', newness(recollection, known.firstSeen))
  else if (newness(recollection, known.learntAt) === 'login-newer')
    unlearnt.set('roles', 'login-newer')
}

/**
 * Whether the login is newer than a first sight (ms), beyond the second that it is rounded to. What it was first seen with
 * itself is never older, even when it is ahead of our clock; too far ahead it counts as no login.
 */
function newness({ shown, now }: Recollection, firstSeen: number): Unlearnt {
  const { authTime, tolerance } = shown.login ?? {}
  if (authTime === undefined || tolerance === undefined) return 'login-older'
  if (authTime > now / 1000 + tolerance.ahead) return 'login-older'
  return authTime * 1000 > firstSeen ? 'login-newer' : 'login-older'
}
