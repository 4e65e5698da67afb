import type { ASTNode, Environment, ParseResult } from '@marcbachmann/cel-js'
import { nearest } from '../../domain/nearest.ts'
import { type KnownNames, profileProblems, useLinearMatches } from './profile.ts'
import type { Roots } from './roots.ts'
import { namesRead, walk } from './walk.ts'

/** A CEL expression, parsed and typed at load; evaluating it throws `Unavailable` or CEL's own error. */
export type Expression = {
  readonly text: string
  /** CEL's name of the result's type. */
  readonly type: string
  /** The names that it reads, as written: `subject.roles`, `variables.manager`. */
  readonly reads: ReadonlySet<string>
  readonly ast: ASTNode
  readonly evaluate: (roots: Roots) => unknown
}

/** A mistake inside an expression; `start` and `end` are offsets into its text. */
export type ExpressionProblem = {
  readonly code: string
  readonly message: string
  readonly hint: string | null
  readonly start: number
  readonly end: number
}

/** Parses and checks an expression; `wanted` is the CEL type that its result must have, null for any. */
export function compileExpression(
  cel: Environment,
  text: string,
  known: KnownNames,
  wanted: string | null,
): Expression | ExpressionProblem[] {
  const parsed = parse(cel, text)
  if (Array.isArray(parsed)) return parsed
  const problems = profileProblems(parsed.ast, known)
  if (problems.length > 0) return problems
  useLinearMatches(parsed.ast)
  const checked = parsed.check()
  if (checked.error) return [typeProblem(known, checked.error, text)]
  const type = checked.type ?? 'dyn'
  if (wanted !== null && type !== wanted) return [wrongResult(text, type, wanted)]
  const folded = foldLiterals(cel, parsed.ast)
  if (folded.length > 0) return folded
  return {
    text,
    type,
    ast: parsed.ast,
    reads: namesRead(parsed.ast),
    evaluate: (roots) => parsed(roots) as unknown,
  }
}

function parse(cel: Environment, text: string): ParseResult | ExpressionProblem[] {
  try {
    return cel.parse(text)
  } catch (error) {
    return [celProblem('bad-expression', error, text)]
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
    } catch (error) {
      return [{ ...celProblem('bad-literal', error, node.input), start: node.start, end: node.end }]
    }
  })
}

function wrongResult(text: string, type: string, wanted: string): ExpressionProblem {
  return {
    code: 'wrong-result-type',
    message: `the expression gives \`${type}\`, not \`${wanted}\``,
    hint: 'a condition is true or false: compare with `==`, `>` or `in`',
    start: 0,
    end: text.length,
  }
}

function typeProblem(known: KnownNames, error: unknown, text: string): ExpressionProblem {
  const found = celProblem('bad-expression', error, text)
  const word = text.slice(found.start, found.end)
  if (found.message.startsWith('no such key')) {
    const close = nearest(word, fieldNames(known, text, found.start))
    return {
      ...found,
      code: 'unknown-name',
      message: `unknown name \`${word}\``,
      hint: meant(close),
    }
  }
  if (found.message.startsWith('unknown variable')) {
    const close = nearest(word, known.fields.keys())
    return {
      ...found,
      code: 'unknown-name',
      message: `unknown name \`${word}\``,
      hint: meant(close),
    }
  }
  return found
}

/** The fields of the thing before the dot that stands before `at`. */
function fieldNames(known: KnownNames, text: string, at: number): readonly string[] {
  const base = text.slice(0, at).match(/([A-Za-z_][\w.]*)\.$/)?.[1] ?? ''
  return known.fields.get(base) ?? []
}

function meant(close: string | null): string | null {
  return close ? `did you mean \`${close}\`?` : null
}

/** CEL's errors carry a one-line summary and a range; anything else is shown as it is. */
function celProblem(code: string, error: unknown, text: string): ExpressionProblem {
  const { summary, range, message } = error as {
    summary?: string
    message?: string
    range?: { start: number; end: number }
  }
  const said = (summary ?? message ?? String(error)).split('\n', 1)[0] ?? ''
  return {
    code,
    message: said.charAt(0).toLowerCase() + said.slice(1),
    hint: null,
    start: range?.start ?? 0,
    end: range?.end ?? text.length,
  }
}
