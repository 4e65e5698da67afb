import type { CheckDeps } from '../envoy/check.ts'
import { createIdentify } from '../identity/identify.ts'
import { createFindEndpoint } from '../identity/introspection-endpoint.ts'
import type { KeyStore } from '../identity/key-store.ts'
import { createJudgeOpaque, type JudgeOpaque } from '../identity/opaque.ts'
import type { ProvePossession } from '../identity/possession.ts'
import { scheduleDeadline } from '../identity/schedule.ts'
import { createIdentifyPeer, type PeerRules } from '../identity/svid.ts'
import type { TokenCache } from '../identity/token-cache.ts'
import type { Secrets } from '../settings/read-secrets.ts'
import type { IssuerSettings, Settings } from '../settings/read-settings.ts'
import type { Events } from '../telemetry/events.ts'

/** What finding out who calls needs of the world around the service. */
export type IdentifyWorld = {
  readonly settings: Settings
  readonly secrets: Pick<Secrets, 'introspection'>
  readonly events: Events
  readonly fetch: typeof globalThis.fetch
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Milliseconds on a clock that never goes back. */
  readonly clock: () => number
}

/** What of it has been started before. */
export type IdentifyParts = {
  readonly keys: KeyStore
  readonly provePossession: ProvePossession
  readonly cache: TokenCache
}

/** Makes what finds out who calls, as the settings say. */
export function startIdentify(
  world: IdentifyWorld,
  { keys, ...parts }: IdentifyParts,
): CheckDeps['identify'] {
  const { settings, events, now } = world
  return createIdentify({
    ...parts,
    issuers: settings.issuers,
    keysOf: keys.keysOf,
    missed: keys.missed,
    now,
    opaque: new Map(settings.issuers.flatMap((issuer) => judgeOf(issuer, world))),
    identifyPeer: createIdentifyPeer(peersOf(settings)),
    onVerified: events.tokenVerified,
  })
}

/** The address is looked for at once, so that the first token need not wait for it. */
function judgeOf(issuer: IssuerSettings, world: IdentifyWorld): [string, JudgeOpaque][] {
  const { introspection, name } = issuer
  const secret = world.secrets.introspection.get(name)
  if (introspection === undefined || secret === undefined) return []
  const { fetch, clock, now, events } = world
  const { endpoint } = introspection
  const findEndpoint =
    endpoint === undefined
      ? createFindEndpoint({ issuer: issuer.issuer, fetch, clock })
      : async () => endpoint
  findEndpoint().catch((error) => events.introspectionFailed(name, error))
  const judge = createJudgeOpaque({
    issuer,
    client: { id: introspection.client_id, secret },
    findEndpoint,
    fetch,
    cache: introspection.cache * 1000,
    deadline: introspection.deadline * 1000,
    now,
    clock,
    schedule: scheduleDeadline,
    answered: events.introspected,
    failed: (error) => events.introspectionFailed(name, error),
  })
  return [[name, judge]]
}

function peersOf({ spiffe, bound_tokens: { certificate } }: Settings): PeerRules {
  const names = Object.entries(spiffe.trust_domains)
  return { certificate, trustDomains: new Map(names.map(([name, domain]) => [domain, name])) }
}
