import { type AdminServer, startAdminServer } from '../admin/admin-server.ts'
import { type CheckDeps, createCheck } from '../envoy/check.ts'
import { startServer } from '../envoy/server.ts'
import { createSettle } from '../facts/settle.ts'
import { createIdentify } from '../identity/identify.ts'
import type { KeyStore, KeyTiming } from '../identity/key-store.ts'
import { metadataNamespaces } from '../identity/token-place.ts'
import type { CompiledPolicy } from '../policy/compiled-policy.ts'
import type { Lifecycle } from '../runtime/lifecycle.ts'
import { createPolicyStore, type PolicyStore } from '../runtime/policy-store.ts'
import type { Secrets } from '../settings/read-secrets.ts'
import type { Settings } from '../settings/read-settings.ts'
import type { Events } from '../telemetry/events.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { Observation } from '../telemetry/observe.ts'
import type { Carrier } from '../telemetry/tracing.ts'
import { createDecideRequest } from './decide-request.ts'
import { createReadiness, describeReadiness } from './readiness.ts'
import { type RunningFacts, startFacts } from './start-facts.ts'
import { startKeys } from './start-keys.ts'
import { startPolicy } from './start-policy.ts'

/** The world around the service, and whom it reports to. */
export type ServiceDeps = {
  readonly settings: Settings
  readonly secrets: Secrets
  /** Where what is started is registered, to be stopped in reverse. */
  readonly lifecycle: Lifecycle
  readonly events: Events
  readonly metrics: Metrics
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
  const { settings, lifecycle, events } = deps
  const store = createPolicyStore<CompiledPolicy>()
  const readiness = createReadiness(events)
  const keys = startKeys(deps, readiness.check)
  const facts = startFacts(deps, readiness.check)
  readiness.watch(() => store.current() !== null && keys.ready() && facts.ready())
  const admin = await startAdmin(deps, store, keys, facts)
  const server = await startServer({
    listen: settings.listen.grpc.text,
    check: createCheck(checkDeps(deps, store, keys, facts)),
  })
  lifecycle.started({ name: 'gRPC server', stop: () => server.stop(GRACE), deadline: GRACE + 1000 })
  readiness.announce(server, admin)
  await startPolicy(deps, store, readiness.check)
}

async function startAdmin(
  { settings, lifecycle, metrics }: ServiceDeps,
  store: PolicyStore<CompiledPolicy>,
  keys: KeyStore,
  facts: RunningFacts,
): Promise<AdminServer> {
  const admin = await startAdminServer({
    listen: settings.admin.http,
    live: () => true,
    ready: () => describeReadiness(settings, store, keys, facts),
    metrics: metrics.exposition,
  })
  lifecycle.started({ name: 'admin server', stop: admin.stop, deadline: 3000 })
  return admin
}

/** One request: who calls, then what the policy of this moment says. */
function checkDeps(
  deps: ServiceDeps,
  store: PolicyStore<CompiledPolicy>,
  keys: KeyStore,
  facts: RunningFacts,
): CheckDeps {
  const { settings, events, now, newDecisionId, observe } = deps
  const failed = (error: unknown) => events.internalError(error, null)
  return {
    trustedHops: settings.client_address.trusted_hops,
    metadataNamespaces: metadataNamespaces(settings.issuers),
    realm: settings.challenge.realm,
    identify: createIdentify({
      issuers: settings.issuers,
      keysOf: keys.keysOf,
      missed: keys.missed,
      now,
      onVerified: events.tokenVerified,
    }),
    decide: createDecideRequest({
      policy: store.current,
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
