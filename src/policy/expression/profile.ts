import type { ASTNode } from '@marcbachmann/cel-js'
import { RE2JS } from 're2js'
import { nearest } from '../../domain/nearest.ts'
import { LINEAR_MATCHES } from './environment.ts'
import type { ExpressionProblem } from './expression.ts'
import { isCounterCall, isLoop, literalString, namePath, walk } from './walk.ts'

/** Names that an expression may mention as string literals, for checks that CEL's types cannot make. */
export type KnownNames = {
  readonly levels: readonly string[]
  readonly riskLevels: readonly string[]
  readonly counters: readonly string[]
  readonly networks: readonly string[]
  readonly schedules: readonly string[]
  /** Root or object → its fields: `request` → `method` …, `request.body` → the declared inputs. */
  readonly fields: ReadonlyMap<string, readonly string[]>
}

/** Functions outside the profile, each with the reason and what to use. */
const REFUSED_CALLS = new Map([
  ['dyn', 'it gives up types; compare values of one type'],
  ['type', 'types are checked at load'],
  ['json', 'declare the field under `inputs` and read `request.body.FIELD`'],
  ...[
    'getDate',
    'getDayOfMonth',
    'getDayOfWeek',
    'getDayOfYear',
    'getFullYear',
    'getHours',
    'getMilliseconds',
    'getMinutes',
    'getMonth',
    'getSeconds',
  ].map((name) => [name, 'it follows the time zone of the host; use `request.schedules`'] as const),
])

/** What this policy's CEL profile refuses although CEL itself would take it, and names that do not exist. */
export function profileProblems(ast: ASTNode, known: KnownNames): ExpressionProblem[] {
  return [...walk(ast)].flatMap(({ node, loops }) => [
    ...refusedCall(node),
    ...nestedLoop(node, loops),
    ...unknownName(node, known),
    ...patternProblem(node),
  ])
}

/** Points every `matches` at the linear-time one; the parsed tree is ours alone. */
export function useLinearMatches(ast: ASTNode): void {
  for (const { node } of walk(ast)) {
    if (node.op === 'rcall' && node.args[0] === 'matches') node.args[0] = LINEAR_MATCHES
  }
}

function refusedCall(node: ASTNode): ExpressionProblem[] {
  if (node.op !== 'call' && node.op !== 'rcall') return []
  const why = REFUSED_CALLS.get(node.args[0])
  if (why === undefined) return []
  return [problem('cel-not-accepted', node, `\`${node.args[0]}\` is not accepted here`, why)]
}

function nestedLoop(node: ASTNode, loops: number): ExpressionProblem[] {
  if (!isLoop(node) || loops === 0) return []
  const hint = 'its cost grows with the square of the list; use one loop'
  return [problem('cel-not-accepted', node, 'a loop inside a loop is not accepted', hint)]
}

function patternProblem(node: ASTNode): ExpressionProblem[] {
  if (node.op !== 'rcall' || node.args[0] !== 'matches') return []
  const pattern = literalString(node.args[2][0])
  if (pattern === null) {
    return [
      problem(
        'cel-not-accepted',
        node,
        'a pattern is a literal, so that it is compiled at load',
        null,
      ),
    ]
  }
  try {
    RE2JS.compile(pattern)
    return []
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return [
      problem('bad-pattern', node.args[2][0] ?? node, `bad pattern: ${why}`, 'patterns are RE2'),
    ]
  }
}

function unknownName(node: ASTNode, known: KnownNames): ExpressionProblem[] {
  if (node.op === 'rcall' && node.args[0] === 'at_least') {
    const ofRisk = namePath(node.args[1])?.join('.') === 'risk'
    const [what, names] = ofRisk ? ['risk-level', known.riskLevels] : ['level', known.levels]
    return literalAmong(what, node.args[2][0], names)
  }
  if (node.op === 'call' && isCounterCall(node.args[0])) {
    return literalAmong('counter', node.args[1][0], known.counters)
  }
  if (node.op !== 'in') return []
  const list = namePath(node.args[1])?.join('.')
  if (list === 'source.networks') return notAmong('network', node.args[0], known.networks)
  if (list === 'request.schedules') return notAmong('schedule', node.args[0], known.schedules)
  return []
}

/** A name that is computed could not be checked, and what is not checked could fail while deciding. */
function literalAmong(
  what: string,
  node: ASTNode | undefined,
  names: readonly string[],
): ExpressionProblem[] {
  if (node === undefined || literalString(node) !== null) return notAmong(what, node, names)
  const message = `the name of a ${what} is a literal`
  return [
    problem(
      'cel-not-accepted',
      node,
      message,
      `write it in quotes: ${names.join(', ') || 'none is declared'}`,
    ),
  ]
}

function notAmong(
  what: string,
  node: ASTNode | undefined,
  names: readonly string[],
): ExpressionProblem[] {
  const name = literalString(node)
  if (node === undefined || name === null || names.includes(name)) return []
  const close = nearest(name, names)
  const hint = close ? `did you mean \`${close}\`?` : `declared: ${names.join(', ') || 'none'}`
  return [problem(`unknown-${what}`, node, `unknown ${what} \`${name}\``, hint)]
}

function problem(
  code: string,
  node: ASTNode,
  message: string,
  hint: string | null,
): ExpressionProblem {
  return { code, message, hint, start: node.start, end: node.end }
}
