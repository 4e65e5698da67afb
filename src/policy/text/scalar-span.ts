import { Scalar } from 'yaml'
import type { Span } from './source-file.ts'

/**
 * Where a stretch of a scalar's value stands in the YAML text: quotes, escapes, folded lines and the indentation
 * of block scalars are stepped over by aligning value and text character by character. A stretch behind the last
 * visible character, such as the end of an expression, is the place right after it.
 */
export function spanInScalar(text: string, scalar: Scalar, start: number, end: number): Span {
  const value = String(scalar.value)
  const spans = spansOf(text, scalar, value)
  const seen = value.trimEnd().length
  const from = scalar.range?.[0] ?? 0
  if (start >= seen) {
    const after = spans[seen - 1]?.end ?? contentStart(text, from)
    return { start: after, end: after + 1 }
  }
  const first = spans[start]?.start ?? from
  return { start: first, end: spans[Math.max(start, end - 1)]?.end ?? first + 1 }
}

/** For each UTF-16 unit of the value, the text that stands for it. */
function spansOf(text: string, scalar: Scalar, value: string): readonly Span[] {
  const [from, to] = scalar.range ?? [0, 0]
  const spans: Span[] = []
  let at = contentStart(text, from)
  for (const char of value) {
    at = align(text, char, at, to, scalar.type)
    const width = widthAt(text, char, at, scalar.type)
    for (let unit = 0; unit < char.length; unit++) spans.push({ start: at, end: at + width })
    at += width
  }
  return spans
}

/** Past the opening quote, or past the header line of a block scalar. */
function contentStart(text: string, from: number): number {
  const opening = text[from]
  if (opening === '"' || opening === "'") return from + 1
  return opening === '|' || opening === '>' ? text.indexOf('\n', from) + 1 : from
}

/** The next place at or after `at` that stands for `char`; what only breaks or indents lines is passed over. */
function align(text: string, char: string, at: number, to: number, type: Scalar['type']): number {
  let place = at
  while (place < to && !stands(text[place], char)) {
    if (type === Scalar.QUOTE_DOUBLE && /^\\\r?\n/.test(text.slice(place, place + 3))) place++
    else if (!isBlank(text[place])) break
    place++
  }
  return Math.min(place, to)
}

function isBlank(found: string | undefined): boolean {
  return found !== undefined && /\s/.test(found)
}

/** A folded line break stands for a blank. */
function stands(found: string | undefined, char: string): boolean {
  return found === char || (char === ' ' && found === '\n')
}

/** How much text stands for one character: more than itself where it is escaped. */
function widthAt(text: string, char: string, at: number, type: Scalar['type']): number {
  if (type === Scalar.QUOTE_SINGLE && char === "'") return 2
  if (type !== Scalar.QUOTE_DOUBLE || text[at] !== '\\') return char.length
  return ESCAPES.get(text[at + 1] ?? '') ?? 2
}

/** Escapes by code point (YAML 1.2.2 §5.7); every other one is a backslash and one character. */
const ESCAPES: ReadonlyMap<string, number> = new Map([
  ['x', 4],
  ['u', 6],
  ['U', 10],
])
