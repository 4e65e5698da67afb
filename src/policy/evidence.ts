import { counterRead } from './fact-groups.ts'

/**
 * The names whose values may be reported as the reason of a signal: what we looked up, and what the policy itself names.
 * What a caller or a provider wrote (ids, claims, headers, bodies, addresses) is not among them.
 */
const SHOWN: readonly string[] = [
  'device.known',
  'device.trusted',
  'device.reputation',
  'travel.distance_km',
  'travel.speed_kmh',
  'travel.country_changed',
  'source.country',
  'source.asn',
  'source.networks',
  'session.age',
  'session.auth_age',
  'session.fingerprint_changed',
  'session.revoked',
  'request.schedules',
  'request.size',
  'subject.workload',
  'subject.disabled',
]

/** Of the names that a condition reads, those whose values may be reported: `device.known`, `rate(revocations)`. */
export function evidenceNames(reads: ReadonlySet<string>): readonly string[] {
  const named = SHOWN.filter((name) => reads.has(name))
  return [...named, ...[...reads].filter((name) => counterRead(name) !== undefined)]
}

/** Names that say what the policy or the request's own record says already: a level, a method, whether there is a caller. */
const TOLD: readonly string[] = [
  'subject.authenticated',
  'session.at_least',
  'risk.at_least',
  'request.method',
]

const TOLD_NAMES: ReadonlySet<string> = new Set([...TOLD, ...SHOWN])

/**
 * True for a name whose value may be told of a rule: what may be reported of a signal, and a little more. A variable that is
 * true or false says no more than the condition that reads it.
 */
export function isTold(name: string, value: unknown): boolean {
  if (typeof value === 'boolean' && name.startsWith('variables.')) return true
  return TOLD_NAMES.has(name) || counterRead(name) !== undefined
}
