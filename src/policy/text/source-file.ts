import { type Document, isScalar, LineCounter, parseDocument } from 'yaml'
import type { Issue } from '../../domain/issue.ts'
import { checkNodes, type NodeMistake } from './node-check.ts'
import { createPlaces, spanOfNode } from './places.ts'
import { plainData } from './plain-data.ts'
import { spanInScalar } from './scalar-span.ts'
import { yamlMistakes } from './yaml-mistakes.ts'

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

/** Longer lines are not for people: their issues have a place and no excerpt. */
const MAX_LINE = 10_000

/** What YAML 1.2.2 §5.1 does not take for a character, a carriage return that ends no line, and half a surrogate pair. */
const STRANGE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]|\r(?!\n)|(?!^)\ufeff|\p{Surrogate}/u

/**
 * Reads one YAML file; its mistakes as issues. The file is null when there are any, since nothing certain can be said
 * about its contents. Never throws.
 */
export function parseSource(given: PolicySource): { file: SourceFile | null; issues: Issue[] } {
  const source = { file: given.file, text: given.text.replace(/^\ufeff/, '') }
  const lines = new LineCounter()
  const issue = issueAt(source, lines)
  if (source.text.length > MAX_CHARACTERS) {
    const hint = 'move long lists of networks to files of their own'
    const what = { code: 'file-too-large', message: 'the file has over 16 Mi characters', hint }
    return { file: null, issues: [{ ...issue({ start: 0, end: 1 }, what), line: 0, source: '' }] }
  }
  const document = parseDocument(source.text, { ...YAML, lineCounter: lines })
  const mistakes = mistakesOf(document, source.text, lines)
  if (mistakes.length > 0) {
    return { file: null, issues: mistakes.map(({ at, what }) => issue(at, what)) }
  }
  return { file: sourceFile(source, document, issue), issues: [] }
}

/** YAML 1.2, its core schema and nothing else; repeated keys are looked for by ourselves, in linear time. */
const YAML = {
  version: '1.2',
  resolveKnownTags: false,
  stringKeys: true,
  uniqueKeys: false,
  prettyErrors: false,
} as const

function mistakesOf(
  document: Document.Parsed,
  text: string,
  lines: LineCounter,
): readonly NodeMistake[] {
  const strange = strangeCharacter(text)
  if (strange) return [strange]
  const malformed = yamlMistakes(document, text)
  if (malformed.length > 0) return malformed
  const { version, explicit } = document.directives.yaml
  if (explicit && version !== '1.2') {
    const message = `the file is read as YAML 1.2, not ${version}`
    return [
      {
        at: { start: 0, end: 1 },
        what: { code: 'bad-yaml', message, hint: 'remove the directive' },
      },
    ]
  }
  return checkNodes(document, (offset) => lines.linePos(offset).line)
}

function strangeCharacter(text: string): NodeMistake | null {
  const start = text.search(STRANGE)
  if (start < 0) return null
  const code = text.charCodeAt(start).toString(16).toUpperCase().padStart(4, '0')
  const message = `the character U+${code} cannot stand in YAML`
  return {
    at: { start, end: start + 1 },
    what: { code: 'bad-character', message, hint: 'remove it' },
  }
}

function sourceFile(
  source: PolicySource,
  document: Document.Parsed,
  issue: SourceFile['issue'],
): SourceFile {
  const places = createPlaces(document)
  return {
    ...source,
    data: plainData(document),
    spanOf: (path) => spanOfNode(places.valueAt(path)),
    spanOfKey: (path) => spanOfNode(places.keyAt(path)),
    spanWithin: (path, start, end) => {
      const node = places.valueAt(path)
      return isScalar(node) ? spanInScalar(source.text, node, start, end) : spanOfNode(node)
    },
    issue,
  }
}

function issueAt(source: PolicySource, lines: LineCounter): SourceFile['issue'] {
  return (at, what) => {
    const { line, col } = lines.linePos(at.start)
    const start = lines.lineStarts[Math.max(line, 1) - 1] ?? 0
    const end = lines.lineStarts[Math.max(line, 1)] ?? source.text.length
    const text = end - start > MAX_LINE ? '' : source.text.slice(start, end).replace(/\r?\n$/, '')
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
