import type { Pages } from '../admin/routes.ts'
import type { SecurityEvent } from '../domain/security-event.ts'
import type { SubjectKey } from '../domain/settlement.ts'
import { type CheckDeps, createCheck } from '../envoy/check.ts'
import { createChooseDialect, type DialectSettings } from '../envoy/choose-dialect.ts'
import { startServer } from '../envoy/server.ts'
import { createSettle } from '../facts/settle.ts'
import type { KeyStore, KeyTiming } from '../identity/key-store.ts'
import { createTokenCache, type TokenCache } from '../identity/token-cache.ts'
import { metadataNamespaces } from '../identity/token-place.ts'
import type { CompiledPolicy } from '../policy/compiled-policy.ts'
import type { Lifecycle } from '../runtime/lifecycle.ts'
import { createPolicyStore, type PolicyStore } from '../runtime/policy-store.ts'
import type { Secrets } from '../settings/read-secrets.ts'
import type { Settings } from '../settings/read-settings.ts'
import type { Events } from '../telemetry/events.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { Observation } from '../telemetry/observe.ts'
import type { Carrier } from '../telemetry/trace-context.ts'
import { createDecideRequest } from './decide-request.ts'
import { createPossession } from './prove-possession.ts'
import { createReadiness, describeReadiness } from './readiness.ts'
import { describePolicy, startAdmin } from './start-admin.ts'
import { type RunningFacts, startFacts } from './start-facts.ts'
import { startIdentify } from './start-identify.ts'
import { startKeys } from './start-keys.ts'
import { startPolicy } from './start-policy.ts'
import type { RunningRecords } from './start-records.ts'
import { type StreamStates, startSharedSignals } from './start-shared-signals.ts'

/** The world around the service, and whom it reports to. */
export type ServiceDeps = {
  readonly settings: Settings
  readonly secrets: Secrets
  /** Where what is started is registered, to be stopped in reverse. */
  readonly lifecycle: Lifecycle
  readonly events: Events
  readonly metrics: Metrics
  /** What keeps decisions; `observe` hands them over. */
  readonly records: RunningRecords
  readonly observe: (carrier: Carrier) => Observation
  readonly fetch: typeof globalThis.fetch
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Milliseconds on a clock that never goes back. */
  readonly clock: () => number
  readonly random: () => number
  readonly newDecisionId: () => string
  readonly keyTiming?: Partial<KeyTiming>
}

/** Milliseconds that decisions in flight may take when the service stops. */
const GRACE = 5000

/**
 * Wires the rooms together and starts them: keys, policy, admin, gRPC. It listens at once and answers `not-ready`
 * until a policy is loaded and the keys of every issuer are there; then it reports ready.
 */
export async function startService(deps: ServiceDeps): Promise<void> {
  const { settings, lifecycle, events, records } = deps
  const store = createPolicyStore<CompiledPolicy>()
  const readiness = createReadiness(events, records)
  const keys = startKeys(deps, readiness.check)
  const cache = createTokenCache(keys.keysOf, deps.now)
  const forget = ({ issuer, id }: SubjectKey) => cache.forget(issuer, id)
  const onSecurityEvent = (event: SecurityEvent) => forgetTokens(cache, event)
  const facts = startFacts({ ...deps, onSecurityEvent }, readiness.check)
  const streams = await startSignals(deps, facts, forget)
  readiness.watch(() => store.current() !== null && keys.ready() && facts.ready())
  const admin = await startAdmin(deps, pagesOf(deps, store, keys, facts, streams))
  const server = await startServer({
    listen: settings.listen.grpc.text,
    check: createCheck(checkDeps(deps, store, keys, facts, cache)),
  })
  lifecycle.started({ name: 'gRPC server', stop: () => server.stop(GRACE), deadline: GRACE + 1000 })
  readiness.announce(server, admin)
  await startPolicy(deps, store, readiness.check)
}

/** What was remembered of the tokens that an event is about has to be found out anew. */
function forgetTokens(cache: TokenCache, event: SecurityEvent): void {
  switch (event.kind) {
    case 'session-revoked':
    case 'account':
      cache.forget(event.subject.issuer, event.subject.id)
      break
    case 'session-ended':
      cache.forgetSession(event.issuer, event.session)
      break
    case 'device':
  }
}

/** Null where nobody tells of events. */
async function startSignals(
  deps: ServiceDeps,
  { standings, store }: RunningFacts,
  forget: (subject: SubjectKey) => void,
): Promise<(() => StreamStates) | null> {
  if (standings === null) return null
  return startSharedSignals(deps, { tell: standings.tell, useOnce: store.useOnce, forget })
}

function pagesOf(
  { settings, metrics, records }: ServiceDeps,
  store: PolicyStore<CompiledPolicy>,
  keys: KeyStore,
  facts: RunningFacts,
  streams: (() => StreamStates) | null,
): Pages {
  return {
    live: () => true,
    ready: () => ({
      ...describeReadiness(settings, store, keys, facts, records),
      ...(streams && { streams: streams() }),
    }),
    metrics: metrics.exposition,
    policy: () => describePolicy(store),
    decisions: records.recent.find,
  }
}

/** One request: who calls, then what the policy of this moment says. */
function checkDeps(
  deps: ServiceDeps,
  store: PolicyStore<CompiledPolicy>,
  keys: KeyStore,
  facts: RunningFacts,
  cache: TokenCache,
): CheckDeps {
  const { settings, secrets, events, now, newDecisionId, observe, records } = deps
  const failed = (error: unknown) => events.internalError(error, null)
  const { useOnce } = facts.store
  const possession = createPossession({ ...deps, useOnce, failed: events.storeFailed })
  return {
    trustedHops: settings.client_address.trusted_hops,
    metadataNamespaces: metadataNamespaces(settings.issuers),
    realm: settings.challenge.realm,
    dialectOf: createChooseDialect(dialectSettings(settings, secrets), () => ({
      now: now(),
      nonce: newDecisionId(),
    })),
    dpop: {
      algorithms: settings.bound_tokens.dpop.algorithms,
      nonce: possession.nonces?.current ?? null,
    },
    identify: startIdentify(deps, { keys, provePossession: possession.prove, cache }),
    decide: createDecideRequest({
      policy: store.current,
      recordable: records.healthy,
      facts: facts.facts,
      settle: createSettle({ store: facts.store, failed: events.storeFailed }),
      now,
      failed,
    }),
    observe,
    newDecisionId,
    now,
    failed: events.internalError,
  }
}

function dialectSettings({ challenge }: Settings, { redirectKey: key }: Secrets): DialectSettings {
  const { redirect } = challenge
  return { ...challenge, redirect: redirect && key ? { ...redirect, key } : null }
}
