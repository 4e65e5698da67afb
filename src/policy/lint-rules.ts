import type { CompiledRule } from './compiled-policy.ts'
import { covers, shareAPath } from './match/cover.ts'
import type { Reporter } from './reporter.ts'

/** A rule and where it stands. */
export type PlacedRule = { readonly rule: CompiledRule; readonly report: Reporter }

/** Methods that change nothing (RFC 9110 §9.2.1): an allow may cover them without a step_up. */
const SAFE = ['GET', 'HEAD', 'OPTIONS', 'TRACE']

/** Groups larger than this are not compared pair by pair: loading stays linear. */
const MAX_GROUP = 50

/** Warns of rules that are legal and hardly meant: never applying, pointless, or at odds with their neighbours. */
export function lintRules(placed: readonly PlacedRule[]): void {
  for (const one of placed) lintAlone(one)
  const barriers = placed.filter(({ rule }) => isBarrier(rule)).slice(0, MAX_GROUP)
  for (const one of placed) lintAgainstBarriers(one, barriers)
  for (const [one, other] of neighbours(placed)) {
    lintAllows(one, other)
    lintStepUp(one, other)
    lintStepUp(other, one)
  }
}

function lintAlone({ rule, report }: PlacedRule): void {
  const { when, unless, match } = rule
  const never = (place: Reporter, why: string) =>
    place.warning('never-applies', `this rule never applies: ${why}`, 'mend it, or remove the rule')
  if (when?.text.trim() === 'false') never(report.at('when'), 'its condition is false')
  if (unless?.text.trim() === 'true') never(report.at('unless'), 'its exception is always true')
  if (isExcluded(match.methods, match.notMethods))
    never(report.at('match'), 'it excludes its own methods')
  if (isExcluded(match.hosts, match.notHosts))
    never(report.at('match'), 'it excludes its own hosts')
  const [paths, notPaths] = [match.paths, match.notPaths].map((list) =>
    list.map(({ text }) => text),
  )
  if (isExcluded(paths ?? [], notPaths ?? []))
    never(report.at('match'), 'it excludes its own paths')
}

function isExcluded(own: readonly string[], excluded: readonly string[]): boolean {
  return own.length > 0 && own.every((one) => excluded.includes(one))
}

/** An enforced deny without a condition: nothing that fits it ever gets further. */
function isBarrier({ effect, when, unless, shadow }: CompiledRule): boolean {
  return effect === 'deny' && when === null && unless === null && !shadow
}

function lintAgainstBarriers({ rule, report }: PlacedRule, barriers: readonly PlacedRule[]): void {
  const by = barriers.find((other) => hides(other.rule, rule, barriers))
  if (by) {
    report
      .at('id')
      .warning(
        'pointless-rule',
        `\`${by.rule.id}\` denies every request that this rule is about`,
        'remove this rule, or give the other a `when`',
      )
  }
}

/** Of two that deny the same, the one that is written first is the point of it. */
function hides(wall: CompiledRule, rule: CompiledRule, barriers: readonly PlacedRule[]): boolean {
  if (wall === rule || !covers(wall.match, rule.match)) return false
  const place = (one: CompiledRule) => barriers.findIndex((barrier) => barrier.rule === one)
  const isTwin = isBarrier(rule) && covers(rule.match, wall.match)
  return !isTwin || place(rule) < 0 || place(wall) < place(rule)
}

/** Pairs of rules with a path in common, each pair once. */
function* neighbours(placed: readonly PlacedRule[]): Generator<readonly [PlacedRule, PlacedRule]> {
  const seen = new Set<string>()
  for (const [one, other] of byPath(placed).flatMap(pairsOf)) {
    const key = `${one.rule.id} ${other.rule.id}`
    if (seen.has(key)) continue
    seen.add(key)
    if (shareAPath(one.rule.match, other.rule.match)) yield [one, other]
  }
}

function pairsOf(group: readonly PlacedRule[]): (readonly [PlacedRule, PlacedRule])[] {
  return group.flatMap((one, at) => group.slice(at + 1).map((other) => [one, other] as const))
}

/** Requirements add up: an author may take two allows for alternatives. */
function lintAllows(one: PlacedRule, other: PlacedRule): void {
  if (one.rule.effect !== 'allow' || other.rule.effect !== 'allow') return
  if (JSON.stringify(one.rule.require) === JSON.stringify(other.rule.require)) return
  other.report
    .at('id')
    .warning(
      'overlapping-allows',
      `\`${one.rule.id}\` allows some of the same requests with another \`require\``,
      'where both apply their requirements add up; alternatives are written with `when`',
    )
}

/** A step_up on PUT beside an allow on PUT and POST leaves POST without it. */
function lintStepUp({ rule: allow, report }: PlacedRule, { rule: stepUp }: PlacedRule): void {
  if (allow.effect !== 'allow' || stepUp.effect !== 'step_up' || stepUp.match.methods.length === 0)
    return
  const open = unguarded(allow, stepUp)
  if (open === null) return
  report
    .at('id')
    .warning(
      'allow-wider-than-step-up',
      `\`${stepUp.id}\` asks for a step-up on the same paths, but not for ${open}`,
      'give the step_up these methods too, or the allow fewer',
    )
}

function unguarded(allow: CompiledRule, stepUp: CompiledRule): string | null {
  if (allow.match.methods.length === 0) return 'other methods'
  const open = allow.match.methods.filter(
    (one) => !stepUp.match.methods.includes(one) && !SAFE.includes(one),
  )
  return open.length > 0 ? open.join(', ') : null
}

/** Enforced rules that name the same template, group by group. */
function byPath(placed: readonly PlacedRule[]): readonly (readonly PlacedRule[])[] {
  const groups = new Map<string, PlacedRule[]>()
  for (const one of placed) {
    if (one.rule.shadow) continue
    for (const text of new Set(one.rule.match.paths.map((path) => path.text))) {
      const group = groups.get(text) ?? []
      groups.set(text, group)
      group.push(one)
    }
  }
  return [...groups.values()].filter((group) => group.length > 1 && group.length <= MAX_GROUP)
}
