import { type AdminServer, type Readiness, startAdminServer } from './admin/admin-server.ts'
import { decide } from './decision/decide.ts'
import { type Decision, NO_GROUNDS } from './domain/decision.ts'
import { formatIssues } from './domain/issue.ts'
import { type CheckDeps, createCheck } from './envoy/check.ts'
import { type RunningServer, startServer } from './envoy/server.ts'
import { createIdentify } from './identity/identify.ts'
import { createKeyStore, type KeyRefresh, type KeyStore } from './identity/key-store.ts'
import type { CompiledPolicy } from './policy/compiled-policy.ts'
import type { Lifecycle } from './runtime/lifecycle.ts'
import { createPolicyLoader } from './runtime/policy-loader.ts'
import { createPolicyStore, type PolicyStore } from './runtime/policy-store.ts'
import { startPolicyWatcher } from './runtime/policy-watcher.ts'
import type { Settings } from './settings/read-settings.ts'
import type { Events } from './telemetry/events.ts'
import type { Metrics } from './telemetry/metrics.ts'
import type { Observation } from './telemetry/observe.ts'
import type { Carrier } from './telemetry/tracing.ts'

/** The world around the service, and whom it reports to. */
export type ServiceDeps = {
  readonly settings: Settings
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
  readiness.watch(() => store.current() !== null && keys.ready())
  const admin = await startAdmin(deps, store, keys)
  const server = await startServer({
    listen: settings.listen.grpc.text,
    check: createCheck(checkDeps(deps, store, keys)),
  })
  lifecycle.started({ name: 'gRPC server', stop: () => server.stop(GRACE), deadline: GRACE + 1000 })
  readiness.announce(server, admin)
  await startPolicy(deps, store, readiness.check)
}

function startKeys(
  { settings, lifecycle, events, ...world }: ServiceDeps,
  changed: () => void,
): KeyStore {
  const onRefresh = (refresh: KeyRefresh) => {
    if (refresh.result === 'ok') events.keysRefreshed(refresh.issuer, refresh.changed)
    else events.keysFailed(refresh.issuer, refresh.error)
    changed()
  }
  const { fetch, now, random } = world
  const keys = createKeyStore({ issuers: settings.issuers, fetch, now, random, onRefresh })
  keys.start()
  lifecycle.started({ name: 'keys', stop: keys.stop, deadline: 1000 })
  return keys
}

async function startPolicy(
  { settings, lifecycle, events, clock, now }: ServiceDeps,
  store: PolicyStore<CompiledPolicy>,
  changed: () => void,
): Promise<void> {
  const issuers = settings.issuers.map((issuer) => issuer.name)
  const today = () => new Date(now()).toISOString().slice(0, 10)
  const loader = createPolicyLoader({ issuers, today, clock })
  const watcher = await startPolicyWatcher<CompiledPolicy>({
    path: settings.policy,
    load: loader.load,
    lists: loader.lists,
    onLoaded: ({ policy, warnings, ...loaded }) => {
      store.accept(policy)
      const said = warnings.length > 0 ? formatIssues(warnings) : null
      events.policyLoaded({ ...loaded, rules: policy.rules.length, warnings: said })
      changed()
    },
    onRejected: (issues) => {
      store.reject({ issues, at: now() })
      events.policyRejected({
        issues: formatIssues(issues),
        serving: store.current()?.revision ?? null,
      })
    },
    now: clock,
  })
  lifecycle.started({ name: 'policy watcher', stop: watcher.stop, deadline: 1000 })
}

async function startAdmin(
  { settings, lifecycle, metrics }: ServiceDeps,
  store: PolicyStore<CompiledPolicy>,
  keys: KeyStore,
): Promise<AdminServer> {
  const admin = await startAdminServer({
    listen: settings.admin.http,
    live: () => true,
    ready: () => describeReadiness(settings, store, keys),
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
): CheckDeps {
  const { settings, events, now, newDecisionId, observe } = deps
  return {
    trustedHops: settings.client_address.trusted_hops,
    realm: settings.challenge.realm,
    identify: createIdentify({
      issuers: settings.issuers,
      keysOf: keys.keysOf,
      missed: keys.missed,
      now,
      onVerified: events.tokenVerified,
    }),
    decide: (request, identity, stage) => {
      const policy = store.current()
      if (!policy) return NOT_READY
      const failed = (error: unknown) => events.internalError(error, null)
      return decide(policy, { request, identity, now: now(), stage, failed })
    },
    observe,
    newDecisionId,
    now,
    failed: events.internalError,
  }
}

const NOT_READY: Decision = { ...NO_GROUNDS, outcome: 'fault', reason: 'not-ready' }

/** Follows readiness: gRPC health says so as soon as everything is there, and once there it stays. */
function createReadiness(events: Events) {
  let isReady = () => false
  let listening: { readonly server: RunningServer; readonly admin: AdminServer } | null = null
  let announced = false
  const check = () => {
    if (announced || listening === null || !isReady()) return
    announced = true
    listening.server.setServing(true)
    events.ready({ grpc: listening.server.address, admin: listening.admin.address })
  }
  return {
    check,
    watch: (condition: () => boolean) => {
      isReady = condition
    },
    announce: (server: RunningServer, admin: AdminServer) => {
      listening = { server, admin }
      check()
    },
  }
}

function describeReadiness(
  settings: Settings,
  store: PolicyStore<CompiledPolicy>,
  keys: KeyStore,
): Readiness {
  const policy = store.current()
  const rejection = store.rejection()
  return {
    ready: policy !== null && keys.ready(),
    policy: { revision: policy?.revision ?? null, rejected: rejection?.issues.length ?? 0 },
    issuers: Object.fromEntries(
      settings.issuers.map(({ name }) => [name, { keys: keys.keysOf(name) !== null }]),
    ),
  }
}
