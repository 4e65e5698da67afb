import { existsSync, readFileSync } from 'node:fs'
import type { Issue } from '../domain/issue.ts'
import { readSettings, type Settings } from '../settings/read-settings.ts'
import { paintIssues } from './issue-text.ts'
import { painter } from './paint.ts'
import { type CliWorld, UsageError } from './world.ts'

/** The service's settings as the command line finds them: it can do without, where it is told the policy. */
export type CliSettings =
  | { readonly kind: 'settings'; readonly settings: Settings }
  | { readonly kind: 'issues'; readonly issues: readonly Issue[]; readonly unreadable: boolean }
  | { readonly kind: 'none'; readonly file: string }

const CONFIG = 'STEPGATE_CONFIG'
const DEFAULT_CONFIG = 'config/stepgate.yaml'

/** Reads the settings at `config`, else where the service would look; there they may be missing. */
export function readCliSettings(config: string | undefined, { env }: CliWorld): CliSettings {
  const named = config ?? env[CONFIG]
  if (!named && !existsSync(DEFAULT_CONFIG)) return { kind: 'none', file: DEFAULT_CONFIG }
  const read = readSettings({ ...env, [CONFIG]: named }, (path) => readFileSync(path))
  if (read.kind === 'settings') return read
  const unreadable = read.issues.some(({ code }) => code === 'unreadable')
  return { kind: 'issues', issues: read.issues, unreadable }
}

/** The same for a command that is not about the settings: it goes no further on mistakes in them. */
export function usableSettings(config: string | undefined, world: CliWorld): CliSettings {
  const settings = readCliSettings(config, world)
  if (settings.kind !== 'issues') return settings
  world.err(`${paintIssues(settings.issues, painter(world))}\n\n`)
  throw new UsageError('mend the settings first')
}
