import type { Ladder } from '../domain/assurance.ts'
import { type AuthorReason, RESERVED_REASONS } from '../domain/decision.ts'
import { compileWhenUnless } from './compile-condition.ts'
import type { PolicyFile } from './compile-definitions.ts'
import { compileBounds, compileRuleMatch, type FileBounds } from './compile-match.ts'
import { checkReplaces } from './compile-replaces.ts'
import { compileRequirement } from './compile-requirement.ts'
import type { NameScope, Scopes } from './compile-scopes.ts'
import type { CompiledRule } from './compiled-policy.ts'
import type { Expression } from './expression/expression.ts'
import { lintRules, type PlacedRule } from './lint-rules.ts'
import { readsThrough } from './reads-through.ts'
import type { Reporter } from './reporter.ts'
import type { RuleDocument } from './text/schema.ts'

/** What rules are compiled against. */
export type RuleContext = {
  readonly ladder: Ladder
  readonly scopes: Scopes
  /** Ids that are taken, of signals and rules alike. */
  readonly ids: Set<string>
  /** False when nobody tells the service of security events. */
  readonly sharedSignals: boolean | undefined
  /** True when the mistakes have been told already. */
  readonly isChecked: boolean
}

type FileContext = RuleContext & { readonly scope: NameScope; readonly bounds: FileBounds | null }

/** What `require` judges: in the condition of an allow it gives a plain no where a challenge would help. */
const LOGIN = ['acr', 'amr', 'auth_time', 'auth_age', 'at_least'].map((name) => `session.${name}`)

/** Compiles the rules of all files, one a step, sorted by id at the end; ids are unique across files. */
export function* compileRules(
  files: readonly PolicyFile[],
  context: RuleContext,
): Generator<void, CompiledRule[]> {
  const placed: (PlacedRule & { readonly isWhole: boolean })[] = []
  for (const file of files) {
    const { document, report } = file
    const scope = context.scopes.of(file)
    const bounds = compileBounds(document.bounds, report.at('bounds'))
    for (const [index, written] of (document.rules ?? []).entries()) {
      const place = report.at('rules', index)
      takeId(written.id, context.ids, place)
      const rule = compileRule(written, { ...context, scope, bounds }, place)
      placed.push({ rule, report: place, isWhole: isWhole(written, rule) })
      yield
    }
  }
  const rules = placed.map(({ rule }) => rule)
  yield* checkReplaces(files, new Set(rules.map((rule) => rule.id)))
  if (!context.isChecked) lintRules(placed.filter((one) => one.isWhole))
  return rules.toSorted((a, b) => (a.id < b.id ? -1 : 1))
}

/** False when a part had a mistake: without it the rule would seem to say something else. */
function isWhole(written: RuleDocument, rule: CompiledRule): boolean {
  const { when, unless, match = {}, require } = written
  const isLeftOut = (paths: readonly string[] | undefined, compiled: readonly unknown[]) =>
    (paths?.length ?? 0) > compiled.length
  return !(
    (when !== undefined && rule.when === null) ||
    (unless !== undefined && rule.unless === null) ||
    isLeftOut(match.paths, rule.match.paths) ||
    isLeftOut(match.not_paths, rule.match.notPaths) ||
    (require?.level !== undefined && rule.require?.rank === 0)
  )
}

/** Ids of rules and signals name what decided: two alike would make that ambiguous. */
export function takeId(id: string, ids: Set<string>, report: Reporter): void {
  if (ids.has(id)) {
    const hint = 'ids are unique among the rules and signals of all files'
    report.at('id').error('duplicate-id', `the id \`${id}\` is taken already`, hint)
  }
  ids.add(id)
}

function compileRule(written: RuleDocument, context: FileContext, report: Reporter): CompiledRule {
  const { scope, bounds, ladder } = context
  const tightens = written.effect !== 'allow'
  const matched = compileRuleMatch(written.match ?? {}, tightens, bounds, report.at('match'))
  const may = tightens ? 'on' : written.require ? 'neither' : 'off'
  const { reads, ...compiled } = compileWhenUnless(
    written,
    { scope, params: matched.params, may },
    report,
  )
  const require = written.require
    ? compileRequirement(written.require, ladder, report.at('require'))
    : null
  const readsRisk = reads.has('risk.at_least')
  checkEffect(written, report)
  checkFreshness(written, [...reads].some(isOfRisk), report)
  checkGrant(written, reads, report)
  checkSignals(compiled.when, reads, context, report)
  return {
    id: written.id,
    description: written.description ?? null,
    shadow: written.mode === 'shadow',
    match: matched.match,
    bounds,
    fits: matched.fits,
    scope,
    ...compiled,
    effect: written.effect,
    require,
    reason: (written.reason as AuthorReason | undefined) ?? null,
    replaces: written.replaces ?? null,
    concernsCaller: require !== null || readsCaller(reads),
    readsRisk,
  }
}

/** True when some of the names belong to the caller. */
export function readsCaller(reads: ReadonlySet<string>): boolean {
  return [...reads].some((name) => /^(subject|session)\b/.test(name))
}

function checkEffect(written: RuleDocument, report: Reporter): void {
  const { effect, reason } = written
  if (effect === 'step_up' && !written.require) {
    const hint = 'add `require`, such as `require: { level: mfa }`'
    const message = 'a step_up rule says what it requires'
    report.at('effect').error('step-up-without-require', message, hint)
  }
  if (effect === 'deny' && written.require) {
    const hint = 'use `effect: step_up`, or remove it'
    report.at('require').keyError('require-on-deny', 'a deny rule refuses whatever the login', hint)
  }
  if (effect !== 'deny' && reason !== undefined) {
    const message = 'only a deny rule gives a `reason`'
    report.at('reason').keyError('reason-without-deny', message, 'remove it')
  }
  if (reason !== undefined && RESERVED_REASONS.includes(reason)) {
    report
      .at('reason')
      .error('reserved-reason', `\`${reason}\` has a meaning of its own`, 'choose another')
  }
}

/** What nobody tells of is unavailable: then these rules and signals refuse or ask for more, all the time. */
export function checkSignals(
  when: Expression | null,
  reads: ReadonlySet<string>,
  { scope, sharedSignals }: Pick<FileContext, 'scope' | 'sharedSignals'>,
  report: Reporter,
): void {
  const name = TOLD_BY_EVENTS.find((one) => reads.has(one))
  if (sharedSignals !== false || name === undefined) return
  const half = when && readsThrough(when.reads, scope).has(name) ? 'when' : 'unless'
  const message = `the service is not told of it: \`${name}\` is unavailable`
  const hint = 'add `shared_signals` to its settings'
  report.at(half).warning('no-shared-signals', message, hint)
}

const TOLD_BY_EVENTS = ['session.revoked', 'subject.disabled']

/** Names that tell of a session in other hands. */
function isOfRisk(name: string): boolean {
  return /^(risk|device|travel)\.|^session\.(fingerprint_changed|revoked)$/.test(name)
}

/** Whoever stole a session has its level already: only a fresh login answers a risk. */
function checkFreshness(written: RuleDocument, isForRisk: boolean, report: Reporter): void {
  const { effect, require } = written
  if (effect !== 'step_up' || !require || !isForRisk) return
  if (require.max_age !== undefined || require.single_use) return
  report
    .at('require')
    .keyError(
      'stale-step-up',
      'a step_up for risk asks for a fresh login',
      'add `max_age` or `single_use`',
    )
}

/** Grants that an author hardly meant: warnings, since they are legal. */
function checkGrant(written: RuleDocument, reads: ReadonlySet<string>, report: Reporter): void {
  if (written.effect !== 'allow') return
  const { match, when, unless, require } = written
  if (!match && !when && !unless && !require) {
    const message = 'this rule allows every request of everybody'
    report.at('id').warning('allows-everything', message, 'give it `match` or `when`')
  }
  if (LOGIN.some((name) => reads.has(name))) {
    const message = 'the login is judged in a condition, so whoever falls short is refused'
    report
      .at(when ? 'when' : 'unless')
      .keyWarning('login-in-allow', message, 'a `require` would give a challenge')
  }
}
