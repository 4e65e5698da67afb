import assert from 'node:assert/strict'
import { createHmac, createSecretKey } from 'node:crypto'
import type { AccessRequest } from '../../src/domain/access-request.ts'
import type { Decision } from '../../src/domain/decision.ts'
import type { Identity, Login, Subject } from '../../src/domain/identity.ts'
import { formatIssues } from '../../src/domain/issue.ts'
import { createDevice } from '../../src/facts/device.ts'
import { createFacts } from '../../src/facts/facts.ts'
import { createFingerprint } from '../../src/facts/fingerprint.ts'
import { createSettle } from '../../src/facts/settle.ts'
import type { Locate, Sources } from '../../src/facts/shown.ts'
import type { Store } from '../../src/facts/store.ts'
import type { CompiledPolicy } from '../../src/policy/compiled-policy.ts'
import { loadPolicy } from '../../src/policy/load.ts'
import { createDecideRequest } from '../../src/service/decide-request.ts'

/** Where an address is: its second octet says which city. All others are in no file, as private ones are. */
const CITIES = {
  berlin: { octet: 101, country: 'DE', latitude: 52.52, longitude: 13.405 },
  munich: { octet: 102, country: 'DE', latitude: 48.1372, longitude: 11.5755 },
  paris: { octet: 103, country: 'FR', latitude: 48.8566, longitude: 2.3522 },
  lisbon: { octet: 104, country: 'PT', latitude: 38.7223, longitude: -9.1393 },
  tokyo: { octet: 105, country: 'JP', latitude: 35.6762, longitude: 139.6503 },
} as const

/** A city that addresses can be in. */
export type City = keyof typeof CITIES

/** An address in a city; the network (0 to 255) is a /24. */
export function addressIn(city: City, network: number): string {
  return `172.${CITIES[city].octet}.${network}.7`
}

const cities = new Map<string, (typeof CITIES)[City]>(
  Object.values(CITIES).map((city) => [String(city.octet), city]),
)

const locate: Locate = (ip) => {
  const [first, second = ''] = ip.split('.')
  const city = first === '172' ? cities.get(second) : undefined
  const point = city ? { ...city, accuracyKm: 20 } : null
  return {
    country: { value: city?.country ?? null },
    asn: { value: null },
    point: { value: point },
  }
}

/** What a client sends besides its token. */
export type Sent = {
  readonly method: string
  readonly path: string
  readonly body?: object
  /** Null for none. */
  readonly device: string | null
  readonly userAgent: string
  readonly ip: string
}

const COOKIE_KEY = Buffer.alloc(32, 1)
const COOKIE_SECRET = createSecretKey(COOKIE_KEY)

/** The request as Stepgate reads it; a retry of Envoy's repeats id and time. */
export function requestOf(
  { method, path, body, device, userAgent, ip }: Sent,
  { id, time }: Pick<AccessRequest, 'id' | 'time'>,
): AccessRequest {
  const headers = new Map([['user-agent', [userAgent]]])
  if (device !== null) headers.set('cookie', [`device=${device}.${macOf(device)}`])
  const bytes = body && Buffer.from(JSON.stringify(body))
  if (bytes) headers.set('content-type', ['application/json'])
  return {
    id,
    time,
    method,
    host: 'licensing.example.com',
    path: { text: path, segments: path.slice(1).split('/') },
    scheme: 'https',
    protocol: 'HTTP/2',
    query: new Map(),
    headers,
    headerNames: [...headers.keys()],
    body: bytes ? { kind: 'complete', bytes } : { kind: 'missing' },
    context: new Map(),
    metadata: new Map(),
    source: { ip, principal: '' },
  }
}

function macOf(device: string): string {
  return createHmac('sha256', COOKIE_SECRET).update(device).digest('base64url')
}

/** A verified token of a person. */
export function tokenOf(
  subject: Pick<Subject, 'id' | 'roles'>,
  login: Pick<Login, 'acr' | 'authTime' | 'sessionId' | 'issuedAt'>,
): Identity {
  return {
    kind: 'authenticated',
    subject: { issuer: 'idp', workload: false, claims: {}, ...subject },
    login: { proof: 'acr', tolerance: { ahead: 10, leeway: 0 }, ...login },
  }
}

/** Compiles a policy that has no mistakes. */
export function policyOf(text: string): CompiledPolicy {
  const context = { issuers: ['idp'], revision: 'r' }
  const { policy, issues } = loadPolicy([{ file: 'policy.yaml', text }], context)
  return policy ?? assert.fail(formatIssues(issues))
}

/** One replica: everything that a request goes through once its token is verified. */
export type Replica = (request: AccessRequest, identity: Identity) => Decision | Promise<Decision>

const ALL_WELL = { isRevoked: () => false, isDisabled: () => false, isNotCompliant: () => false }

/** Creates one over a store; nothing in it may fail. */
export function createReplica(deps: {
  readonly policy: CompiledPolicy
  readonly store: Store
  readonly now: () => number
  /** Those that the company looks after. */
  readonly managed?: ReadonlySet<string>
  /** Of nobody anything was reported unless said. */
  readonly standings?: NonNullable<Sources['standings']>
}): Replica {
  const { policy, store, now, managed = new Set(), standings = ALL_WELL } = deps
  const find = (id: string) => (managed.has(id) ? { trusted: true, reputation: 80 } : null)
  const failed = (error: unknown) => {
    throw error
  }
  const decide = createDecideRequest({
    policy: () => policy,
    facts: createFacts({
      loopWindow: 300_000,
      store,
      locate,
      device: createDevice({
        from: [{ cookie: 'device', key: COOKIE_KEY }],
        trusted: { find },
        reputation: { find },
      }),
      fingerprint: createFingerprint(['user-agent'], Buffer.alloc(32, 2)),
      standings,
      satisfied: () => {},
      failed,
    }),
    settle: createSettle({ store, failed }),
    now,
    failed,
  })
  const unheard = () => {}
  return (request, identity) => decide(request, identity, unheard, unheard)
}

/** The same, where the store answers at once. */
export function decideNow(replica: Replica, request: AccessRequest, identity: Identity): Decision {
  const decision = replica(request, identity)
  return decision instanceof Promise ? assert.fail('it waited') : decision
}
