import type { ASTNode } from '@marcbachmann/cel-js'

/** Macros that loop over a list. */
const LOOPS = new Set(['all', 'exists', 'exists_one', 'map', 'filter'])

/** Every node of a parsed expression with the number of loops around it. */
export function* walk(node: ASTNode, loops = 0): Generator<{ node: ASTNode; loops: number }> {
  yield { node, loops }
  const inside = isLoop(node) ? loops + 1 : loops
  for (const [at, child] of children(node).entries()) yield* walk(child, at === 0 ? loops : inside)
}

/** `xs.all(x, …)` and its kin. */
export function isLoop(node: ASTNode): boolean {
  return node.op === 'rcall' && LOOPS.has(node.args[0]) && node.args[2].length > 1
}

/** The operands of a node, the receiver of a call first. */
export function children(node: ASTNode): readonly ASTNode[] {
  switch (node.op) {
    case 'value':
    case 'id':
      return []
    case '.':
    case '.?':
      return [node.args[0]]
    case 'call':
      return node.args[1]
    case 'rcall':
      return [node.args[1], ...node.args[2]]
    case 'map':
      return node.args.flat()
    case '!_':
    case '-_':
      return [node.args]
    case 'list':
    case '?:':
    case '[]':
    case '[?]':
    case '||':
    case '&&':
    case '==':
    case '!=':
    case 'in':
    case '+':
    case '-':
    case '*':
    case '/':
    case '%':
    case '<':
    case '<=':
    case '>':
    case '>=':
      return node.args
  }
}

/** `a.b["c"]` as `['a', 'b', 'c']`; null for anything but a chain of names from a root. */
export function namePath(node: ASTNode): readonly string[] | null {
  if (node.op === 'id') return [node.args]
  const key = node.op === '.' ? node.args[1] : node.op === '[]' ? literalString(node.args[1]) : null
  if (key === null || (node.op !== '.' && node.op !== '[]')) return null
  const base = namePath(node.args[0])
  return base && [...base, key]
}

/** The text of a string literal, else null. */
export function literalString(node: ASTNode | undefined): string | null {
  return node?.op === 'value' && typeof node.args === 'string' ? node.args : null
}

/**
 * What an expression reads, by its longest names: `request.body.seats`, `variables.manager`, `session.at_least`,
 * `rate(revocations)`.
 */
export function namesRead(ast: ASTNode): ReadonlySet<string> {
  const nodes = [...walk(ast)].map(({ node }) => node)
  const named = nodes.filter((node) => isAccess(node) && namePath(node) !== null)
  const inner = new Set(named.flatMap((node) => (isAccess(node) ? [node.args[0]] : [])))
  const names = nodes.flatMap((node) => (inner.has(node) ? [] : (namePath(node)?.join('.') ?? [])))
  return new Set([...names, ...nodes.flatMap(thresholdRead), ...nodes.flatMap(counterRead)])
}

/** What the paths of a rule capture. */
export const PARAMS = 'request.params'

/** True for a name of what the paths of a rule capture, or for all of it. */
export function isOfParams(name: string): boolean {
  return name === PARAMS || name.startsWith(`${PARAMS}.`)
}

/** Where an expression reads a name: the first place. */
export function placeOf(ast: ASTNode, name: string): { start: number; end: number } {
  const nodes = [...walk(ast)].map(({ node }) => node)
  const reads = (node: ASTNode) =>
    namePath(node)?.join('.') === name ||
    [...thresholdRead(node), ...counterRead(node)].includes(name)
  const found = nodes.find(reads) ?? ast
  return { start: found.start, end: found.end }
}

/** `session.at_least("mfa")` reads `session.at_least`. */
function thresholdRead(node: ASTNode): string[] {
  const receiver =
    node.op === 'rcall' && node.args[0] === 'at_least' ? namePath(node.args[1]) : null
  return receiver ? [`${receiver.join('.')}.at_least`] : []
}

function counterRead(node: ASTNode): string[] {
  if (node.op !== 'call' || !isCounterCall(node.args[0])) return []
  return [`${node.args[0]}(${literalString(node.args[1][0]) ?? ''})`]
}

/** `rate("…")` and `total("…")` read a counter. */
export function isCounterCall(name: string): boolean {
  return name === 'rate' || name === 'total'
}

function isAccess(node: ASTNode): node is Extract<ASTNode, { op: '.' | '[]' }> {
  return node.op === '.' || node.op === '[]'
}
