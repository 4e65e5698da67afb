import { claimAt } from '../domain/claim.ts'
import type { Login, Subject } from '../domain/identity.ts'
import { claimsSpiffe, isSpiffeWorkload } from '../domain/spiffe-id.ts'
import type { Issuer } from './issuer.ts'
import type { JsonObject } from './token-form.ts'

/** Above this many seconds (the year 5138) an `auth_time` is surely in milliseconds, and so malformed. */
const MAX_AUTH_TIME = 1e11

/** OpenID Connect Core §2; a longer one would not fit the header for the upstream either. */
const MAX_SUBJECT = 255

/** The caller of a verified token, or null without a usable `sub`. */
export function readSubject(payload: JsonObject, issuer: Issuer): Subject | null {
  const { claims } = issuer
  const id = text(payload.sub)
  if (id === undefined || !isSubject(id, issuer)) return null
  const clientId = claims.client
    .map((path) => text(claimAt(payload, path)))
    .find((value) => value !== undefined)
  return Object.freeze({
    issuer: issuer.name,
    id,
    workload: isWorkload(payload, clientId, issuer),
    claims: frozenCopy(payload),
    ...present('clientId', clientId),
    ...present('roles', list(claimAt(payload, claims.roles))),
    ...present('groups', list(claimAt(payload, claims.groups))),
    ...present('scopes', scopeList(scopeClaim(payload, claims.scopes))),
    ...present('tenant', text(claimAt(payload, claims.tenant))),
  })
}

/** Where an issuer names programs by SPIFFE ids, whatever looks like one has to be one of its own. */
function isSubject(id: string, { workloads }: Issuer): boolean {
  if (workloads.trust_domain === undefined || !claimsSpiffe(id))
    return id.length <= MAX_SUBJECT && isPlain(id)
  return isSpiffeWorkload(id, workloads.trust_domain)
}

/** The login behind a verified token. A claim of the wrong shape is absent: it proves nothing. */
export function readLogin(payload: JsonObject, issuer: Issuer): Login {
  const { claims } = issuer
  return Object.freeze({
    proof: issuer.proof,
    tolerance: issuer.auth_time,
    ...present('issuedAt', readTime(payload.iat)),
    ...present('sessionId', text(claimAt(payload, claims.session))),
    ...present('acr', text(claimAt(payload, claims.acr))),
    ...present('acrs', list(claimAt(payload, claims.acr))),
    ...present('amr', list(claimAt(payload, claims.amr))),
    ...present('authTime', readTime(claimAt(payload, claims.auth_time))),
  })
}

/**
 * Named by a SPIFFE id, listed by the operator, called one by its provider (`idtyp` at Entra, `gty` at Auth0), or a client that speaks for
 * itself (RFC 9068 §5: `sub` is the client) and carries no sign of a login, not even a malformed one.
 */
function isWorkload(payload: JsonObject, clientId: string | undefined, issuer: Issuer): boolean {
  const { trust_domain: domain } = issuer.workloads
  if (domain !== undefined && isSpiffeWorkload(payload.sub, domain)) return true
  if (clientId === undefined) return false
  if (issuer.workloads.clients.includes(clientId)) return true
  if (payload.idtyp === 'app' || payload.gty === 'client-credentials') return true
  if (payload.sub !== clientId) return false
  return ['auth_time', issuer.claims.auth_time].every(
    (path) => claimAt(payload, path) === undefined,
  )
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** Neither control characters nor half a surrogate pair, which would make two subjects look like one. */
function isPlain(value: string): boolean {
  return value.isWellFormed() && !/\p{Cc}/u.test(value)
}

/** A list with anything but text in it is absent as a whole: half a list could be read as all of it. */
function list(value: unknown): readonly string[] | undefined {
  const texts = Array.isArray(value) && value.every((item) => typeof item === 'string')
  return texts ? Object.freeze([...value]) : undefined
}

/** `scp` stands in for `scope` at providers that name it so (Okta, Entra). */
function scopeClaim(payload: JsonObject, path: string): unknown {
  return claimAt(payload, path) ?? (path === 'scope' ? claimAt(payload, 'scp') : undefined)
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
