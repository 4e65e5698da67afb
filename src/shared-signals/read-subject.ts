import type { SubjectKey } from '../domain/settlement.ts'
import { type IssuerNames, isObject, type JsonObject, memberOf, type Stream } from './stream.ts'

/**
 * Whom and what an event is about, as far as it is known here: whatever has several names stands under each that is
 * known, at most ten.
 */
export type EventSubject = {
  readonly users: readonly SubjectKey[]
  /** The one session of theirs, as the provider calls it; null where it says none. */
  readonly session: string | null
  /** What may be a session whose user is not known. */
  readonly sessions: readonly SessionKey[]
  readonly devices: readonly string[]
}

/** A session as its issuer has it; that by its name in the settings. */
export type SessionKey = { readonly issuer: string; readonly session: string }

/** Who is known here. */
export type KnownSubjects = { readonly stream: Stream; readonly issuers: IssuerNames }

/** A simple identifier; `issuer` is null where it does not say whose it is. */
type Simple = { readonly issuer: string | null; readonly id: string }

/** Characters: OpenID Connect Core §2 for `sub`; nothing longer is remembered of a session or a device either. */
const MAX_ID = 255

/** Identifiers of one subject that are looked at. */
const MAX_ALIASES = 10

/**
 * Reads a subject identifier (RFC 9493, and OpenID SSF 1.0 §3 for `complex`), also as transmitters of earlier drafts
 * write it: with `subject_type` for `format`, `iss-sub` for `iss_sub`, or a complex one that does not say so. A simple
 * identifier may be of a user or of a device, an opaque one also of a session: the event tells which it can be.
 */
export function readSubject(value: unknown, known: KnownSubjects): EventSubject {
  if (!isObject(value)) return NOBODY
  const format = formatOf(value)
  if (format === 'complex' || (format === '' && isComplex(value))) {
    const { user, session, device } = value
    const users = keysOf(simplesOf(user), known)
    return {
      users,
      session: simpleOf(session)?.id ?? null,
      sessions: users.length > 0 ? [] : sessionsOf(simplesOf(session), known),
      devices: devicesOf(device, known),
    }
  }
  const all = simplesOf(value)
  const opaque = all.filter(({ issuer }) => issuer === null)
  return {
    users: keysOf(all, known),
    session: null,
    sessions: sessionsOf(opaque, known),
    devices: devicesOf(value, known),
  }
}

const NOBODY: EventSubject = { users: [], session: null, sessions: [], devices: [] }

function keysOf(all: readonly Simple[], known: KnownSubjects): readonly SubjectKey[] {
  return all.flatMap((one) => {
    const issuer = issuerOf(one, known)
    return issuer === null ? [] : [{ issuer, id: one.id }]
  })
}

function sessionsOf(all: readonly Simple[], known: KnownSubjects): readonly SessionKey[] {
  return keysOf(all, known).map(({ issuer, id }) => ({ issuer, session: id }))
}

/** Devices are known by their ids alone, which the transmitter must be one to give. */
function devicesOf(value: unknown, known: KnownSubjects): readonly string[] {
  const own = (one: Simple) =>
    one.issuer === known.stream.issuer || one.issuer === null || issuerOf(one, known) !== null
  return simplesOf(value)
    .filter(own)
    .map(({ id }) => id)
}

/** The name of the configured issuer whose subject this is. A stream that is bound to one speaks of no other. */
function issuerOf({ issuer }: Simple, { stream, issuers }: KnownSubjects): string | null {
  const { subjects } = stream
  if (issuer === null || issuer === stream.issuer)
    return subjects ?? issuers.get(stream.issuer) ?? null
  const named = issuers.get(issuer) ?? null
  return subjects === null || subjects === named ? named : null
}

function simplesOf(value: unknown): readonly Simple[] {
  const identifiers = memberOf(value, 'identifiers')
  const all =
    isObject(value) && formatOf(value) === 'aliases' && Array.isArray(identifiers)
      ? identifiers.slice(0, MAX_ALIASES)
      : [value]
  return all.map(simpleOf).filter((one) => one !== null)
}

function simpleOf(value: unknown): Simple | null {
  if (!isObject(value)) return null
  const { iss, sub, id } = value
  switch (formatOf(value)) {
    case 'iss_sub':
      return typeof iss === 'string' && isId(sub) ? { issuer: iss, id: sub } : null
    case 'opaque':
      return isId(id) ? { issuer: null, id } : null
    default:
      return null
  }
}

function formatOf(value: JsonObject): string {
  const format = value.format ?? value.subject_type
  return typeof format === 'string' ? format.replaceAll('-', '_') : ''
}

function isComplex(value: JsonObject): boolean {
  return ['user', 'session', 'device'].some((name) => isObject(value[name]))
}

/** Neither control characters nor half a surrogate pair, as in the `sub` of a token. */
function isId(value: unknown): value is string {
  if (typeof value !== 'string' || value === '' || value.length > MAX_ID) return false
  return value.isWellFormed() && !/\p{Cc}/u.test(value)
}
