import type { ASTNode } from '@marcbachmann/cel-js'
import { namePath, walk } from './walk.ts'

/**
 * How a value moves when a request gets more dangerous: more risk, an older, a weaker or a revoked login, a disabled
 * account. `rises` means towards true, or a larger number; a value can do both, or neither.
 */
export type Movement = { readonly rises: ASTNode | null; readonly falls: ASTNode | null }

const STILL: Movement = { rises: null, falls: null }

/** How a variable moves; null for what is no variable. */
type VariableMovement = (name: string) => Movement | null

/**
 * How a condition moves; `variable` gives the expression behind a variable. Each variable is looked at once, however
 * often others read it: they may build on each other.
 */
export function movement(node: ASTNode, variable: (name: string) => ASTNode | null): Movement {
  const known = new Map<string, Movement | null>()
  const behind: VariableMovement = (name) => {
    const seen = known.get(name)
    if (seen !== undefined) return seen
    const ast = variable(name)
    const found = ast && move(ast, behind)
    known.set(name, found)
    return found
  }
  return move(node, behind)
}

function move(node: ASTNode, variable: VariableMovement): Movement {
  const inner = (child: ASTNode) => move(child, variable)
  switch (node.op) {
    case '.':
      return fieldMovement(node, variable)
    case 'rcall':
      return thresholdMovement(node) ?? anyMovement(node, variable)
    case '!_':
    case '-_':
      return turned(inner(node.args))
    case '||':
    case '&&':
    case '+':
      return together(...pair(node.args, inner))
    case '>':
    case '>=':
    case '-':
      return against(pair(node.args, inner))
    case '<':
    case '<=':
      return turned(against(pair(node.args, inner)))
    case '?:':
      return choice(node.args.map(inner))
    case 'value':
    case 'id':
      return STILL
    case 'call':
    case 'list':
    case 'map':
    case '[]':
    case '[?]':
    case '.?':
    case '==':
    case '!=':
    case 'in':
    case '*':
    case '/':
    case '%':
      return anyMovement(node, variable)
  }
}

/** `has(subject.claims.x)`: it turns false when a caller brings fewer claims. */
export function claimTests(ast: ASTNode): readonly ASTNode[] {
  return [...walk(ast)].flatMap(({ node }) => {
    const tested = node.op === 'call' && node.args[0] === 'has' ? node.args[1][0] : undefined
    return tested && namePath(tested)?.[0] === 'subject' ? [node] : []
  })
}

/** `xs.all(…)` on a list out of the body or the token, where the expression does not ask for its size. */
export function allOfInputs(
  ast: ASTNode,
): readonly { readonly node: ASTNode; readonly list: string }[] {
  return [...walk(ast)].flatMap(({ node }) => {
    if (node.op !== 'rcall' || node.args[0] !== 'all') return []
    const list = namePath(node.args[1])?.join('.') ?? ''
    const isInput = /^(request\.body|subject)\./.test(list)
    return isInput && !ast.input.includes(`size(${list})`) && !ast.input.includes(`${list}.size()`)
      ? [{ node, list }]
      : []
  })
}

const RISING = new Set(['session.auth_age', 'session.age', 'session.revoked', 'subject.disabled'])

function fieldMovement(node: ASTNode, variable: VariableMovement): Movement {
  const [root, field] = namePath(node) ?? []
  const name = `${root}.${field}`
  if (RISING.has(name)) return { rises: node, falls: null }
  if (name === 'session.auth_time') return { rises: null, falls: node }
  const behind = root === 'variables' && field !== undefined ? variable(field) : null
  return behind ? at(node, behind) : STILL
}

function thresholdMovement(node: Extract<ASTNode, { op: 'rcall' }>): Movement | null {
  const of = node.args[0] === 'at_least' ? namePath(node.args[1])?.join('.') : undefined
  if (of === 'risk') return { rises: node, falls: null }
  return of === 'session' ? { rises: null, falls: node } : null
}

/** Where nothing is known of the direction, whatever moves inside may move it either way. */
function anyMovement(node: ASTNode, variable: VariableMovement): Movement {
  const moving = [...walk(node)].slice(1).find(({ node: inner }) => moves(inner, variable))
  return moving ? { rises: moving.node, falls: moving.node } : STILL
}

function moves(node: ASTNode, variable: VariableMovement): boolean {
  const { rises, falls } =
    node.op === 'rcall'
      ? (thresholdMovement(node) ?? STILL)
      : node.op === '.'
        ? fieldMovement(node, variable)
        : STILL
  return rises !== null || falls !== null
}

function pair<T>([left, right]: readonly [T, T], move: (one: T) => Movement): [Movement, Movement] {
  return [move(left), move(right)]
}

/** `a > b` follows `a` and goes against `b`. */
function against([left, right]: readonly [Movement, Movement]): Movement {
  return together(left, turned(right))
}

/** A choice follows its branches; what it depends on can turn it either way. */
function choice([condition = STILL, ...branches]: readonly Movement[]): Movement {
  return branches.reduce(together, bothWays(condition))
}

function turned({ rises, falls }: Movement): Movement {
  return { rises: falls, falls: rises }
}

function bothWays({ rises, falls }: Movement): Movement {
  return { rises: rises ?? falls, falls: falls ?? rises }
}

function together(a: Movement, b: Movement): Movement {
  return { rises: a.rises ?? b.rises, falls: a.falls ?? b.falls }
}

/** The same movement, shown at the place where the variable is used. */
function at(node: ASTNode, { rises, falls }: Movement): Movement {
  return { rises: rises && node, falls: falls && node }
}
