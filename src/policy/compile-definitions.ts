import type { PolicyInputs } from './compiled-policy.ts'
import type { FieldType } from './expression/inputs.ts'
import type { NetworkList } from './match/network-list.ts'
import {
  compileNetworks,
  type NetworkSet,
  type Networks,
  networkSet,
  parsePrefix,
} from './match/networks.ts'
import {
  compileSchedules,
  parseSchedule,
  type Schedule,
  type ScheduleProblem,
  type Schedules,
} from './match/schedules.ts'
import type { Reporter } from './reporter.ts'
import type { PolicyDocument, ScheduleDocument } from './text/schema.ts'

/** One file of the policy that has the right shape, and where to report its mistakes. */
export type PolicyFile = { readonly document: PolicyDocument; readonly report: Reporter }

/** Reads a list that a policy file names, its path relative to that file; or says why it cannot be had. */
export type ReadList = (
  policyFile: string,
  path: string,
) => NetworkList | { readonly problem: string }

/** Networks and schedules by name. */
export type Definitions = {
  readonly networks: Networks
  readonly schedules: Schedules
  readonly networkNames: readonly string[]
  readonly scheduleNames: readonly string[]
}

/** Compiles the `networks` and `schedules` of these files; a name may be given once. */
export function compileDefinitions(
  files: readonly PolicyFile[],
  readList: ReadList,
  today: string,
): Definitions {
  const networks = mergeNamed(files, 'networks', (written, report) =>
    Array.isArray(written)
      ? prefixes(written, report)
      : listed(written.file, report.at('file'), readList),
  )
  const schedules = mergeNamed(files, 'schedules', (written, report) =>
    schedule(written, today, report),
  )
  return {
    networks: compileNetworks(networks),
    schedules: compileSchedules(schedules),
    networkNames: [...networks.keys()],
    scheduleNames: [...schedules.keys()],
  }
}

/** Sections whose entries have names that are unique across files. */
type NamedSection = 'networks' | 'schedules' | 'counters' | 'variables'
type Entry<Section extends NamedSection> = NonNullable<PolicyDocument[Section]>[string]

/** One map out of the same section of all files; an entry with a mistake is reported and stands in harmlessly. */
export function mergeNamed<Section extends NamedSection, Compiled>(
  files: readonly PolicyFile[],
  section: Section,
  compile: (written: Entry<Section>, report: Reporter) => Compiled,
): Map<string, Compiled> {
  const merged = new Map<string, Compiled>()
  for (const { document, report } of files) {
    for (const [name, written] of Object.entries(document[section] ?? {})) {
      const place = report.at(section, name)
      if (merged.has(name)) {
        place.keyError(
          'duplicate-name',
          `\`${name}\` is declared in another file too`,
          'names are unique across files; choose another',
        )
      }
      merged.set(name, compile(written as Entry<Section>, place))
    }
  }
  return merged
}

/** The section that stands in one file only, with where it stands; a second one is an error. */
export function onlyOne<Section extends 'assurance' | 'inputs' | 'risk'>(
  files: readonly PolicyFile[],
  section: Section,
): { readonly written: NonNullable<PolicyDocument[Section]>; readonly report: Reporter } | null {
  const declaring = files.filter(({ document }) => document[section] !== undefined)
  for (const { report } of declaring.slice(1)) {
    report
      .at(section)
      .keyError(
        'declared-twice',
        `\`${section}\` stands in another file already`,
        'join them in one file',
      )
  }
  const [first] = declaring
  const written = first?.document[section]
  return first && written ? { written, report: first.report.at(section) } : null
}

/** Compiles `inputs`: the fields that expressions may read. */
export function compileInputs(files: readonly PolicyFile[]): PolicyInputs {
  const { body, claims } = onlyOne(files, 'inputs')?.written ?? {}
  return { body: fieldMap(body), claims: fieldMap(claims) }
}

const NETWORKS = 'such as 10.0.0.0/8, 2001:db8::/32 or a single address'

function prefixes(written: readonly string[], report: Reporter): NetworkSet {
  return networkSet(
    written.flatMap((text, index) => {
      const prefix = parsePrefix(text)
      if (typeof prefix !== 'string') return [prefix]
      report.at(index).error('bad-network', prefix, NETWORKS)
      return []
    }),
  )
}

function listed(path: string, report: Reporter, readList: ReadList): NetworkSet {
  const list = readList(report.file, path)
  if ('problem' in list) {
    report.error(
      'list-unreadable',
      `\`${path}\` cannot be read: ${list.problem}`,
      'the path is relative to the policy file',
    )
    return networkSet([])
  }
  for (const { line, why } of list.mistakes)
    report.error('bad-network', `${path}:${line}: ${why}`, NETWORKS)
  return list.networks
}

function schedule(written: ScheduleDocument, today: string, report: Reporter): Schedule {
  const parsed = parseSchedule(written)
  if ('local' in parsed) {
    warnOfPast(written.except ?? [], today, report.at('except'))
    return parsed
  }
  for (const { key, entry, why } of parsed) {
    const place = entry === null ? report.at(key) : report.at(key, entry)
    place.error('bad-schedule', why, SCHEDULES[key])
  }
  return NEVER
}

function warnOfPast(dates: readonly string[], today: string, report: Reporter): void {
  for (const [index, date] of dates.entries()) {
    if (date < today) report.at(index).warning('past-date', `${date} is over`, 'remove it')
  }
}

const SCHEDULES: Readonly<Record<ScheduleProblem['key'], string>> = {
  timezone: 'a name of the IANA database, such as Europe/Berlin or UTC',
  days: '`mon-fri`, or a list: `[mon, wed-fri]`',
  hours: '`"08:00-18:00"`; past midnight: `"22:00-06:00"`',
  except: 'a day that exists, as year-month-day',
}

/** Stands in for a schedule with a mistake; the policy is refused anyway. */
const NEVER: Schedule = {
  local: () => ({ date: '', day: 0, minute: 0 }),
  days: new Set(),
  hours: [],
  except: new Set(),
}

function fieldMap(written: Record<string, FieldType> | undefined): ReadonlyMap<string, FieldType> {
  return new Map(Object.entries(written ?? {}))
}
