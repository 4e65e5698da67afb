import type { ASTNode } from '@marcbachmann/cel-js'

/** Names that an expression may mention as string literals, for checks that CEL's types cannot make. */
export type KnownNames = {
  readonly levels: readonly string[]
  readonly riskLevels: readonly string[]
  /** All of them, and those that sum an expression. */
  readonly counters: readonly string[]
  readonly sums: readonly string[]
  readonly networks: readonly string[]
  readonly schedules: readonly string[]
  /** Variables with a mistake: what reads them is not judged by its type. */
  readonly broken: Set<string>
  /** Root or object → its fields: `request` → `method` …, `request.body` → the declared inputs. */
  readonly fields: ReadonlyMap<string, readonly string[]>
}

/** A mistake inside an expression; `start` and `end` are offsets into its text. */
export type ExpressionProblem = {
  readonly code: string
  readonly message: string
  readonly hint: string | null
  readonly start: number
  readonly end: number
}

/** A mistake that is all of a node. */
export function problem(
  code: string,
  node: ASTNode,
  message: string,
  hint: string | null,
): ExpressionProblem {
  return { code, message, hint, start: node.start, end: node.end }
}
