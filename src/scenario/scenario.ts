import type { AccessRequest, RequestBody } from '../domain/access-request.ts'
import type { Ladder } from '../domain/assurance.ts'
import { canonicalPath } from '../domain/canonical-path.ts'
import type { Facts } from '../domain/facts.ts'
import type { Identity } from '../domain/identity.ts'
import { canonicalAddress } from '../domain/ip-address.ts'
import { canonicalHost, isPlainMethod } from '../domain/request-target.ts'
import { buildIdentity, withoutUndefined } from './scenario-caller.ts'
import { buildFacts } from './scenario-facts.ts'
import type { OwnSituation, PartialSituation } from './scenario-schema.ts'

/** A made-up request, ready for `decide`; or the reason why it cannot be one. */
export type Scenario =
  | {
      readonly kind: 'scenario'
      readonly request: AccessRequest
      readonly identity: Identity
      readonly now: number
      readonly facts: Facts
      /** True when the login was made for this very operation and is unspent. */
      readonly spendable: boolean
    }
  /** As the service does before any rule; `why` for the author. */
  | {
      readonly kind: 'refused'
      readonly reason: 'ambiguous-path' | 'ambiguous-method'
      readonly why: string
    }
  | { readonly kind: 'mistake'; readonly message: string }

/** A situation that reaches the rules. */
export type AskedScenario = Extract<Scenario, { kind: 'scenario' }>

/** Lays a test's own words over the defaults, section by section. */
export function withDefaults(defaults: PartialSituation, own: OwnSituation): PartialSituation {
  const over = <T extends object>(a: T | undefined, b: T | undefined) =>
    a || b ? { ...a, ...b } : undefined
  const merged = {
    request: over(defaults.request, own.request),
    source: own.source === null ? undefined : over(defaults.source, own.source),
    // A caller is there when the test names one: defaults only complete it.
    subject: own.subject || own.session ? over(defaults.subject, own.subject) : undefined,
    session: own.subject || own.session ? over(defaults.session, own.session) : undefined,
    device: over(defaults.device, own.device),
    travel: over(defaults.travel, own.travel),
    counters: over(defaults.counters, own.counters),
    now: own.now ?? defaults.now,
    token: own.token ?? defaults.token,
  }
  return Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== undefined))
}

/** Builds what the pure core decides on out of a made-up situation. */
export function buildScenario(situation: PartialSituation, ladder: Ladder): Scenario {
  const now = situation.now === undefined ? 0 : Date.parse(situation.now)
  if (Number.isNaN(now)) return mistake(`\`now: ${situation.now}\` is no date and time`)
  const identity = buildIdentity(situation, ladder, now)
  if (typeof identity === 'string') return mistake(identity)
  const { ip: address, principal = '' } = situation.source ?? {}
  const ip = address === undefined ? null : canonicalAddress(address)
  if (ip === null && address !== undefined) return mistake(`\`ip: ${address}\` is no address`)
  const target = readTarget(situation)
  if ('kind' in target) return target
  const request = { ...buildRequest(situation, now), ...target, source: { ip, principal } }
  const spendable = situation.session?.single_use ?? false
  return { kind: 'scenario', request, identity, now, facts: buildFacts(situation), spendable }
}

/** What the edge makes of method, host and path, or why it refuses them. */
function readTarget({
  request = {},
}: PartialSituation): Pick<AccessRequest, 'method' | 'host' | 'path' | 'query'> | Scenario {
  const { method = 'GET', host = 'localhost', path = '/' } = request
  if (!isPlainMethod(method)) return refused('ambiguous-method', `\`${method}\` is no plain method`)
  const name = canonicalHost(host)
  if (name === undefined) return refused('ambiguous-path', `\`${host}\` is no plain host`)
  const reading = canonicalPath(path)
  if (reading.kind === 'ambiguous') return refused('ambiguous-path', reading.why)
  const query = multiMap([...new URLSearchParams(reading.query)])
  return { method, host: name, path: reading.path, query }
}

function refused(reason: 'ambiguous-path' | 'ambiguous-method', why: string): Scenario {
  return { kind: 'refused', reason, why }
}

const DEFAULT_REQUEST = {
  id: '1',
  scheme: 'https',
  protocol: 'HTTP/2',
}

function mistake(message: string): Scenario {
  return { kind: 'mistake', message }
}

function buildRequest(
  { request = {} }: PartialSituation,
  now: number,
): Omit<AccessRequest, 'method' | 'host' | 'path' | 'query' | 'source'> {
  const headers = buildHeaders(request)
  return {
    ...DEFAULT_REQUEST,
    time: now,
    ...withoutUndefined({ scheme: request.scheme, protocol: request.protocol }),
    headers,
    headerNames: [...headers.keys()],
    body: buildBody(request.body, request.body_state),
    context: new Map(Object.entries(request.context ?? {})),
    metadata: new Map(),
  }
}

function buildHeaders({
  headers,
  body,
}: NonNullable<PartialSituation['request']>): Map<string, string[]> {
  const pairs = Object.entries(headers ?? {}).flatMap(([name, value]) =>
    [value].flat().map((one): [string, string] => [name.toLowerCase(), one]),
  )
  const map = multiMap(pairs)
  const isJson = body !== undefined && typeof body !== 'string'
  if (isJson && !map.has('content-type')) map.set('content-type', ['application/json'])
  return map
}

function buildBody(body: unknown, state: RequestBody['kind'] | undefined): RequestBody {
  const kind = state ?? (body === undefined ? 'missing' : 'complete')
  if (kind !== 'complete') return { kind }
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return { kind, bytes: new TextEncoder().encode(text) }
}

function multiMap(pairs: Iterable<readonly [string, string]>): Map<string, string[]> {
  const map = new Map<string, string[]>()
  for (const [name, value] of pairs) {
    const before = map.get(name)
    if (before) before.push(value)
    else map.set(name, [value])
  }
  return map
}
