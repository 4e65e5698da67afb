import type { Explanation, RuleExplanation, SignalExplanation } from '../scenario/explain.ts'
import type { Explained } from './explain.ts'
import { decisionLines } from './explain-decision.ts'
import { conditionLines, misfitText, requirementLine } from './explain-parts.ts'
import { requestLines } from './explain-request.ts'
import { type Colour, type Paint, plural, printable } from './paint.ts'

/** How an explanation is shown. */
export type TextOptions = { readonly all: boolean; readonly paint: Paint }

/** Of rules that do not fit, so many are shown unless all are asked for: those that miss by the fewest keys. */
const NEAREST = 20

/** The explanation for a person: the request, the rules that fit, those that do not, the decision and the way out. */
export function explanationText(explained: Explained, { all, paint }: TextOptions): string {
  const { explanation } = explained
  const rules = explanation ? ruleSections(explanation, all, paint) : []
  const sections = [requestLines(explained), ...rules, decisionLines(explained, paint)]
  return `${sections.map((lines) => lines.join('\n')).join('\n\n')}\n`
}

function ruleSections({ rules, signals }: Explanation, all: boolean, paint: Paint): string[][] {
  const fitting = rules.filter(({ fits }) => fits)
  const active = signals.filter(({ fits }) => fits)
  return [
    ...fitting.map((rule) => ruleLines(rule, paint)),
    ...active.map((signal) => signalLines(signal, paint)),
    notFitting(
      rules.filter(({ fits }) => !fits),
      all,
      paint,
    ),
  ].filter((lines) => lines.length > 0)
}

function ruleLines(rule: RuleExplanation, paint: Paint): string[] {
  const { id, description, effect, conditions, require, undecided } = rule
  const word = rule.applies ? 'applies' : 'does not apply'
  const why = undecided ? ', undecided' : ''
  const painted = rule.applies ? paint(COLOURS[effect], word) : paint('dim', word)
  const kind = [effect, ...modes(rule)].join(', ')
  return [
    `${paint('bold', id)} (${kind}): ${painted}${why}`,
    ...(description === null ? [] : [`  ${printable(description)}`]),
    ...conditions.flatMap(conditionLines),
    ...(require === null || !rule.applies ? [] : [requirementLine(require)]),
  ]
}

function signalLines({ id, counts, score, shadow, conditions }: SignalExplanation, paint: Paint) {
  const word = counts
    ? paint('yellow', `adds ${plural(score, 'point')}`)
    : paint('dim', 'adds nothing')
  const kind = shadow ? 'signal, shadow' : 'signal'
  return [`${paint('bold', id)} (${kind}): ${word}`, ...conditions.flatMap(conditionLines)]
}

/** The rules that a request does not fit, by what keeps it out; of many the nearest. */
export function notFitting(
  rules: readonly RuleExplanation[],
  all: boolean,
  paint: Paint,
): string[] {
  if (rules.length === 0) return []
  const nearest = rules.toSorted((a, b) => a.misfits.length - b.misfits.length)
  const shown = all || rules.length <= 2 * NEAREST ? rules : nearest.slice(0, NEAREST)
  const more = rules.length - shown.length
  return [
    `${plural(rules.length, 'rule')} for other requests:`,
    ...shown.map(
      (rule) => `  ${rule.id} (${rule.effect}): ${rule.misfits.map(misfitText).join('; ')}`,
    ),
    ...(more > 0 ? [paint('dim', `  and ${more} more: --all shows them`)] : []),
  ]
}

function modes({ shadow, replaces }: RuleExplanation): string[] {
  if (!shadow) return []
  return replaces === null ? ['shadow'] : ['shadow', `in place of ${replaces}`]
}

const COLOURS: Readonly<Record<RuleExplanation['effect'], Colour>> = {
  allow: 'green',
  step_up: 'yellow',
  deny: 'red',
}
