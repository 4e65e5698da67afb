import type { ASTNode } from '@marcbachmann/cel-js'
import { COUNTERS } from './counters-root.ts'
import { ROOT_FIELDS } from './environment.ts'
import { BOUNDED } from './functions.ts'
import { type ExpressionProblem, type KnownNames, problem } from './known-names.ts'
import { patternProblem } from './linear-matches.ts'
import { unknownLiteral } from './literal-names.ts'
import { unknownRoot, unknownTested } from './names.ts'
import { isCounterCall, isLoop, literalString, namePath, walk } from './walk.ts'

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

/** Names of ours that only the parsed tree may hold. */
const OURS = new Set(BOUNDED.values())

/** What this policy's CEL profile refuses although CEL itself would take it, and names that do not exist. */
export function profileProblems(ast: ASTNode, known: KnownNames): ExpressionProblem[] {
  const named = namedRoots(ast)
  return [...walk(ast)].flatMap(({ node, loops }) => [
    ...bareRoot(node, named, known),
    ...computedField(node, known),
    ...refusedCall(node),
    ...nestedLoop(node, loops),
    ...unknownLiteral(node, known),
    ...unknownTested(node, known),
    ...badPattern(node),
  ])
}

/**
 * Points calls whose cost has no bound at functions of ours, and hands the counters to those that read one; the parsed
 * tree is ours alone. `counters` makes a node that names them.
 */
export function useOwnFunctions(ast: ASTNode, counters: () => ASTNode): void {
  for (const { node } of [...walk(ast)]) {
    if (node.op === 'rcall') node.args[0] = BOUNDED.get(node.args[0]) ?? node.args[0]
    if (node.op === 'call' && isCounterCall(node.args[0])) node.args[1].push(counters())
  }
}

/** The roots, and what CEL itself has under a name; a loop variable may not hide them. */
const ROOTS = new Set([...Object.keys(ROOT_FIELDS), 'risk', 'variables', 'cel', 'optional'])

/** Root nodes that stand where they are read by name: before a field, or before `at_least`. */
function namedRoots(ast: ASTNode): ReadonlySet<ASTNode> {
  const nodes = [...walk(ast)].map(({ node }) => node)
  return new Set(
    nodes.flatMap((node) => {
      if (node.op === '.' || node.op === '[]') return [node.args[0]]
      return node.op === 'rcall' && node.args[0] === 'at_least' ? [node.args[1]] : []
    }),
  )
}

/** A root under another name, or as a whole, would hide from the checks what an expression reads. */
function bareRoot(
  node: ASTNode,
  named: ReadonlySet<ASTNode>,
  known: KnownNames,
): ExpressionProblem[] {
  if (node.op === 'id' && node.args === COUNTERS)
    return [{ ...unknownRoot(known, COUNTERS), start: node.start, end: node.end }]
  if (node.op !== 'id' || !ROOTS.has(node.args)) return []
  if (named.has(node) && known.fields.has(node.args)) return []
  if (node.args === 'cel' || node.args === 'optional') {
    return [problem('cel-not-accepted', node, `\`${node.args}\` is not accepted here`, null)]
  }
  const hint = `read a field of it, as in \`${node.args}.…\``
  return [problem('cel-not-accepted', node, `\`${node.args}\` is read by its fields only`, hint)]
}

/** The name of a field is written, not computed, so that it is known at load. */
function computedField(node: ASTNode, known: KnownNames): ExpressionProblem[] {
  if (node.op !== '[]' || literalString(node.args[1]) !== null) return []
  const base = namePath(node.args[0])?.join('.') ?? ''
  if (!known.fields.has(base)) return []
  return [
    problem('cel-not-accepted', node, `the field of \`${base}\` is computed`, 'write its name'),
  ]
}

function refusedCall(node: ASTNode): ExpressionProblem[] {
  if (node.op !== 'call' && node.op !== 'rcall') return []
  if (OURS.has(node.args[0])) {
    return [problem('unknown-name', node, `there is no function \`${node.args[0]}\``, null)]
  }
  const why = REFUSED_CALLS.get(node.args[0])
  if (why === undefined) return []
  return [problem('cel-not-accepted', node, `\`${node.args[0]}\` is not accepted here`, why)]
}

function nestedLoop(node: ASTNode, loops: number): ExpressionProblem[] {
  if (!isLoop(node) || loops === 0) return []
  const hint = 'its cost grows with the square of the list; use one loop'
  return [problem('cel-not-accepted', node, 'a loop inside a loop is not accepted', hint)]
}

function badPattern(node: ASTNode): ExpressionProblem[] {
  if (node.op !== 'rcall' || node.args[0] !== 'matches') return []
  const pattern = literalString(node.args[2][0])
  if (pattern === null) {
    return [
      problem(
        'cel-not-accepted',
        node,
        'the pattern of `matches` is a literal',
        'so it is compiled once, at load; without a pattern there is `contains`',
      ),
    ]
  }
  const why = patternProblem(pattern)
  if (why === null) return []
  return [problem('bad-pattern', node.args[2][0] ?? node, `bad pattern: ${why}`, PATTERNS)]
}

const PATTERNS = 'patterns are RE2: linear in time, without look-around and back-references'
