import { type Document, isScalar, type Scalar, visit, type YAMLError } from 'yaml'
import type { NodeMistake } from './node-check.ts'
import { spanOfNode } from './places.ts'
import type { IssueText, Span } from './source-file.ts'

type Mistake = NodeMistake & { readonly isLocal: boolean }

/**
 * What the YAML parser found, in an author's words. It goes on after a mistake and then often takes the next lines for
 * mistakes too: after one that changes what follows, no more are told.
 */
export function yamlMistakes(document: Document.Parsed, text: string): readonly NodeMistake[] {
  const found = [...document.errors, ...document.warnings].toSorted((a, b) => a.pos[0] - b.pos[0])
  const mistakes = found.map((error) => mistakeOf(error, document, text))
  const first = mistakes.findIndex(({ isLocal }) => !isLocal)
  return first < 0 ? mistakes : mistakes.slice(0, first + 1)
}

/** Mistakes that end where they stand, so that others after them are real. */
const LOCAL = new Set<string>([
  'BAD_DQ_ESCAPE',
  'BAD_SCALAR_START',
  'TAG_RESOLVE_FAILED',
  'TAB_AS_INDENT',
])

function mistakeOf(error: YAMLError, document: Document.Parsed, text: string): Mistake {
  const [start, end] = error.pos
  const at = { start, end: Math.max(end, start + 1) }
  const isLocal = LOCAL.has(error.code)
  const unclosed = error.message.startsWith('Missing closing')
    ? quoteEndingAt(document, start)
    : null
  if (unclosed) {
    const what = {
      code: 'bad-yaml',
      message: 'this quote is not closed',
      hint: 'end the text with it',
    }
    return { at: { start: spanOfNode(unclosed).start, end: 0 }, what, isLocal }
  }
  return { ...described(error, at, text), isLocal }
}

function described(error: YAMLError, at: Span, text: string): NodeMistake {
  const one = { start: at.start, end: at.start + 1 }
  switch (error.code) {
    case 'TAB_AS_INDENT':
      return bad(one, 'a tab cannot indent YAML', 'indent with blanks')
    case 'TAG_RESOLVE_FAILED':
      return { at, what: unknownTag(text.slice(at.start, at.end)) }
    case 'MULTIPLE_DOCS':
      return { at, what: SEVERAL_DOCUMENTS }
    case 'RESOURCE_EXHAUSTION':
      return { at: one, what: { code: 'too-deep', message: 'this is nested too deeply' } }
    case 'BAD_SCALAR_START':
      return bad(one, `plain text cannot begin with ${quoted(text[at.start])}`, 'put it in quotes')
    case 'NON_STRING_KEY':
      return bad(one, 'a key is text, not a list or a mapping', null)
    case 'BLOCK_AS_IMPLICIT_KEY':
      return nested(at, text)
    case 'BAD_DQ_ESCAPE':
      return badEscape(at, text)
    case 'BAD_ALIAS':
      return bad(one, '`*` and `&` begin an alias or an anchor in YAML', 'put the text in quotes')
    default:
      return structural(error, at, text)
  }
}

/** Mistakes that have one code and many causes. */
function structural(error: YAMLError, at: Span, text: string): NodeMistake {
  const found = STRUCTURE.find(([said]) => error.message.startsWith(said))
  if (found) return bad(at, found[1], found[2])
  const before = text.slice(0, at.start).trimEnd().at(-1)
  if (/^Unexpected .* at node end/.test(error.message)) {
    return before === '"' || before === "'"
      ? bad(at, 'text follows the closing quote', QUOTE_ALL)
      : bad(at, 'this does not belong to the value before it', 'put text with brackets in quotes')
  }
  if (
    /^Missing , or :|^Missing , between/.test(error.message) &&
    /[{[]/.test(text[at.start] ?? '')
  ) {
    return bad(
      at,
      `\`${text[at.start]}\` stands inside of a plain text in brackets`,
      'put the text in quotes',
    )
  }
  return bad(at, lowerFirst(error.message), null)
}

const QUOTE_ALL = `put single quotes around the whole value: '"a" in b'`

/** The parser's words, ours, and what to do. */
const STRUCTURE: readonly (readonly [string, string, string])[] = [
  ['Implicit keys need', 'this key has no `: ` on its line', 'write a blank after the colon'],
  ['Implicit map keys', 'this key has no `: ` after it', 'write `key: value`'],
  [
    'Sequence item without',
    'this line fits neither the list nor a mapping above it',
    'indent it like its neighbours',
  ],
  [
    'All mapping items',
    'this line is indented differently from its neighbours',
    'indent it like them',
  ],
  [
    'All sequence items',
    'this line is indented differently from its neighbours',
    'indent it like them',
  ],
  [
    'Block collections',
    '`? `, `- ` or a second `: ` makes a mapping or list of this',
    'put it in quotes',
  ],
  ['Flow sequence', 'a `[` before this is not closed', 'close it with `]`'],
  ['Flow map', 'a `{` before this is not closed', 'close it with `}`'],
]

const SEVERAL_DOCUMENTS: IssueText = {
  code: 'several-documents',
  message: 'a second document begins here, and a file has one',
  hint: 'remove the `---` or `...`, or move it to a file of its own',
}

/** A value with a `: ` inside, or keys that are indented deeper than the one above them. */
function nested({ start }: Span, text: string): NodeMistake {
  const line = text.slice(start).split(/\r?\n/, 1)[0] ?? ''
  const at = { start, end: start + line.length }
  return /: /.test(line)
    ? bad(at, 'this value has a `: ` and would be a mapping', 'put it in quotes')
    : bad(at, 'the line after this is indented deeper', 'indent the keys of a mapping alike')
}

function unknownTag(tag: string): IssueText {
  const message = `\`${tag}\` is a tag in YAML, and no tag is known here`
  return { code: 'unknown-tag', message, hint: 'put text that begins with `!` in quotes' }
}

function badEscape({ start, end }: Span, text: string): NodeMistake {
  const written = text.slice(start, start + 2)
  const message = `\`${written}\` is no escape of a double-quoted text`
  return bad({ start, end: Math.max(end, start + 2) }, message, 'use single quotes')
}

/** The quoted text that the end of the file cut off. */
function quoteEndingAt(document: Document.Parsed, end: number): Scalar | null {
  let found: Scalar | null = null
  visit(document, {
    Scalar: (_, node) => {
      if (node.range?.[1] !== end) return undefined
      found = isScalar(node) ? node : null
      return visit.BREAK
    },
  })
  return found
}

function quoted(char = ''): string {
  return char === '`' ? 'a backtick' : `\`${char}\``
}

function bad(at: Span, message: string, hint: string | null): NodeMistake {
  return { at, what: { code: 'bad-yaml', message, hint } }
}

function lowerFirst(message: string): string {
  return message.charAt(0).toLowerCase() + message.slice(1)
}
