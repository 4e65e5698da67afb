import type { ASTNode } from '@marcbachmann/cel-js'
import type { ExpressionProblem } from './known-names.ts'
import { children, literalString } from './walk.ts'

/** Types whose fields are read by name only: what a name stands for is decided at load. */
const OBJECTS = new Set([
  'Request',
  'Source',
  'Subject',
  'Session',
  'Risk',
  'Body',
  'Claims',
  'Variables',
])

/**
 * Uses of `request`, `session` and their kin other than reading a field by its name. Through a list, a choice or a
 * computed name a field would be read that nothing sees at load: neither its type, nor its polarity, nor that it is
 * the caller's. The expression must have been type-checked.
 */
export function misusedObjects(node: ASTNode, parent: ASTNode | null = null): ExpressionProblem[] {
  const below = children(node).flatMap((child) => misusedObjects(child, node))
  return isObject(node) && !readsByName(parent, node) ? [misuse(node, parent), ...below] : below
}

function isObject(node: ASTNode): boolean {
  const { checkedType } = node as { checkedType?: { readonly name?: string } }
  return OBJECTS.has(checkedType?.name ?? '')
}

function readsByName(parent: ASTNode | null, object: ASTNode): boolean {
  switch (parent?.op) {
    case '.':
      return true
    case '[]':
      return parent.args[0] === object && literalString(parent.args[1]) !== null
    case 'rcall':
      return parent.args[0] === 'at_least' && parent.args[1] === object
    case 'call':
      return parent.args[0] === 'has'
    default:
      return false
  }
}

function misuse(node: ASTNode, parent: ASTNode | null): ExpressionProblem {
  const isComputed = parent?.op === '[]'
  return {
    code: 'cel-not-accepted',
    message: isComputed ? 'the name of a field is a literal' : 'only fields of this can be used',
    hint: 'name the field, such as `request.method` or `subject.id`',
    start: node.start,
    end: isComputed ? parent.end : node.end,
  }
}
