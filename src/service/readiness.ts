import type { Readiness } from '../admin/routes.ts'
import type { RunningServer } from '../envoy/server.ts'
import { needsKeys } from '../identity/issuer.ts'
import type { KeyStore } from '../identity/key-store.ts'
import type { CompiledPolicy } from '../policy/compiled-policy.ts'
import type { HttpServer } from '../runtime/http-server.ts'
import type { PolicyStore } from '../runtime/policy-store.ts'
import type { Settings } from '../settings/read-settings.ts'
import type { Events } from '../telemetry/events.ts'
import type { RunningFacts } from './start-facts.ts'
import type { RunningRecords } from './start-records.ts'

type Recording = Pick<RunningRecords, 'healthy' | 'watch'>

/**
 * Follows readiness: gRPC health says so as soon as everything is there. Once there it stays, except while nothing may be
 * decided because it could not be recorded.
 */
export function createReadiness(events: Events, records: Recording) {
  let isReady = () => false
  let listening: { readonly server: RunningServer; readonly admin: HttpServer } | null = null
  let announced = false
  const check = () => {
    if (announced || listening === null || !isReady()) return
    announced = true
    listening.server.setServing(records.healthy())
    events.ready({ grpc: listening.server.address, admin: listening.admin.address })
  }
  records.watch(() => {
    if (announced) listening?.server.setServing(records.healthy())
  })
  return {
    check,
    watch: (condition: () => boolean) => {
      isReady = condition
    },
    announce: (server: RunningServer, admin: HttpServer) => {
      listening = { server, admin }
      check()
    },
  }
}

function auditState(
  problem: ReturnType<RunningRecords['problem']>,
): NonNullable<Readiness['audit']> {
  return { problem: problem?.kind ?? null, reason: problem?.message ?? null }
}

/** What `/readyz` shows. */
export function describeReadiness(
  settings: Settings,
  store: PolicyStore<CompiledPolicy>,
  keys: KeyStore,
  facts: RunningFacts,
  records: Pick<RunningRecords, 'healthy' | 'problem'>,
): Readiness {
  const policy = store.current()
  const rejection = store.rejection()
  return {
    ready: policy !== null && keys.ready() && facts.ready() && records.healthy(),
    policy: { revision: policy?.revision ?? null, rejected: rejection?.issues.length ?? 0 },
    ...(settings.audit && { audit: auditState(records.problem()) }),
    issuers: Object.fromEntries(
      settings.issuers
        .filter(needsKeys)
        .map(({ name }) => [name, { keys: keys.keysOf(name) !== null }]),
    ),
  }
}
