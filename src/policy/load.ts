import type { Issue } from '../domain/issue.ts'
import { compile, type PolicyContext } from './compile.ts'
import type { PolicyFile } from './compile-definitions.ts'
import type { CompiledPolicy } from './compiled-policy.ts'
import { createReporter, muted, SILENT } from './reporter.ts'
import type { PolicyDocument } from './text/schema.ts'
import { checkShape } from './text/shape.ts'
import { soundPart } from './text/sound-part.ts'
import { type PolicySource, parseSource } from './text/source-file.ts'

/** Every mistake of the files, and the policy when none of them is an error. */
export type LoadedPolicy = {
  readonly policy: CompiledPolicy | null
  readonly issues: readonly Issue[]
}

/** Every mistake of the files, and their plain documents when none of them is an error. */
export type CheckedPolicy = {
  readonly documents: readonly PlainFile[] | null
  readonly issues: readonly Issue[]
}

/** A file without positions or closures: what can be handed from one thread to another. */
export type PlainFile = { readonly file: string; readonly document: PolicyDocument }

/**
 * Files → compiled policy: the one loader of the service, the command line and the tests. Never throws on what a
 * person wrote; all mistakes of all files are collected.
 */
export function loadPolicy(sources: readonly PolicySource[], context: PolicyContext): LoadedPolicy {
  const { policy, issues } = load(sources, context)
  return { policy, issues }
}

/** The checks of `loadPolicy` alone, with documents for `compileChecked` in another thread. */
export function checkPolicy(
  sources: readonly PolicySource[],
  context: PolicyContext,
): CheckedPolicy {
  const { policy, issues, files } = load(sources, context)
  const documents = files.map(({ document, report }) => ({ file: report.file, document }))
  return { documents: policy && documents, issues }
}

/** Compiles documents that `checkPolicy` found no error in, a rule or so a step. */
export function compileChecked(
  documents: readonly PlainFile[],
  context: PolicyContext,
): Generator<void, CompiledPolicy> {
  const files = documents.map(({ file, document }) => ({
    document,
    report: muted({ ...SILENT, file }),
  }))
  return compile(files, { ...context, isChecked: true })
}

/** More mistakes than this are not shown: nobody reads them, and whoever has so many mends a pattern. */
const MAX_ISSUES = 200

function load(sources: readonly PolicySource[], context: PolicyContext) {
  const issues: Issue[] = []
  const files = sources.flatMap((source) => readFile(source, issues))
  const whole = files.length === sources.length
  const compiled = whole ? whileFewErrors(compile(files, context), issues) : null
  const isWrong = issues.some((issue) => issue.severity === 'error')
  return { policy: isWrong ? null : compiled, issues: shownOf(issues), files }
}

function readFile(source: PolicySource, issues: Issue[]): PolicyFile[] {
  const { file, issues: unreadable } = parseSource(source)
  issues.push(...unreadable)
  if (!file) return []
  const { document, issues: misshapen } = checkShape(file)
  issues.push(...misshapen)
  // With more mistakes than are shown nothing would come of looking for others.
  const isHopeless = misshapen.length > MAX_ISSUES
  const sound = document ? { document, file } : isHopeless ? null : soundPart(file)
  return sound ? [{ document: sound.document, report: createReporter(sound.file, issues) }] : []
}

/** Runs to the end, or until there are more errors than are shown: the policy is refused by then. */
function whileFewErrors<T>(steps: Generator<void, T>, issues: readonly Issue[]): T | null {
  let seen = 0
  let errors = 0
  while (errors <= MAX_ISSUES) {
    const step = steps.next()
    if (step.done) return step.value
    for (; seen < issues.length; seen++) if (issues[seen]?.severity === 'error') errors++
  }
  return null
}

/** The issues that are shown, errors before warnings; that there are more is the last of them. */
function shownOf(issues: readonly Issue[]): readonly Issue[] {
  if (issues.length <= MAX_ISSUES) return issues
  const of = (severity: Issue['severity']) => issues.filter((issue) => issue.severity === severity)
  const shown = [...of('error'), ...of('warning')].slice(0, MAX_ISSUES)
  return [...shown, tooManyIssues(shown.at(-1))]
}

function tooManyIssues(last: Issue | undefined): Issue {
  return {
    severity: last?.severity ?? 'error',
    code: 'too-many-issues',
    message: `only ${MAX_ISSUES} mistakes are shown`,
    hint: 'mend these, then look again',
    file: last?.file ?? '',
    line: 0,
    column: 1,
    source: '',
    length: 1,
  }
}
