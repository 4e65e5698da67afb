import { RE2JS } from 're2js'
import { Unavailable } from './unavailable.ts'

/** Instructions of a compiled pattern; what people write has some dozens. */
const MAX_PROGRAM = 1000

/** Steps that one match may take, an instruction a character: about a millisecond. */
const MAX_STEPS = 100_000

const TOO_LONG = new Unavailable('matches')

/** Why a pattern cannot be used; null when it can. */
export function patternProblem(pattern: string): string | null {
  if (repetitions(pattern) > MAX_PROGRAM) return 'it repeats too much'
  try {
    return RE2JS.compile(pattern).programSize() > MAX_PROGRAM ? 'it is too large' : null
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error)
    return said.replace('error parsing regexp: ', '')
  }
}

/** `a{1000}` is a thousand instructions, and compiling them costs before they can be counted. */
function repetitions(pattern: string): number {
  const counts = pattern.matchAll(/(?<!\\[xpP])\{(\d+)(?:,(\d*))?\}/g)
  return [...counts].reduce((sum, [, least, most]) => sum + Number(most || least), 0)
}

/**
 * CEL's `matches`: it searches, unanchored. RE2 never backtracks, so the cost is bounded by pattern times text; a text
 * that is too long for its pattern is unavailable.
 */
export function createLinearMatches(): (text: string, pattern: string) => boolean {
  const compiled = new Map<string, { readonly program: RE2JS; readonly longest: number }>()
  const compile = (pattern: string) => {
    const program = RE2JS.compile(pattern)
    const entry = { program, longest: MAX_STEPS / program.programSize() }
    compiled.set(pattern, entry)
    return entry
  }
  return (text, pattern) => {
    const { program, longest } = compiled.get(pattern) ?? compile(pattern)
    if (text.length > longest) throw TOO_LONG
    return program.matcher(text).find()
  }
}
