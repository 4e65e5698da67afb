import type { SubjectKey } from '../domain/settlement.ts'
import { type IssuerNames, isObject, type JsonObject, memberOf, type Stream } from './stream.ts'

/** Whom and what an event is about, as far as it is known here; null where it is not. */
export type EventSubject = {
  readonly user: SubjectKey | null
  /** What the provider calls the session. */
  readonly session: string | null
  readonly device: string | null
}

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
 * identifier may be of a user or of a device: the event tells which.
 */
export function readSubject(value: unknown, known: KnownSubjects): EventSubject {
  if (!isObject(value)) return { user: null, session: null, device: null }
  const format = formatOf(value)
  if (format === 'complex' || (format === '' && isComplex(value))) {
    const { user, session, device } = value
    return {
      user: userOf(user, known),
      session: simpleOf(session)?.id ?? null,
      device: deviceOf(device, known),
    }
  }
  return { user: userOf(value, known), session: null, device: deviceOf(value, known) }
}

function userOf(value: unknown, known: KnownSubjects): SubjectKey | null {
  for (const one of simplesOf(value)) {
    const issuer = issuerOf(one, known)
    if (issuer !== null) return { issuer, id: one.id }
  }
  return null
}

/** Devices are known by their ids alone, which the transmitter must be one to give. */
function deviceOf(value: unknown, known: KnownSubjects): string | null {
  const own = (one: Simple) =>
    one.issuer === known.stream.issuer || one.issuer === null || issuerOf(one, known) !== null
  return simplesOf(value).find(own)?.id ?? null
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
