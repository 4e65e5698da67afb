import { DEFAULT_TOLERANCE, type Ladder } from '../domain/assurance.ts'
import { parseDuration } from '../domain/duration.ts'
import type { Identity, Login, Subject } from '../domain/identity.ts'
import { nearest } from '../domain/nearest.ts'
import type { PartialSituation } from './scenario-schema.ts'

/** A record of the keys that have a value. */
type Present<T> = { [K in keyof T]?: Exclude<T[K], undefined> }

/** Who calls in a made-up situation; the text says why it cannot be. */
export function buildIdentity(
  { subject, session = {}, token }: PartialSituation,
  ladder: Ladder,
  now: number,
): Identity | string {
  if (token !== undefined) return { kind: 'rejected', problem: token }
  if (!subject) return { kind: 'anonymous' }
  const caller = buildSubject(subject, ladder)
  const login = buildLogin(caller.issuer, session, ladder, now)
  return typeof login === 'string' ? login : { kind: 'authenticated', subject: caller, login }
}

/** Leaves out what is undefined, so that absent is absent. */
export function withoutUndefined<T extends object>(record: T): Present<T> {
  return Object.fromEntries(
    Object.entries(record).filter(([, value]) => value !== undefined),
  ) as Present<T>
}

function buildSubject(written: NonNullable<PartialSituation['subject']>, ladder: Ladder): Subject {
  const { client_id: clientId, roles_added: _added, disabled: _disabled, ...rest } = written
  const [issuer = 'idp'] = ladder.flatMap((level) => [...level.acr.keys()])
  return {
    issuer,
    id: 'somebody',
    workload: false,
    claims: {},
    ...withoutUndefined({ ...rest, clientId }),
  }
}

function buildLogin(
  issuer: string,
  session: NonNullable<PartialSituation['session']>,
  ladder: Ladder,
  now: number,
): Login | string {
  const { level } = session
  const evidence = level === undefined ? {} : evidenceFor(level, issuer, ladder)
  if (typeof evidence === 'string') return evidence
  const login = {
    sessionId: session.id,
    acr: session.acr ?? evidence.acr,
    amr: session.amr ?? evidence.amr,
    authTime: session.auth_time ?? authTimeOf(session.auth_age, now),
  }
  return { proof: session.proof ?? 'acr', tolerance: DEFAULT_TOLERANCE, ...withoutUndefined(login) }
}

/** The first `acr` and the first set of methods that stand for a level. */
function evidenceFor(
  name: string,
  issuer: string,
  ladder: Ladder,
): { acr?: string | undefined; amr?: readonly string[] | undefined } | string {
  const level = ladder.find((one) => one.name === name)
  if (level) return { acr: level.acr.get(issuer)?.[0], amr: level.amr[0] }
  const names = ladder.map((one) => one.name)
  const close = nearest(name, names)
  const hint = close ? `did you mean \`${close}\`?` : `levels: ${names.join(', ') || 'none'}`
  return `there is no level \`${name}\`; ${hint}`
}

function authTimeOf(age: string | undefined, now: number): number | undefined {
  const seconds = age === undefined ? null : parseDuration(age)
  return seconds === null ? undefined : now / 1000 - seconds
}
