import type { SecurityEvent } from '../domain/security-event.ts'
import type { SubjectKey } from '../domain/settlement.ts'
import { type EventSubject, type KnownSubjects, readSubject } from './read-subject.ts'
import type { JsonObject } from './stream.ts'
import type { VerifiedSet } from './verify-set.ts'

/** The events that are heeded, by the last part of their type; `other` is any that is not. */
export type EventType = keyof typeof READERS | 'verification' | 'other'

/**
 * What an event comes to: one thing or several, each of which counts. `ignored` changes nothing, though what is remembered
 * of the subjects' tokens is better forgotten. `verification` shows that the stream works.
 */
export type Reading =
  | { readonly kind: 'events'; readonly events: readonly SecurityEvent[] }
  | { readonly kind: 'ignored'; readonly subjects: readonly SubjectKey[] }
  | { readonly kind: 'unknown-subject' }
  | { readonly kind: 'verification'; readonly state: string | null }

type About = EventSubject & { readonly at: number; readonly event: JsonObject }
type Reader = (about: About) => Reading

const BASES = [
  ['https://schemas.openid.net/secevent/caep/event-type/', 'caep'],
  ['https://schemas.openid.net/secevent/risc/event-type/', 'risc'],
  ['https://schemas.openid.net/secevent/ssf/event-type/', 'ssf'],
] as const

/** What cannot be read of an event counts as the worse: a change of another kind revokes, another status is none. */
const READERS = {
  'session-revoked': (about) => told([...revoked(about, about.session), ...ended(about)]),
  'sessions-revoked': (about) => told(revoked(about, null)),
  'credential-change': (about) =>
    about.event.change_type === 'create' ? ignored(about) : told(revoked(about, null)),
  'assurance-level-change': (about) =>
    about.event.change_direction === 'increase' ? ignored(about) : told(revoked(about, null)),
  'device-compliance-change': ({ devices, at, event }) => {
    const compliant = event.current_status === 'compliant'
    return told(devices.map((device) => ({ kind: 'device', device, compliant, at })))
  },
  'account-disabled': (about) => account(about, true),
  'account-purged': (about) => account(about, true),
  'account-enabled': (about) => account(about, false),
} satisfies Record<string, Reader>

/** Which profile has each of them: a name means nothing in another. */
const PROFILES: Readonly<Record<keyof typeof READERS, 'caep' | 'risc'>> = {
  'session-revoked': 'caep',
  'credential-change': 'caep',
  'assurance-level-change': 'caep',
  'device-compliance-change': 'caep',
  'sessions-revoked': 'risc',
  'account-disabled': 'risc',
  'account-purged': 'risc',
  'account-enabled': 'risc',
}

/** The type of an event by its URI (OpenID CAEP 1.0, RISC 1.0, SSF 1.0 §8.1.4.1). */
export function typeOf(uri: string): EventType {
  const [base, profile] = BASES.find(([one]) => uri.startsWith(one)) ?? ['', '']
  const name = uri.slice(base.length)
  // RISC's own came before that of SSF, and is still sent.
  if (name === 'verification' && profile !== '' && profile !== 'caep') return 'verification'
  return isKnown(name) && PROFILES[name] === profile ? name : 'other'
}

/** Reads the event of a verified SET. */
export function readEvent(set: VerifiedSet, known: KnownSubjects): Reading {
  const type = typeOf(set.type)
  const { event, claims } = set
  if (type === 'verification') return { kind: 'verification', state: textOf(event.state) }
  const subject = readSubject(claims.sub_id ?? event.sub_id ?? event.subject, known)
  if (type === 'other') return { kind: 'ignored', subjects: [] }
  return READERS[type]({ ...subject, event, at: timeOf(set) })
}

function revoked({ users, at }: About, session: string | null): readonly SecurityEvent[] {
  return users.map((subject) => ({ kind: 'session-revoked', subject, session, at }))
}

function ended({ sessions, at }: About): readonly SecurityEvent[] {
  return sessions.map((one) => ({ kind: 'session-ended', ...one, at }))
}

function account({ users, at }: About, disabled: boolean): Reading {
  return told(users.map((subject) => ({ kind: 'account', subject, disabled, at })))
}

function ignored({ users }: About): Reading {
  return users.length === 0 ? { kind: 'unknown-subject' } : { kind: 'ignored', subjects: users }
}

function told(events: readonly SecurityEvent[]): Reading {
  return events.length === 0 ? { kind: 'unknown-subject' } : { kind: 'events', events }
}

/**
 * When it happened, in milliseconds of the transmitter's clock: what the event says, else the SET's `toe`, else its `iat`.
 * It was not after the SET was issued. When it came does not count: a SET has the same time however often it comes, and
 * logins are dated by the same clock, which may be ahead of ours.
 */
function timeOf({ event, claims, issuedAt }: VerifiedSet): number {
  const said = milliseconds(event.event_timestamp) ?? milliseconds(claims.toe) ?? issuedAt
  return Math.min(said, issuedAt + PART_OF_SECOND)
}

/** `iat` is in whole seconds mostly, and what happened later in the same second was still before it. */
const PART_OF_SECOND = 999

/** From here on (the year 5138 in seconds) a time is in milliseconds, as Okta writes it. */
const IN_MILLISECONDS = 1e11

/** Null for what is no time, zero among it: it is what a time that was never set looks like. */
function milliseconds(time: unknown): number | null {
  if (typeof time !== 'number' || !(time > 0)) return null
  return time < IN_MILLISECONDS ? time * 1000 : time
}

function isKnown(name: string): name is keyof typeof READERS {
  return Object.hasOwn(READERS, name)
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}
