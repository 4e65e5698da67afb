import type { Scalar } from 'yaml'
import type { Span } from './source-file.ts'

/**
 * Where a stretch of a scalar's value stands in the YAML text: quotes, escapes, folded lines and the indentation
 * of block scalars are stepped over by aligning value and text character by character.
 */
export function spanInScalar(text: string, scalar: Scalar, start: number, end: number): Span {
  const [from, to] = scalar.range ?? [0, 0]
  const value = String(scalar.value)
  const offsets: number[] = []
  let at = contentStart(text, from)
  for (const char of value) {
    at = align(text, char, at, to)
    for (let unit = 0; unit < char.length; unit++) offsets.push(at + unit)
    at += char.length
  }
  const first = offsets[start] ?? from
  const last = offsets[Math.max(start, end - 1)] ?? first
  return { start: first, end: last + 1 }
}

/** Past the opening quote, or past the header line of a block scalar. */
function contentStart(text: string, from: number): number {
  const opening = text[from]
  if (opening === '"' || opening === "'") return from + 1
  return opening === '|' || opening === '>' ? text.indexOf('\n', from) + 1 : from
}

/** The next place at or after `at` that stands for `char`; white space in the text is passed over to find it. */
function align(text: string, char: string, at: number, to: number): number {
  let place = at
  while (place < to && isBlank(text[place]) && !stands(text[place], char)) place++
  const escaped = text[place] === '\\' && text[place + 1] === char
  return escaped ? place + 1 : Math.min(place, to)
}

function isBlank(found: string | undefined): boolean {
  return found !== undefined && /\s/.test(found)
}

/** A folded line break stands for a blank. */
function stands(found: string | undefined, char: string): boolean {
  return found === char || (char === ' ' && found === '\n')
}
