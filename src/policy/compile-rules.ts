import type { Ladder } from '../domain/assurance.ts'
import { type AuthorReason, RESERVED_REASONS } from '../domain/decision.ts'
import { parseDuration } from '../domain/duration.ts'
import { nearest } from '../domain/nearest.ts'
import type { PolicyFile } from './compile-definitions.ts'
import { compileRuleMatch } from './compile-match.ts'
import type { CompiledVariables } from './compile-variables.ts'
import type { CompiledRule, RuleRequirement } from './compiled-policy.ts'
import { compileCondition } from './expression/condition.ts'
import { compileExpression, type Expression } from './expression/expression.ts'
import type { KnownNames } from './expression/profile.ts'
import type { Reporter } from './reporter.ts'
import type { RequirementDocument, RuleDocument } from './text/schema.ts'

/** What `require` judges: in the condition of an allow it gives a plain no where a challenge would help. */
const LOGIN = ['acr', 'amr', 'auth_time', 'auth_age', 'at_least'].map((name) => `session.${name}`)

/** What rules are compiled against. */
export type RuleContext = {
  readonly ladder: Ladder
  readonly known: KnownNames
  readonly variables: CompiledVariables
}

/** Compiles the rules of all files, sorted by id; ids are unique across files. */
export function compileRules(files: readonly PolicyFile[], context: RuleContext): CompiledRule[] {
  const seen = new Set<string>()
  const rules = files.flatMap(({ document, report }) =>
    (document.rules ?? []).map((written, index) => {
      const place = report.at('rules', index)
      if (seen.has(written.id))
        place.at('id').error('duplicate-id', `the id \`${written.id}\` is taken already`)
      seen.add(written.id)
      return compileRule(written, context, place)
    }),
  )
  return rules.toSorted((a, b) => (a.id < b.id ? -1 : 1))
}

function compileRule(written: RuleDocument, context: RuleContext, report: Reporter): CompiledRule {
  const match = compileRuleMatch(
    written.match ?? {},
    written.effect !== 'allow',
    report.at('match'),
  )
  const when = expression(written.when, context, match.params, report.at('when'))
  const unless = expression(written.unless, context, match.params, report.at('unless'))
  const require = written.require
    ? requirement(written.require, context.ladder, report.at('require'))
    : null
  checkEffect(written, report)
  checkGrant(written, [when, unless], report)
  return {
    id: written.id,
    description: written.description ?? null,
    effect: written.effect,
    fits: match.fits,
    condition: compileCondition(when, unless),
    require,
    reason: (written.reason as AuthorReason | undefined) ?? null,
    concernsCaller: require !== null || [when, unless].some((one) => readsCaller(one, context)),
  }
}

function expression(
  text: string | undefined,
  { known, variables }: RuleContext,
  params: readonly string[],
  report: Reporter,
): Expression | null {
  if (text === undefined) return null
  const compiled = compileExpression(variables.environment.cel, text, known, 'bool')
  if (Array.isArray(compiled)) {
    report.expression(compiled)
    return null
  }
  for (const name of compiled.reads) checkParam(name, params, report)
  return compiled
}

function checkParam(read: string, params: readonly string[], report: Reporter): void {
  const [, name] = /^request\.params\.(.+)$/.exec(read) ?? []
  if (name === undefined || params.includes(name)) return
  const hint = nearest(name, params) ?? `captured: ${params.join(', ') || 'none'}`
  report.error('unknown-param', `no path of this rule captures \`${name}\``, hint)
}

function readsCaller(one: Expression | null, { variables }: RuleContext): boolean {
  return [...(one?.reads ?? [])].some((name) => {
    const [root, field] = name.split('.')
    if (root === 'subject' || root === 'session') return true
    return (
      root === 'variables' &&
      readsCaller(variables.variables.get(field ?? '') ?? null, { variables } as RuleContext)
    )
  })
}

function requirement(
  written: RequirementDocument,
  ladder: Ladder,
  report: Reporter,
): RuleRequirement {
  if (Object.keys(written).length === 0) report.error('empty-require', '`require` asks for nothing')
  return {
    rank: written.level === undefined ? 0 : rankOf(written.level, ladder, report.at('level')),
    maxAge: written.max_age === undefined ? null : parseDuration(written.max_age),
    amr: written.amr ?? [],
    scope: scopes(written.scope ?? [], report.at('scope')),
  }
}

function rankOf(name: string, ladder: Ladder, report: Reporter): number {
  const level = ladder.find((candidate) => candidate.name === name)
  if (level) return level.rank
  const names = ladder.map((candidate) => candidate.name)
  const hint =
    nearest(name, names) ?? `levels: ${names.join(', ') || 'none, write `assurance` first'}`
  report.error('unknown-level', `unknown level \`${name}\``, hint)
  return 0
}

/** RFC 6750 §3: what may stand in `scope` of a challenge. */
function scopes(written: readonly string[], report: Reporter): readonly string[] {
  for (const [index, scope] of written.entries()) {
    if (!/^[\x21\x23-\x5b\x5d-\x7e]+$/.test(scope)) {
      report.at(index).error('bad-scope', 'a scope has no blanks, quotes, backslashes or non-ASCII')
    }
  }
  return written
}

function checkEffect(written: RuleDocument, report: Reporter): void {
  const { effect } = written
  if (effect === 'step_up' && !written.require) {
    report.error('step-up-without-require', 'a step_up rule says what it requires', 'add `require`')
  }
  if (effect === 'deny' && written.require) {
    report
      .at('require')
      .keyError(
        'require-on-deny',
        'a deny rule refuses whatever the login',
        'use `effect: step_up`, or remove it',
      )
  }
  if (effect !== 'deny' && written.reason !== undefined) {
    report.at('reason').keyError('reason-without-deny', 'only a deny rule gives a `reason`')
  }
  if (written.reason !== undefined && RESERVED_REASONS.includes(written.reason)) {
    report
      .at('reason')
      .error(
        'reserved-reason',
        `\`${written.reason}\` has a meaning of its own`,
        'choose another word',
      )
  }
}

/** Grants that an author hardly meant: warnings, since they are legal. */
function checkGrant(
  written: RuleDocument,
  conditions: readonly (Expression | null)[],
  report: Reporter,
): void {
  if (written.effect !== 'allow') return
  const bare = !written.match && conditions.every((one) => one === null) && !written.require
  if (bare)
    report.warning(
      'allows-everything',
      'this rule allows every request of everybody',
      'give it `match` or `when`',
    )
  const judgesLogin = conditions.some((one) => LOGIN.some((name) => one?.reads.has(name)))
  if (judgesLogin) {
    report.warning(
      'login-in-allow',
      'the login is judged in a condition, so whoever falls short is refused',
      'a `require` would give a challenge',
    )
  }
}
