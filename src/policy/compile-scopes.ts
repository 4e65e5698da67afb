import { compileCounters, type WrittenCounter } from './compile-counters.ts'
import {
  compileDefinitions,
  type Definitions,
  mergeNamed,
  type PolicyFile,
  type ReadList,
} from './compile-definitions.ts'
import { compileVariables } from './compile-variables.ts'
import type { PolicyInputs, Scope } from './compiled-policy.ts'
import { type BaseEnvironment, ROOT_FIELDS } from './expression/environment.ts'
import type { KnownNames } from './expression/known-names.ts'
import { muted } from './reporter.ts'

/** What names mean in one file: those of all unbounded files, and in a bounded file its own besides. */
export type NameScope = Scope & { readonly known: KnownNames }

/** What every scope shares. */
export type ScopeContext = {
  readonly base: BaseEnvironment
  readonly inputs: PolicyInputs
  readonly levels: readonly string[]
  readonly riskLevels: readonly string[]
  readonly readList: ReadList
  /** ISO date; exceptions before it are over. */
  readonly today: string
}

/** The scopes of a policy: one for all unbounded files together, one for each bounded file. */
export type Scopes = {
  readonly common: NameScope
  readonly all: readonly NameScope[]
  readonly of: (file: PolicyFile) => NameScope
}

/** Compiles what names mean in each file. */
export function compileScopes(files: readonly PolicyFile[], context: ScopeContext): Scopes {
  const unbounded = files.filter((file) => !isBounded(file))
  const common = compileScope(unbounded, null, context)
  const silent = unbounded.map(({ document, report }) => ({ document, report: muted(report) }))
  const own = new Map(
    files
      .filter(isBounded)
      .map((file) => [file, compileScope([...silent, file], file.report.file, context)]),
  )
  return { common, all: [common, ...own.values()], of: (file) => own.get(file) ?? common }
}

/** True for a file whose rules are held within its `bounds`. */
export function isBounded({ document }: PolicyFile): boolean {
  return document.bounds !== undefined
}

/** `own` names the bounded file among them whose names are its own; null for the names of all. */
function compileScope(
  files: readonly PolicyFile[],
  own: string | null,
  context: ScopeContext,
): NameScope {
  const definitions = compileDefinitions(files, context.readList, context.today)
  const counters = mergeNamed(files, 'counters', (written, report) => ({ written, report }))
  const variables = mergeNamed(files, 'variables', (text, report) => ({ text, report }))
  const known = knownNames(definitions, context, counters, [...variables.keys()])
  const compiled = compileVariables(variables, context.base, known)
  const { networks, schedules } = definitions
  return {
    networks,
    schedules,
    ...compiled,
    counters: compileCounters(counters, own, compiled, known),
    known,
  }
}

function knownNames(
  { networkNames, scheduleNames }: Definitions,
  { inputs, levels, riskLevels }: ScopeContext,
  counters: ReadonlyMap<string, WrittenCounter>,
  variables: readonly string[],
): KnownNames {
  const fields = new Map<string, readonly string[]>(
    Object.entries(ROOT_FIELDS).map(([root, of]) => [root, Object.keys(of)]),
  )
  fields.set('session', [...Object.keys(ROOT_FIELDS.session), 'at_least'])
  fields.set('risk', ['at_least'])
  fields.set('request.body', [...inputs.body.keys()])
  fields.set('subject.claims', [...inputs.claims.keys()])
  fields.set('variables', variables)
  return {
    levels,
    riskLevels,
    counters: [...counters.keys()],
    sums: [...counters].flatMap(([name, { written }]) => (written.add === undefined ? [] : [name])),
    networks: networkNames,
    schedules: scheduleNames,
    broken: new Set(),
    fields,
  }
}
