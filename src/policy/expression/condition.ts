import type { Expression } from './expression.ts'
import type { Roots } from './roots.ts'
import { Unavailable } from './unavailable.ts'

/** The three values of a condition. */
export type Verdict = boolean | Undecided

/** Neither true nor false, for want of this. */
export type Undecided = { readonly missing: string }

/** `when && !unless` of a rule, for one request. Throws only what is our own fault. */
export type Condition = (roots: Roots) => Verdict

/** Combines the two halves of a rule's condition; an absent half is neutral. */
export function compileCondition(when: Expression | null, unless: Expression | null): Condition {
  if (when === null && unless === null) return () => true
  if (unless === null) return (roots) => verdict(when, roots, true)
  return (roots) => both(verdict(when, roots, true), negate(verdict(unless, roots, false)))
}

/** The value of an expression, or what it lacks. Throws only what is our own fault. */
export function readValue(
  expression: Expression,
  roots: Roots,
): { readonly value: unknown } | Undecided {
  const { stackTraceLimit } = Error
  // A loop over a mistyped field makes an error for each item, and the stack is most of what one costs.
  Error.stackTraceLimit = 0
  try {
    return { value: expression.evaluate(roots) }
  } catch (error) {
    return { missing: missingName(error, expression) }
  } finally {
    Error.stackTraceLimit = stackTraceLimit
  }
}

function verdict(expression: Expression | null, roots: Roots, absent: boolean): Verdict {
  if (expression === null) return absent
  const read = readValue(expression, roots)
  if ('missing' in read) return read
  const { value } = read
  if (typeof value === 'boolean') return value
  throw new TypeError(`\`${expression.text}\` gave a ${typeof value}, not a bool`)
}

/** The name that was not there. Only `Unavailable` and CEL's own errors are about data; the rest is our fault. */
function missingName(error: unknown, expression: Expression): string {
  if (error instanceof Unavailable) return error.missing
  if (!(error instanceof Error) || error.name !== 'EvaluationError') throw error
  const { range } = error as { range?: { start: number; end: number } }
  if (!range) return expression.text
  // CEL points at the last field alone; an author knows it by its whole name.
  const before = /[\w.]*$/.exec(expression.text.slice(0, range.start))?.[0] ?? ''
  return before + expression.text.slice(range.start, range.end)
}

function both(left: Verdict, right: Verdict): Verdict {
  if (left === false || right === false) return false
  return left === true ? right : left
}

function negate(value: Verdict): Verdict {
  return typeof value === 'boolean' ? !value : value
}
