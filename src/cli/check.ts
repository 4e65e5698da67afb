import { maskIssues } from './check-masks.ts'
import { countIssues, hasErrors, paintIssues } from './issue-text.ts'
import { type LoadedFiles, loadFiles, policyPaths } from './load.ts'
import { painter, plural } from './paint.ts'
import { type CliSettings, readCliSettings } from './settings.ts'
import { type CliWorld, type ExitCode, UsageError } from './world.ts'

/** Options of `stepgate check`. */
export type CheckOptions = { readonly config?: string; readonly format: 'text' | 'json' }

/** `stepgate check`: every mistake of the settings and of the policy, as the service would find them. */
export async function check(
  paths: readonly string[],
  options: CheckOptions,
  world: CliWorld,
): Promise<ExitCode> {
  const settings = readCliSettings(options.config, world)
  const policies = withoutTests(policyPaths(paths, settings))
  const loaded = policies.length > 0 ? await loadFiles(policies, settings, world) : NOTHING
  // A part of the policy does not say what all of it reads.
  const isWhole = paths.length === 0 || options.config !== undefined
  const result = withSettings(loaded, settings, isWhole)
  world.out(options.format === 'json' ? asJson(result) : asText(result, policies, world))
  if (result.unreadable) return 2
  return hasErrors(result.issues) ? 1 : 0
}

const NOTHING: LoadedFiles = { files: [], policy: null, issues: [], unreadable: false }

/** Files of tests are no policies, although a shell's `*.yaml` names them. */
function withoutTests(paths: readonly string[]): readonly string[] {
  const policies = paths.filter((path) => !path.endsWith('.test.yaml'))
  if (policies.length < paths.length && policies.length === 0)
    throw new UsageError('these are tests of a policy: run them by `stepgate test`')
  return policies
}

function withSettings(loaded: LoadedFiles, settings: CliSettings, isWhole: boolean): LoadedFiles {
  const { policy, issues, unreadable } = loaded
  switch (settings.kind) {
    case 'none':
      return loaded
    case 'settings':
      if (policy === null || !isWhole) return loaded
      return { ...loaded, issues: [...issues, ...maskIssues(settings.settings, policy)] }
    case 'issues':
      return {
        ...loaded,
        issues: [...settings.issues, ...issues],
        unreadable: unreadable || settings.unreadable,
      }
  }
}

function asJson({ files, policy, issues }: LoadedFiles): string {
  return `${JSON.stringify({ files, rules: policy?.rules.length ?? null, issues }, null, 2)}\n`
}

function asText(result: LoadedFiles, paths: readonly string[], world: CliWorld): string {
  const { files, policy, issues } = result
  const paint = painter(world)
  const listed = issues.length > 0 ? `${paintIssues(issues, paint)}\n\n` : ''
  const many = files.length > paths.length ? ` (${plural(files.length, 'file')})` : ''
  const name = paths.length > 0 ? `${paths.join(' ')}${many}: ` : ''
  const rules = policy ? `${plural(policy.rules.length, 'rule')}, ` : ''
  const colour = hasErrors(issues) ? 'red' : issues.length > 0 ? 'yellow' : 'green'
  return `${listed}${name}${rules}${paint(colour, countIssues(issues))}\n`
}
