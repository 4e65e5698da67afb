import { formatIssues } from '../domain/issue.ts'
import type { CompiledPolicy } from '../policy/compiled-policy.ts'
import type { Lifecycle } from '../runtime/lifecycle.ts'
import { createPolicyLoader } from '../runtime/policy-loader.ts'
import type { PolicyStore } from '../runtime/policy-store.ts'
import { startPolicyWatcher } from '../runtime/policy-watcher.ts'
import type { Settings } from '../settings/read-settings.ts'
import type { Events } from '../telemetry/events.ts'

/** What the policy needs of the world around the service. */
export type PolicyDeps = {
  readonly settings: Settings
  readonly lifecycle: Lifecycle
  readonly events: Events
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Milliseconds on a clock that never goes back. */
  readonly clock: () => number
}

/** Loads the policy and follows its files; `changed` is called after each policy that is accepted. */
export async function startPolicy(
  { settings, lifecycle, events, clock, now }: PolicyDeps,
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
