import type { Issue } from '../domain/issue.ts'
import type { ExpressionProblem } from './expression/known-names.ts'
import type { IssueText, NodePath, SourceFile } from './text/source-file.ts'

/** Collects the mistakes of a file; one instance stands at one place in it. */
export type Reporter = {
  readonly file: string
  /** A reporter further in. */
  readonly at: (...steps: PropertyKey[]) => Reporter
  /** At the value; a hint that is a plain word becomes "did you mean". */
  readonly error: (code: string, message: string, hint?: string | null) => void
  readonly warning: (code: string, message: string, hint?: string | null) => void
  /** At the key in front of the value. */
  readonly keyError: (code: string, message: string, hint?: string | null) => void
  readonly keyWarning: (code: string, message: string, hint?: string | null) => void
  /** Inside the scalar at this place. */
  readonly expression: (problems: readonly ExpressionProblem[]) => void
  readonly expressionWarning: (problems: readonly ExpressionProblem[]) => void
}

/** A reporter at the root of a file that adds to `issues`. */
export function createReporter(file: SourceFile, issues: Issue[], path: NodePath = []): Reporter {
  const add = (span: { start: number; end: number }, what: IssueText) => {
    issues.push(file.issue(span, what))
  }
  return {
    file: file.file,
    at: (...steps) => createReporter(file, issues, [...path, ...steps]),
    error: (code, message, hint) => add(file.spanOf(path), { code, message, hint: asHint(hint) }),
    warning: (code, message, hint) =>
      add(file.spanOf(path), { severity: 'warning', code, message, hint: asHint(hint) }),
    keyError: (code, message, hint) =>
      add(file.spanOfKey(path), { code, message, hint: asHint(hint) }),
    keyWarning: (code, message, hint) =>
      add(file.spanOfKey(path), { severity: 'warning', code, message, hint: asHint(hint) }),
    expression: (problems) => {
      for (const { start, end, ...what } of problems) add(file.spanWithin(path, start, end), what)
    },
    expressionWarning: (problems) => {
      for (const { start, end, ...what } of problems) {
        add(file.spanWithin(path, start, end), { ...what, severity: 'warning' })
      }
    },
  }
}

/** Keeps nothing: for what has been checked and reported already. */
export const SILENT: Reporter = {
  file: '',
  at: () => SILENT,
  error: () => {},
  warning: () => {},
  keyError: () => {},
  keyWarning: () => {},
  expression: () => {},
  expressionWarning: () => {},
}

/** The same file, where mistakes have been reported already. */
export function muted(report: Reporter): Reporter {
  return { ...SILENT, file: report.file, at: () => muted(report) }
}

function asHint(hint: string | null | undefined): string | null {
  if (hint === null || hint === undefined) return null
  return /^\S+$/.test(hint) ? `did you mean \`${hint}\`?` : hint
}
