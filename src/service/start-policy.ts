import { policyLoadedEntry, policyRejectedEntry } from '../audit/service-entries.ts'
import { formatIssues } from '../domain/issue.ts'
import type { CompiledPolicy } from '../policy/compiled-policy.ts'
import type { Lifecycle } from '../runtime/lifecycle.ts'
import { digestOf } from '../runtime/policy-files.ts'
import { createPolicyLoader } from '../runtime/policy-loader.ts'
import { createRevisionKeeper } from '../runtime/policy-revisions.ts'
import type { PolicyStore } from '../runtime/policy-store.ts'
import { startPolicyWatcher } from '../runtime/policy-watcher.ts'
import type { Settings } from '../settings/read-settings.ts'
import type { Events } from '../telemetry/events.ts'
import type { RunningRecords } from './start-records.ts'

/** What the policy needs of the world around the service. */
export type PolicyDeps = {
  readonly settings: Settings
  readonly lifecycle: Lifecycle
  readonly events: Events
  readonly records: Pick<RunningRecords, 'tell'>
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Milliseconds on a clock that never goes back. */
  readonly clock: () => number
}

/** Loads the policy and follows its files; `changed` is called after each policy that is accepted. */
export async function startPolicy(
  { settings, lifecycle, events, records, clock, now }: PolicyDeps,
  store: PolicyStore<CompiledPolicy>,
  changed: () => void,
): Promise<void> {
  const issuers = settings.issuers.map((issuer) => issuer.name)
  const today = () => new Date(now()).toISOString().slice(0, 10)
  const revisions = settings.audit
    ? createRevisionKeeper(settings.audit.policies, events.revisionNotKept)
    : null
  const sharedSignals = settings.shared_signals !== undefined
  const loader = createPolicyLoader({ issuers, sharedSignals, today, clock })
  const watcher = await startPolicyWatcher<CompiledPolicy>({
    path: settings.policy,
    load: loader.load,
    lists: loader.lists,
    onLoaded: ({ policy, warnings, sources, ...loaded }) => {
      store.accept(policy)
      const digest = digestOf(sources)
      records.tell(policyLoadedEntry({ ...loaded, digest, rules: policy.rules.length }))
      revisions?.keep(loaded.revision, sources)
      const said = warnings.length > 0 ? formatIssues(warnings) : null
      events.policyLoaded({ ...loaded, rules: policy.rules.map(({ id }) => id), warnings: said })
      changed()
    },
    onRejected: (issues, durationMs) => {
      const serving = store.current()?.revision ?? null
      store.reject({ issues, at: now() })
      records.tell(policyRejectedEntry(issues, serving))
      events.policyRejected({
        issues: formatIssues(issues),
        serving,
        durationMs,
      })
    },
    now: clock,
  })
  const stop = async () => {
    await watcher.stop()
    await revisions?.settled()
  }
  lifecycle.started({ name: 'policy watcher', stop, deadline: 2000 })
}
