import type { AdminServer, Readiness } from '../admin/admin-server.ts'
import type { RunningServer } from '../envoy/server.ts'
import { needsKeys } from '../identity/issuer.ts'
import type { KeyStore } from '../identity/key-store.ts'
import type { CompiledPolicy } from '../policy/compiled-policy.ts'
import type { PolicyStore } from '../runtime/policy-store.ts'
import type { Settings } from '../settings/read-settings.ts'
import type { Events } from '../telemetry/events.ts'
import type { RunningFacts } from './start-facts.ts'

/** Follows readiness: gRPC health says so as soon as everything is there, and once there it stays. */
export function createReadiness(events: Events) {
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

/** What `/readyz` shows. */
export function describeReadiness(
  settings: Settings,
  store: PolicyStore<CompiledPolicy>,
  keys: KeyStore,
  facts: RunningFacts,
): Readiness {
  const policy = store.current()
  const rejection = store.rejection()
  return {
    ready: policy !== null && keys.ready() && facts.ready(),
    policy: { revision: policy?.revision ?? null, rejected: rejection?.issues.length ?? 0 },
    issuers: Object.fromEntries(
      settings.issuers
        .filter(needsKeys)
        .map(({ name }) => [name, { keys: keys.keysOf(name) !== null }]),
    ),
  }
}
