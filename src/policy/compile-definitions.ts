import type { PolicyInputs } from './compiled-policy.ts'
import { ROOT_FIELDS } from './expression/environment.ts'
import type { FieldType } from './expression/inputs.ts'
import type { KnownNames } from './expression/profile.ts'
import { compileNetworks, type Networks, parsePrefix } from './match/networks.ts'
import {
  compileSchedules,
  parseSchedule,
  type Schedule,
  type Schedules,
} from './match/schedules.ts'
import type { Reporter } from './reporter.ts'
import type { PolicyDocument } from './text/schema.ts'

/** One file of the policy that has the right shape, and where to report its mistakes. */
export type PolicyFile = { readonly document: PolicyDocument; readonly report: Reporter }

/** Everything that rules refer to by name, apart from levels and variables. */
export type Definitions = {
  readonly inputs: PolicyInputs
  readonly networks: Networks
  readonly schedules: Schedules
  readonly networkNames: readonly string[]
  readonly scheduleNames: readonly string[]
}

/** Compiles the `inputs`, `networks` and `schedules` of all files; a name may be given once. */
export function compileDefinitions(files: readonly PolicyFile[]): Definitions {
  const networks = merge(files, 'networks', (document) => document.networks, prefixes)
  const schedules = merge(files, 'schedules', (document) => document.schedules, schedule)
  return {
    inputs: compileInputs(files),
    networks: compileNetworks(networks),
    schedules: compileSchedules(schedules),
    networkNames: [...networks.keys()],
    scheduleNames: [...schedules.keys()],
  }
}

/** The names that expressions may mention, for checks and hints. */
export function knownNames(
  { inputs, networkNames, scheduleNames }: Definitions,
  levels: readonly string[],
  variables: readonly string[],
): KnownNames {
  const fields = new Map<string, readonly string[]>(
    Object.entries(ROOT_FIELDS).map(([root, of]) => [root, Object.keys(of)]),
  )
  fields.set('session', [...Object.keys(ROOT_FIELDS.session), 'at_least'])
  fields.set('request.body', [...inputs.body.keys()])
  fields.set('subject.claims', [...inputs.claims.keys()])
  fields.set('variables', variables)
  return { levels, networks: networkNames, schedules: scheduleNames, fields }
}

/** One map out of all files; `compile` gives undefined after it has reported a mistake. */
function merge<Written, Compiled>(
  files: readonly PolicyFile[],
  key: 'networks' | 'schedules',
  of: (document: PolicyDocument) => Record<string, Written> | undefined,
  compile: (written: Written, report: Reporter) => Compiled,
): Map<string, Compiled> {
  const merged = new Map<string, Compiled>()
  for (const { document, report } of files) {
    for (const [name, written] of Object.entries(of(document) ?? {})) {
      const place = report.at(key, name)
      if (merged.has(name))
        place.keyError('duplicate-name', `\`${name}\` is declared in another file too`)
      merged.set(name, compile(written, place))
    }
  }
  return merged
}

function prefixes(written: readonly string[], report: Reporter) {
  return written.flatMap((text, index) => {
    const prefix = parsePrefix(text)
    if (typeof prefix !== 'string') return [prefix]
    report.at(index).error('bad-network', prefix)
    return []
  })
}

function schedule(written: Parameters<typeof parseSchedule>[0], report: Reporter): Schedule {
  const parsed = parseSchedule(written)
  if ('local' in parsed) return parsed
  report.at(parsed.key).error('bad-schedule', parsed.why)
  return NEVER
}

/** Stands in for a schedule with a mistake; the policy is refused anyway. */
const NEVER: Schedule = {
  local: () => ({ date: '', day: 0, minute: 0 }),
  days: new Set(),
  hours: [],
  except: new Set(),
}

function compileInputs(files: readonly PolicyFile[]): PolicyInputs {
  const declaring = files.filter(({ document }) => document.inputs !== undefined)
  for (const { report } of declaring.slice(1)) {
    report.at('inputs').keyError('declared-twice', '`inputs` stand in one file only')
  }
  const { body, claims } = declaring[0]?.document.inputs ?? {}
  return { body: fieldMap(body), claims: fieldMap(claims) }
}

function fieldMap(written: Record<string, FieldType> | undefined): ReadonlyMap<string, FieldType> {
  return new Map(Object.entries(written ?? {}))
}
