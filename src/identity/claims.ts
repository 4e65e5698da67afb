import type { JWTPayload } from 'jose'
import type { Login, Subject } from '../domain/identity.ts'
import type { Issuer } from './issuer.ts'

/** Above this many seconds (the year 5138) an `auth_time` is surely in milliseconds, and so malformed. */
const MAX_AUTH_TIME = 1e11

/** OpenID Connect Core §2; a longer one would not fit the header for the upstream either. */
const MAX_SUBJECT = 255

/** Where providers put the client's id, in this order (RFC 9068 §2.2, OpenID Connect Core §2, Okta, Entra v1). */
const CLIENT_CLAIMS = ['client_id', 'azp', 'cid', 'appid']

/** The caller of a verified token, or null without a usable `sub`. */
export function readSubject(payload: JWTPayload, issuer: Issuer): Subject | null {
  const { claims } = issuer
  const id = text(payload.sub)
  if (id === undefined || id.length > MAX_SUBJECT) return null
  const clientId = CLIENT_CLAIMS.map((name) => text(lookup(payload, name))).find(
    (value) => value !== undefined,
  )
  return Object.freeze({
    issuer: issuer.name,
    id,
    workload: isWorkload(payload, clientId, issuer),
    claims: frozenCopy(payload),
    ...present('clientId', clientId),
    ...present('roles', list(lookup(payload, claims.roles))),
    ...present('groups', list(lookup(payload, claims.groups))),
    ...present('scopes', scopeList(scopeClaim(payload, claims.scopes))),
    ...present('tenant', text(lookup(payload, claims.tenant))),
  })
}

/** The login behind a verified token. A claim of the wrong shape is absent: it proves nothing. */
export function readLogin(payload: JWTPayload, issuer: Issuer): Login {
  return Object.freeze({
    proof: issuer.proof,
    tolerance: issuer.auth_time,
    ...present('issuedAt', readTime(payload.iat)),
    ...present('sessionId', text(lookup(payload, issuer.claims.session))),
    ...present('acr', text(lookup(payload, 'acr'))),
    ...present('amr', list(lookup(payload, 'amr'))),
    ...present('authTime', readTime(lookup(payload, 'auth_time'))),
  })
}

/**
 * Listed by the operator, or a client that speaks for itself (RFC 9068 §5: `sub` is the client)
 * and carries no sign of a login, not even a malformed one.
 */
function isWorkload(payload: JWTPayload, clientId: string | undefined, issuer: Issuer): boolean {
  if (clientId === undefined) return false
  if (issuer.workloads.clients.includes(clientId)) return true
  return payload.sub === clientId && !Object.hasOwn(payload, 'auth_time')
}

/** The value at a claim path; only own members count, so that no name reaches a prototype. */
function lookup(claims: unknown, path: string): unknown {
  const whole = member(claims, path)
  if (whole !== undefined || !path.includes('.')) return whole
  return path.split('.').reduce(member, claims)
}

function member(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  return Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** A list with anything but text in it is absent as a whole: half a list could be read as all of it. */
function list(value: unknown): readonly string[] | undefined {
  const texts = Array.isArray(value) && value.every((item) => typeof item === 'string')
  return texts ? Object.freeze([...value]) : undefined
}

/** `scp` stands in for `scope` at providers that name it so (Okta, Entra). */
function scopeClaim(payload: JWTPayload, path: string): unknown {
  return lookup(payload, path) ?? (path === 'scope' ? lookup(payload, 'scp') : undefined)
}

/** Scopes are one text with blanks between (RFC 8693 §4.2) or a list. */
function scopeList(value: unknown): readonly string[] | undefined {
  if (typeof value !== 'string') return list(value)
  return Object.freeze(value.split(' ').filter((scope) => scope !== ''))
}

/** Whole seconds since the epoch; zero, negatives, milliseconds and text are no time at all. */
function readTime(value: unknown): number | undefined {
  if (typeof value !== 'number' || !(value >= 1 && value <= MAX_AUTH_TIME)) return undefined
  return Math.floor(value)
}

/** A copy that nobody can change, without prototypes: `__proto__` is a name like any other in it. */
function frozenCopy(source: object): Readonly<Record<string, unknown>> {
  const copy: Record<string, unknown> = Object.create(null)
  for (const [name, value] of Object.entries(source)) copy[name] = frozenValue(value)
  return Object.freeze(copy)
}

function frozenValue(value: unknown): unknown {
  if (Array.isArray(value)) return Object.freeze(value.map(frozenValue))
  return typeof value === 'object' && value !== null ? frozenCopy(value) : value
}

function present<K extends string, V>(name: K, value: V | undefined): { [name in K]?: V } {
  return value === undefined ? {} : ({ [name]: value } as { [name in K]?: V })
}
