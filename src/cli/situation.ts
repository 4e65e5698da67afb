import type { PartialSituation } from '../scenario/scenario-schema.ts'
import { readBytes } from './read-source.ts'
import { UsageError } from './world.ts'

/** A made-up request in options, as the command line has them. */
export type SituationOptions = {
  readonly method?: string
  readonly path?: string
  readonly host?: string
  readonly header?: readonly string[]
  readonly body?: string
  readonly ip?: string
  readonly now?: string
  readonly issuer?: string
  readonly subject?: string
  readonly role?: readonly string[]
  readonly scope?: readonly string[]
  readonly client?: string
  readonly workload?: boolean
  readonly claim?: readonly string[]
  readonly level?: string
  readonly acr?: string
  readonly amr?: readonly string[]
  /** `unknown` leaves the time of the login out. */
  readonly authAge?: string
  readonly singleUse?: boolean
  readonly revoked?: boolean
  readonly disabled?: boolean
  readonly token?: NonNullable<PartialSituation['token']>
}

/** Lays options over a situation out of a file; a login without an age is one of this moment. */
export function situationOf(
  options: SituationOptions,
  file: PartialSituation,
  now: number,
): PartialSituation {
  const subject = over(file.subject, subjectOf(options))
  const session = over(file.session, sessionOf(options))
  const isCaller = subject !== undefined || session !== undefined
  return present<PartialSituation>({
    ...file,
    request: over(file.request, requestOf(options)) ?? {},
    source: over(file.source, present({ ip: options.ip })),
    now: options.now ?? file.now ?? new Date(now).toISOString(),
    token: options.token ?? file.token,
    subject: isCaller ? (subject ?? {}) : undefined,
    session: isCaller ? withAge(session ?? {}, options.authAge) : undefined,
  })
}

function requestOf({ method, path, host, header, body }: SituationOptions) {
  const headers = header && headersOf(header)
  const isJson = !Object.keys(headers ?? {}).some((name) => name.toLowerCase() === 'content-type')
  const sent = body === undefined ? undefined : bodyOf(body, isJson)
  return present<NonNullable<PartialSituation['request']>>({
    method,
    path,
    host,
    headers,
    body: sent,
  })
}

function subjectOf({ issuer, subject, role, scope, client, workload, ...more }: SituationOptions) {
  return present<NonNullable<PartialSituation['subject']>>({
    issuer,
    id: subject,
    roles: role && [...role],
    scopes: scope?.flatMap((one) => one.split(' ')),
    client_id: client,
    workload,
    claims: more.claim && Object.fromEntries(more.claim.map(claimOf)),
    disabled: more.disabled,
  })
}

function sessionOf({ level, acr, amr, singleUse, revoked }: SituationOptions) {
  return present<NonNullable<PartialSituation['session']>>({
    level,
    acr,
    amr: amr && [...amr],
    single_use: singleUse,
    revoked,
  })
}

function withAge(session: NonNullable<PartialSituation['session']>, age: string | undefined) {
  if (age === 'unknown') return present({ ...session, auth_age: undefined, auth_time: undefined })
  if (age !== undefined) return { ...session, auth_age: age }
  return session.auth_time === undefined ? { auth_age: '0s', ...session } : session
}

function headersOf(lines: readonly string[]): Record<string, string[]> {
  const headers: Record<string, string[]> = {}
  for (const line of lines) {
    const colon = line.indexOf(':')
    if (colon < 1) throw new UsageError(`--header ${line}: write NAME:VALUE`)
    const name = line.slice(0, colon).trim()
    headers[name] = [...(headers[name] ?? []), line.slice(colon + 1).trim()]
  }
  return headers
}

function claimOf(text: string): readonly [string, unknown] {
  const equal = text.indexOf('=')
  if (equal < 1) throw new UsageError(`--claim ${text}: write NAME=VALUE`)
  const value = text.slice(equal + 1)
  return [text.slice(0, equal), parseJson(value) ?? value]
}

/** A text that starts with `@` names a file; with a content type of its own the body is sent as it is. */
function bodyOf(text: string, isJson: boolean): unknown {
  const body = text.startsWith('@') ? readBytes(text.slice(1)).toString() : text
  if (!isJson) return body
  const value = parseJson(body)
  if (value === undefined)
    throw new UsageError('--body is not JSON: mend it, or name its type by --header content-type:…')
  return typeof value === 'object' ? value : body
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function over<T extends object>(file: T | undefined, own: T): T | undefined {
  return file !== undefined || Object.keys(own).length > 0 ? { ...file, ...own } : undefined
}

/** Without the keys that have no value. */
function present<T extends object>(record: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as T
}
