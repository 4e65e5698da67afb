import type { ASTNode } from '@marcbachmann/cel-js'
import type { FactGroup } from '../domain/facts.ts'
import { nearest } from '../domain/nearest.ts'
import type { NameScope } from './compile-scopes.ts'
import { type Condition, compileCondition } from './expression/condition.ts'
import { compileExpression, type Expression } from './expression/expression.ts'
import { allOfInputs, claimTests, movement } from './expression/polarity.ts'
import { isOfParams, PARAMS, placeOf } from './expression/walk.ts'
import { countersRead, factGroups } from './fact-groups.ts'
import { readsThrough } from './reads-through.ts'
import type { Reporter } from './reporter.ts'

/** `when` and `unless` of a rule or signal, compiled. */
export type CompiledCondition = {
  readonly condition: Condition
  readonly when: Expression | null
  readonly unless: Expression | null
  /** Every name that it reads, through variables too. */
  readonly reads: ReadonlySet<string>
  readonly facts: readonly FactGroup[]
  readonly counters: readonly string[]
}

/** What a condition is compiled for. */
export type ConditionContext = {
  readonly scope: NameScope
  /** Names captured by the paths of the rule; null where there is no rule and so none may be read. */
  readonly params: readonly string[] | null
  readonly may: MayTurn
}

/**
 * How more risk, or an older, weaker or revoked login, may turn a condition: a tightening rule or a signal only on, an allow only
 * off, and an allow that carries a `require` not at all, since its requirement goes with it.
 */
export type MayTurn = 'on' | 'off' | 'neither'

/** Compiles a condition; mistakes, and conditions that would loosen where they must tighten, are reported. */
export function compileWhenUnless(
  written: { readonly when?: string | undefined; readonly unless?: string | undefined },
  context: ConditionContext,
  report: Reporter,
): CompiledCondition {
  const half = (text: string | undefined, positive: boolean, place: Reporter) =>
    text === undefined ? null : compileHalf(text, positive, context, place)
  const when = half(written.when, true, report.at('when'))
  const unless = half(written.unless, false, report.at('unless'))
  const reads = readsThrough([...(when?.reads ?? []), ...(unless?.reads ?? [])], context.scope)
  const condition = compileCondition(when, unless)
  const [facts, counters] = [factGroups(reads), countersRead(reads)]
  return { condition, when, unless, reads, facts, counters }
}

function compileHalf(
  text: string,
  positive: boolean,
  { scope, params, may }: ConditionContext,
  report: Reporter,
): Expression | null {
  const compiled = compileExpression(scope.environment.cel, text, scope.known, 'bool')
  if (Array.isArray(compiled)) {
    report.expression(compiled)
    return null
  }
  for (const name of compiled.reads) checkParam(compiled, name, params, report)
  const turns = positive ? may : opposite(may)
  checkPolarity(compiled, turns, scope, report)
  if (turns === 'on') warnOfClaimTests(compiled, report)
  else warnOfEmptyLists(compiled, report)
  return compiled
}

function checkParam(
  { ast }: Expression,
  read: string,
  params: readonly string[] | null,
  report: Reporter,
): void {
  if (!isOfParams(read)) return
  const name = read.slice(`${PARAMS}.`.length)
  if (params === null) {
    const message = '`request.params` belong to one rule and cannot be read in a signal'
    const hint = 'read `request.path`, or write a rule'
    report.expression([{ ...placeOf(ast, read), code: 'params-in-signal', message, hint }])
  } else if (name !== '' && !params.includes(name)) {
    const close = nearest(name, params)
    const hint = close
      ? `did you mean \`${close}\`?`
      : `captured: ${params.slice(0, 20).join(', ') || 'none'}`
    const message = `no path of this rule captures \`${name}\``
    report.expression([{ ...placeOf(ast, read), code: 'unknown-param', message, hint }])
  }
}

/** `unless` is read the other way round. */
function opposite(may: MayTurn): MayTurn {
  switch (may) {
    case 'on':
      return 'off'
    case 'off':
      return 'on'
    case 'neither':
      return 'neither'
  }
}

/** What is said of a condition that may only turn so, and does otherwise. */
const WRONG: Readonly<Record<MayTurn, { readonly message: string; readonly hint: string }>> = {
  on: {
    message:
      'more risk, or an older, weaker or revoked login, would turn this off where it must tighten',
    hint: 'negate it, or say it with `unless`',
  },
  off: {
    message: 'more risk, or an older, weaker or revoked login, would turn this on where it grants',
    hint: 'say it in a step_up or deny rule',
  },
  neither: {
    message:
      'more risk, or an older, weaker or revoked login, would take away what this allow requires',
    hint: 'say it in a step_up or deny rule of its own',
  },
}

function checkPolarity(
  compiled: Expression,
  may: MayTurn,
  scope: NameScope,
  report: Reporter,
): void {
  const { rises, falls } = movement(compiled.ast, (name) => scope.variables.get(name)?.ast ?? null)
  const wrong = (may === 'on' ? null : rises) ?? (may === 'off' ? null : falls)
  if (wrong === null) return
  const { message, hint } = WRONG[may]
  report.expression([problemAt(wrong, 'wrong-polarity', message, hint)])
}

function warnOfClaimTests(compiled: Expression, report: Reporter): void {
  for (const node of claimTests(compiled.ast)) {
    report.expressionWarning([
      problemAt(
        node,
        'claim-test',
        'a caller without this claim is not touched by this',
        'without `has` an absent claim falls to the stricter side',
      ),
    ])
  }
}

/** `all` is true of an empty list, which is what a caller sends who wants to be let in. */
function warnOfEmptyLists(compiled: Expression, report: Reporter): void {
  for (const { node, list } of allOfInputs(compiled.ast)) {
    const hint = `add \`size(${list}) > 0 &&\` in front`
    report.expressionWarning([
      problemAt(node, 'all-of-nothing', `\`all\` is true when \`${list}\` is empty`, hint),
    ])
  }
}

function problemAt(node: ASTNode, code: string, message: string, hint: string) {
  return { code, message, hint, start: node.start, end: node.end }
}
