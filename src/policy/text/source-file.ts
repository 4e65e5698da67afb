import {
  type Document,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
} from 'yaml'
import type { Issue } from '../../domain/issue.ts'
import { spanInScalar } from './scalar-span.ts'

/** One file of a policy, as read: the name that messages use, and the text. */
export type PolicySource = { readonly file: string; readonly text: string }

/** Where something stands in a file; offsets into its text. */
export type Span = { readonly start: number; readonly end: number }

/** A way into the document: map keys and list indices. */
export type NodePath = readonly PropertyKey[]

/** A parsed YAML file that can say where each of its parts stands. */
export type SourceFile = {
  readonly file: string
  readonly text: string
  /** Plain data, aliases resolved. */
  readonly data: unknown
  /** The value at a path; the nearest part that exists when it does not. */
  readonly spanOf: (path: NodePath) => Span
  /** The key at the end of a path. */
  readonly spanOfKey: (path: NodePath) => Span
  /** A stretch of the text of a scalar, for positions inside an expression. */
  readonly spanWithin: (path: NodePath, start: number, end: number) => Span
  readonly issue: (at: Span, what: IssueText) => Issue
}

/** The words of an issue; `severity` is error unless said. */
export type IssueText = Pick<Issue, 'code' | 'message'> & Partial<Pick<Issue, 'severity' | 'hint'>>

/** More than any policy written by people; a larger file is an accident or an attack. */
const MAX_CHARACTERS = 16 * 1024 * 1024
/** Aliases may make a file shorter, not explode it. */
const MAX_ALIASES = 1000

/** Reads one YAML file; its mistakes as issues. The file is null when nothing can be said about its contents. */
export function parseSource(source: PolicySource): { file: SourceFile | null; issues: Issue[] } {
  const lines = new LineCounter()
  const issue = issueAt(source, lines)
  const whole = { start: 0, end: 1 }
  if (source.text.length > MAX_CHARACTERS) {
    return failed(issue(whole, { code: 'file-too-large', message: 'the file is over 16 MiB' }))
  }
  try {
    const document = parseDocument(source.text, { lineCounter: lines, version: '1.2' })
    const issues = document.errors.map((error) =>
      issue({ start: error.pos[0], end: error.pos[1] }, yamlMistake(error.code, error.message)),
    )
    if (issues.length > 0) return { file: null, issues }
    return { file: sourceFile(source, document, issue), issues: [] }
  } catch (error) {
    const deep = error instanceof RangeError
    const message = deep
      ? 'the file is nested too deeply'
      : `the file cannot be read: ${String(error)}`
    return failed(issue(whole, { code: deep ? 'too-deep' : 'bad-yaml', message }))
  }
}

function failed(issue: Issue): { file: null; issues: Issue[] } {
  return { file: null, issues: [issue] }
}

function sourceFile(
  source: PolicySource,
  document: Document.Parsed,
  issue: SourceFile['issue'],
): SourceFile {
  return {
    ...source,
    data: document.toJS({ maxAliasCount: MAX_ALIASES }),
    spanOf: (path) => spanOfNode(nodeAt(document, path)),
    spanOfKey: (path) => spanOfNode(keyAt(document, path)),
    spanWithin: (path, start, end) => {
      const node = nodeAt(document, path)
      return isScalar(node) ? spanInScalar(source.text, node, start, end) : spanOfNode(node)
    },
    issue,
  }
}

/** The node at a path, or the last one on the way to it. */
function nodeAt(document: Document.Parsed, path: NodePath): Node | null {
  let node: Node | null = document.contents
  for (const step of path) {
    const child: unknown = isMap(node) || isSeq(node) ? node.get(step, true) : undefined
    if (!isNode(child)) return node
    node = child
  }
  return node
}

function keyAt(document: Document.Parsed, path: NodePath): Node | null {
  const parent = nodeAt(document, path.slice(0, -1))
  const key = path.at(-1)
  if (!isMap(parent)) return nodeAt(document, path)
  const pair = parent.items.find(
    (item) => isScalar(item.key) && String(item.key.value) === String(key),
  )
  return isNode(pair?.key) ? pair.key : parent
}

function spanOfNode(node: Node | null): Span {
  const [start, end] = node?.range ?? [0, 1]
  return { start, end: Math.max(end, start + 1) }
}

function issueAt(source: PolicySource, lines: LineCounter): SourceFile['issue'] {
  return (at, what) => {
    const { line, col } = lines.linePos(at.start)
    const start = lines.lineStarts[line - 1] ?? 0
    const text = source.text.slice(start).split(/\r?\n/, 1)[0] ?? ''
    return {
      severity: what.severity ?? 'error',
      code: what.code,
      message: what.message,
      hint: what.hint ?? null,
      file: source.file,
      line: Math.max(line, 1),
      column: Math.max(col, 1),
      source: text,
      length: Math.max(1, Math.min(at.end, start + text.length) - at.start),
    }
  }
}

function yamlMistake(code: string, message: string): IssueText {
  const said = message.split('\n', 1)[0]?.replace(/ at line \d+.*$/, '') ?? code
  if (code === 'DUPLICATE_KEY') {
    return {
      code: 'duplicate-key',
      message: 'this key stands here twice',
      hint: 'remove one of them',
    }
  }
  if (code === 'TAB_AS_INDENT') {
    return { code: 'bad-yaml', message: 'a tab cannot indent YAML', hint: 'indent with blanks' }
  }
  return { code: 'bad-yaml', message: said.charAt(0).toLowerCase() + said.slice(1) }
}
