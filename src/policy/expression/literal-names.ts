import type { ASTNode } from '@marcbachmann/cel-js'
import { nearest } from '../../domain/nearest.ts'
import { type ExpressionProblem, type KnownNames, problem } from './known-names.ts'
import { isCounterCall, literalString, namePath } from './walk.ts'

/** Kinds of names that stand as literals in expressions. */
type Kind = { readonly code: string; readonly what: string }
const LEVEL: Kind = { code: 'unknown-level', what: 'level' }
const RISK_LEVEL: Kind = { code: 'unknown-risk-level', what: 'risk level' }
const COUNTER: Kind = { code: 'unknown-counter', what: 'counter' }
const NETWORK: Kind = { code: 'unknown-network', what: 'network' }
const SCHEDULE: Kind = { code: 'unknown-schedule', what: 'schedule' }

/** Names of levels, counters, networks and schedules that are not declared. */
export function unknownLiteral(node: ASTNode, known: KnownNames): ExpressionProblem[] {
  if (node.op === 'rcall' && node.args[0] === 'at_least') {
    const ofRisk = namePath(node.args[1])?.join('.') === 'risk'
    const [what, names] = ofRisk ? [RISK_LEVEL, known.riskLevels] : [LEVEL, known.levels]
    return literalAmong(what, node.args[2][0], names)
  }
  if (node.op === 'call' && isCounterCall(node.args[0])) {
    const name = node.args[1][0]
    return [...literalAmong(COUNTER, name, known.counters), ...wrongKind(node.args[0], name, known)]
  }
  if (node.op !== 'in') return []
  const list = namePath(node.args[1])?.join('.')
  if (list === 'source.networks') return notAmong(NETWORK, node.args[0], known.networks)
  if (list === 'request.schedules') return notAmong(SCHEDULE, node.args[0], known.schedules)
  return []
}

/** `rate` counts requests, and `total` sums what a counter adds. */
function wrongKind(
  call: string,
  node: ASTNode | undefined,
  { counters, sums }: KnownNames,
): ExpressionProblem[] {
  const name = literalString(node)
  if (node === undefined || name === null || !counters.includes(name)) return []
  const [wanted, does] = sums.includes(name) ? ['total', 'sums'] : ['rate', 'counts']
  if (call === wanted) return []
  const message = `the counter \`${name}\` ${does}, which \`${call}\` does not read`
  return [problem('wrong-counter', node, message, `write \`${wanted}("${name}")\``)]
}

/** A name that is computed could not be checked, and what is not checked could fail while deciding. */
function literalAmong(
  kind: Kind,
  node: ASTNode | undefined,
  names: readonly string[],
): ExpressionProblem[] {
  if (node === undefined || literalString(node) !== null) return notAmong(kind, node, names)
  const message = `the name of a ${kind.what} is a literal`
  return [
    problem(
      'cel-not-accepted',
      node,
      message,
      names.length > 0
        ? `write it in quotes: ${names.slice(0, 20).join(', ')}`
        : 'none is declared',
    ),
  ]
}

function notAmong(
  { code, what }: Kind,
  node: ASTNode | undefined,
  names: readonly string[],
): ExpressionProblem[] {
  const name = literalString(node)
  if (node === undefined || name === null || names.includes(name)) return []
  const close = nearest(name, names)
  const hint = close
    ? `did you mean \`${close}\`?`
    : `declared: ${names.slice(0, 20).join(', ') || 'none'}`
  return [problem(code, node, `unknown ${what} \`${name}\``, hint)]
}
