/** One mistake in something a person wrote, with the place to mend it. */
export type Issue = {
  /** A warning never keeps anything from being used. */
  readonly severity: 'error' | 'warning'
  /** Stable, kebab-case. */
  readonly code: string
  /** Lowercase, one sentence without a full stop: what is wrong. */
  readonly message: string
  /** A path as the reader knows it, or `environment`. */
  readonly file: string
  /** From 1; 0 when the issue is about the file as a whole. */
  readonly line: number
  /** From 1, in UTF-16 units of `source`. */
  readonly column: number
  /** The line it stands on, without its line break; empty when there is none to show. */
  readonly source: string
  /** How many units from `column` on are marked; at least one is. */
  readonly length: number
  /** What to do about it. */
  readonly hint: string | null
}

/** Columns of a source line that are shown; longer lines are cut around the mark. */
const WIDTH = 100

/**
 * Shows one issue to a person: place, severity and code, then the source line with the culprit marked, then the hint.
 * Tabs count as one column and control characters are masked, so that the mark stands under the culprit
 * and nothing in a file can steer a terminal.
 */
export function formatIssue(issue: Issue): string {
  const place = issue.line > 0 ? `${issue.file}:${issue.line}:${issue.column}` : issue.file
  const margin = ' '.repeat(issue.line > 0 ? String(issue.line).length + 2 : 2)
  const lines = [`${place}: ${issue.severity}[${issue.code}]: ${issue.message}`]
  if (issue.source !== '') lines.push(...excerpt(issue, margin))
  if (issue.hint !== null) lines.push(`${margin} = ${issue.hint}`)
  return lines.map(printable).join('\n')
}

/** Shows issues in the order of their places, file by file, with an empty line between them. */
export function formatIssues(issues: readonly Issue[]): string {
  return issues.toSorted(byPlace).map(formatIssue).join('\n\n')
}

function byPlace(a: Issue, b: Issue): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1
  return a.line - b.line || a.column - b.column
}

function excerpt(issue: Issue, margin: string): string[] {
  const at = Math.min(Math.max(issue.column - 1, 0), issue.source.length)
  const { text, start } = cut(issue.source, at)
  const mark = Math.min(Math.max(issue.length, 1), Math.max(text.length - (at - start), 1))
  const number = issue.line > 0 ? `  ${issue.line}` : margin
  return [`${number} | ${text}`, `${margin} | ${' '.repeat(at - start)}${'^'.repeat(mark)}`]
}

/** The part of a line around `at`; `start` is the offset by which positions in it are shifted. */
function cut(source: string, at: number): { text: string; start: number } {
  if (source.length <= WIDTH) return { text: source.trimEnd(), start: 0 }
  const from = Math.max(0, Math.min(at - WIDTH / 2, source.length - WIDTH))
  const head = from > 0 ? '…' : ''
  const tail = from + WIDTH < source.length ? '…' : ''
  return { text: head + source.slice(from, from + WIDTH) + tail, start: from - head.length }
}

function printable(text: string): string {
  return Array.from(text, (char) => (char === '\t' ? ' ' : isControl(char) ? '?' : char)).join('')
}

/** C0, DEL and C1, line separators, and the marks that reorder text (Unicode UAX #9). */
function isControl(char: string): boolean {
  return /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/u.test(char)
}
