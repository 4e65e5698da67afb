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
  return compile(files, context)
}

function load(sources: readonly PolicySource[], context: PolicyContext) {
  const issues: Issue[] = []
  const files = sources.flatMap((source) => readFile(source, issues))
  const whole = files.length === sources.length
  const compiled = whole ? toEnd(compile(files, context)) : null
  const isWrong = issues.some((issue) => issue.severity === 'error')
  return { policy: isWrong ? null : compiled, issues, files }
}

function readFile(source: PolicySource, issues: Issue[]): PolicyFile[] {
  const { file, issues: unreadable } = parseSource(source)
  issues.push(...unreadable)
  if (!file) return []
  const { document, issues: misshapen } = checkShape(file)
  issues.push(...misshapen)
  const sound = document ? { document, file } : soundPart(file)
  return sound ? [{ document: sound.document, report: createReporter(sound.file, issues) }] : []
}

function toEnd<T>(steps: Generator<void, T>): T {
  for (;;) {
    const step = steps.next()
    if (step.done) return step.value
  }
}
