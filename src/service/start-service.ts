import type { Pages } from '../admin/routes.ts'
import { type CheckDeps, createCheck } from '../envoy/check.ts'
import { createChooseDialect, type DialectSettings } from '../envoy/choose-dialect.ts'
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
import type { Carrier } from '../telemetry/trace-context.ts'
import { createDecideRequest } from './decide-request.ts'
import { createPossession } from './prove-possession.ts'
import { createReadiness, describeReadiness } from './readiness.ts'
import { describePolicy, startAdmin } from './start-admin.ts'
import { type RunningFacts, startFacts } from './start-facts.ts'
import { startKeys } from './start-keys.ts'
import { startPolicy } from './start-policy.ts'
import type { RunningRecords } from './start-records.ts'

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
  const facts = startFacts(deps, readiness.check)
  readiness.watch(() => store.current() !== null && keys.ready() && facts.ready())
  const admin = await startAdmin(deps, pagesOf(deps, store, keys, facts))
  const server = await startServer({
    listen: settings.listen.grpc.text,
    check: createCheck(checkDeps(deps, store, keys, facts)),
  })
  lifecycle.started({ name: 'gRPC server', stop: () => server.stop(GRACE), deadline: GRACE + 1000 })
  readiness.announce(server, admin)
  await startPolicy(deps, store, readiness.check)
}

function pagesOf(
  { settings, metrics, records }: ServiceDeps,
  store: PolicyStore<CompiledPolicy>,
  keys: KeyStore,
  facts: RunningFacts,
): Pages {
  return {
    live: () => true,
    ready: () => describeReadiness(settings, store, keys, facts, records),
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
): CheckDeps {
  const { settings, secrets, events, now, newDecisionId, observe, records } = deps
  const failed = (error: unknown) => events.internalError(error, null)
  const { useOnce } = facts.store
  const possession = createPossession({ ...deps, useOnce, failed: events.storeFailed })
  return {
    trustedHops: settings.client_address.trusted_hops,
    metadataNamespaces: metadataNamespaces(settings.issuers),
    realm: settings.challenge.realm,
    dialectOf: createChooseDialect(dialectSettings(settings, secrets), now),
    dpop: {
      algorithms: settings.bound_tokens.dpop.algorithms,
      nonce: possession.nonces?.current ?? null,
    },
    identify: createIdentify({
      issuers: settings.issuers,
      keysOf: keys.keysOf,
      missed: keys.missed,
      now,
      provePossession: possession.prove,
      onVerified: events.tokenVerified,
    }),
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
