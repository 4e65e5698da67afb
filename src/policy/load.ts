import type { Ladder } from '../domain/assurance.ts'
import type { Issue } from '../domain/issue.ts'
import { compileDefinitions, knownNames, type PolicyFile } from './compile-definitions.ts'
import { compileLadder } from './compile-ladder.ts'
import { compileRules } from './compile-rules.ts'
import { collectVariables, compileVariables } from './compile-variables.ts'
import type { CompiledPolicy } from './compiled-policy.ts'
import { createEnvironment } from './expression/environment.ts'
import { createReporter } from './reporter.ts'
import { checkShape } from './text/shape.ts'
import { type PolicySource, parseSource } from './text/source-file.ts'

/** What the service knows and a policy refers to. */
export type PolicyContext = {
  /** Names of the configured issuers. */
  readonly issuers: readonly string[]
  /** Names this state of the files, so that answers can say which policy gave them. */
  readonly revision: string
}

/** Every mistake of the files, and the policy when none of them is an error. */
export type LoadedPolicy = {
  readonly policy: CompiledPolicy | null
  readonly issues: readonly Issue[]
}

/**
 * Files → compiled policy: the one loader of the service, the command line and the tests. Never throws on what a
 * person wrote; mistakes are collected over all files, and of each the shape first, then the meaning.
 */
export function loadPolicy(sources: readonly PolicySource[], context: PolicyContext): LoadedPolicy {
  const issues: Issue[] = []
  const files = sources.flatMap((source) => readFile(source, issues))
  if (files.length < sources.length) return { policy: null, issues }
  const policy = compile(files, context)
  return { policy: issues.some((issue) => issue.severity === 'error') ? null : policy, issues }
}

function readFile(source: PolicySource, issues: Issue[]): PolicyFile[] {
  const { file, issues: unreadable } = parseSource(source)
  issues.push(...unreadable)
  if (!file) return []
  const { document, issues: misshapen } = checkShape(file)
  issues.push(...misshapen)
  return document ? [{ document, report: createReporter(file, issues) }] : []
}

function compile(files: readonly PolicyFile[], context: PolicyContext): CompiledPolicy {
  const ladder = theLadder(files, context.issuers)
  const definitions = compileDefinitions(files)
  const written = collectVariables(files)
  const levels = ladder.map((level) => level.name)
  const known = knownNames(definitions, levels, [...written.keys()])
  const base = createEnvironment(definitions.inputs.body, definitions.inputs.claims)
  const variables = compileVariables(written, base, known)
  return {
    revision: context.revision,
    files: files.map(({ report }) => report.file),
    ladder,
    rules: compileRules(files, { ladder, known, variables }),
    networks: definitions.networks,
    schedules: definitions.schedules,
    inputs: definitions.inputs,
    variables: variables.variables,
    environment: variables.environment,
  }
}

function theLadder(files: readonly PolicyFile[], issuers: readonly string[]): Ladder {
  const declaring = files.filter(({ document }) => document.assurance !== undefined)
  for (const { report } of declaring.slice(1)) {
    report.at('assurance').keyError('declared-twice', '`assurance` stands in one file only')
  }
  const [first] = declaring
  return first
    ? compileLadder(first.document.assurance ?? [], issuers, first.report.at('assurance'))
    : []
}
