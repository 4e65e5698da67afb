import type { ASTNode, Environment, ParseResult } from '@marcbachmann/cel-js'
import { COUNTERS } from './counters-root.ts'
import type { ExpressionProblem, KnownNames } from './known-names.ts'
import { describeMistake } from './mistakes.ts'
import { namesWithValue } from './named-values.ts'
import { misusedObjects } from './object-use.ts'
import { profileProblems, useOwnFunctions } from './profile.ts'
import type { Roots } from './roots.ts'
import { typeName } from './type-mistakes.ts'
import { literalString, namesRead, walk } from './walk.ts'

/** A CEL expression, parsed and typed at load; evaluating it throws `Unavailable` or CEL's own error. */
export type Expression = {
  readonly text: string
  /** CEL's name of the result's type. */
  readonly type: string
  /** The names that it reads, as written: `subject.roles`, `variables.manager`. */
  readonly reads: ReadonlySet<string>
  /** Of these, the ones that have a value to show. */
  readonly names: readonly string[]
  readonly ast: ASTNode
  readonly evaluate: (roots: Roots) => unknown
}

/** Parses and checks an expression; `wanted` is the CEL type that its result must have, null for any. */
export function compileExpression(
  cel: Environment,
  text: string,
  known: KnownNames,
  wanted: string | null,
): Expression | ExpressionProblem[] {
  const parsed = parse(cel, text, known)
  if (Array.isArray(parsed)) return parsed
  const problems = profileProblems(parsed.ast, known)
  if (problems.length > 0) return problems
  const reads = namesRead(parsed.ast)
  useOwnFunctions(parsed.ast, () => cel.parse(COUNTERS).ast)
  const checked = parsed.check()
  if (checked.error) return [describeMistake(known, checked.error, text)]
  const misused = misusedObjects(parsed.ast)
  if (misused.length > 0) return misused.slice(0, 1)
  const type = checked.type ?? 'dyn'
  if (wanted !== null && type !== wanted && !isBroken(parsed.ast, type, known))
    return [wrongResult(text, type, wanted)]
  const folded = foldLiterals(cel, parsed.ast)
  if (folded.length > 0) return folded
  return {
    text,
    type,
    ast: parsed.ast,
    reads,
    names: namesWithValue(reads, known),
    evaluate: (roots) => parsed(roots) as unknown,
  }
}

function parse(
  cel: Environment,
  text: string,
  known: KnownNames,
): ParseResult | ExpressionProblem[] {
  try {
    return cel.parse(text)
  } catch (error) {
    return [describeMistake(known, error, text)]
  }
}

/** `duration("15m")` and `timestamp("…")` with literals: an error in them is found now, and paid for once. */
function foldLiterals(cel: Environment, ast: ASTNode): ExpressionProblem[] {
  return [...walk(ast)].flatMap(({ node }) => {
    if (node.op !== 'call' || !['duration', 'timestamp'].includes(node.args[0])) return []
    if (!node.args[1].every((argument) => argument.op === 'value')) return []
    try {
      const value: unknown = cel.evaluate(node.input.slice(node.start, node.end))
      Object.assign(node, { evaluate: () => value })
      return []
    } catch {
      return [badLiteral(node)]
    }
  })
}

function badLiteral(node: Extract<ASTNode, { op: 'call' }>): ExpressionProblem {
  const [name, [argument]] = node.args
  const text = literalString(argument) ?? ''
  const [what, hint] =
    name === 'duration'
      ? ['duration', 'numbers with `h`, `m`, `s` or `ms`: `duration("1h30m")`']
      : ['time', 'a date and time with a zone: `timestamp("2026-12-24T12:00:00Z")`']
  const message = `\`${text}\` is not a ${what}`
  return { code: 'bad-literal', message, hint, start: node.start, end: node.end }
}

/** True when the type cannot be told for want of a variable whose own mistake is told already. */
function isBroken(ast: ASTNode, type: string, { broken }: KnownNames): boolean {
  return type === 'dyn' && [...namesRead(ast)].some((name) => broken.has(name))
}

function wrongResult(text: string, type: string, wanted: string): ExpressionProblem {
  return {
    code: 'wrong-result-type',
    message: `the expression gives ${typeName(type)}, not ${typeName(wanted)}`,
    hint: RESULTS.get(wanted) ?? null,
    start: 0,
    end: text.trimEnd().length,
  }
}

/** What an expression of a type looks like. */
const RESULTS: ReadonlyMap<string, string> = new Map([
  ['bool', 'a condition is true or false: compare with `==`, `>` or `in`'],
  ['string', 'it names what is counted apart, such as `subject.id`'],
  ['double', 'it is what to add, such as `request.body.seats`'],
])
