import type { Issue } from '../domain/issue.ts'
import type { CompiledPolicy } from '../policy/compiled-policy.ts'
import { loadPolicy } from '../policy/load.ts'
import { readPolicyFiles } from '../runtime/policy-files.ts'
import { createListReader } from '../runtime/policy-lists.ts'
import type { CliSettings } from './settings.ts'
import { type CliWorld, UsageError } from './world.ts'

/** A policy as the service would load it, with every issue of its files. */
export type LoadedFiles = {
  readonly files: readonly string[]
  /** Null when some issue is an error. */
  readonly policy: CompiledPolicy | null
  readonly issues: readonly Issue[]
  /** True when something could not be read: the environment is wrong, not the policy. */
  readonly unreadable: boolean
}

const MAX_BYTES = 16 * 1024 * 1024

/** Loads the files at these paths as one policy; of a directory its `*.yaml`, tests aside. */
export async function loadFiles(
  paths: readonly string[],
  settings: CliSettings,
  { now }: CliWorld,
): Promise<LoadedFiles> {
  const found = await Promise.all(paths.map((path) => readPolicyFiles(path, MAX_BYTES)))
  const failures = found.flatMap((one) => (one.ok ? [] : one.issues))
  if (failures.length > 0) {
    const unreadable = failures.some(({ code }) => code === 'policy-unreadable')
    return { files: paths, policy: null, issues: failures, unreadable }
  }
  const sources = found.flatMap((one) => (one.ok ? one.sources : []))
  const loaded = loadPolicy(sources, {
    issuers: settings.kind === 'settings' ? settings.settings.issuers.map(({ name }) => name) : [],
    ...(settings.kind === 'settings' && {
      sharedSignals: settings.settings.shared_signals !== undefined,
    }),
    revision: found.flatMap((one) => (one.ok ? [one.revision] : [])).join('+'),
    today: new Date(now()).toISOString().slice(0, 10),
    readList: createListReader().readList,
  })
  return {
    files: sources.map(({ file }) => file),
    policy: loaded.policy,
    issues: loaded.issues.filter((issue) => isKnowable(issue, settings)),
    unreadable: false,
  }
}

/** The paths that were given, else the policy of the settings. */
export function policyPaths(given: readonly string[], settings: CliSettings): readonly string[] {
  if (given.length > 0) return given
  switch (settings.kind) {
    case 'settings':
      return [settings.settings.policy]
    case 'issues':
      return []
    case 'none':
      throw new UsageError(
        `there is no ${settings.file} here: name the policy, or the settings by --config`,
      )
  }
}

/** Without settings nobody knows which issuers there are. */
function isKnowable({ code }: Issue, settings: CliSettings): boolean {
  return settings.kind === 'settings' || !ABOUT_ISSUERS.includes(code)
}

const ABOUT_ISSUERS = ['unknown-issuer']
