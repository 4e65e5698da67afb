import type { Requirement } from '../domain/requirement.ts'
import type { Verdict } from '../policy/expression/condition.ts'
import type { Misfit } from '../policy/match/explain-match.ts'
import type { ConditionExplanation } from '../scenario/explain.ts'
import type { NameReading } from '../scenario/read-names.ts'
import type { OwnRequirement } from '../scenario/rule-verdicts.ts'
import { printable } from './paint.ts'

/** A condition with its result, and below it the values that it saw. */
export function conditionLines({ key, text, result, reads }: ConditionExplanation): string[] {
  const values = reads.flatMap((reading) => readingLines(reading, '    '))
  return [`  ${key} ${oneLine(text)}: ${verdictText(result)}`, ...values]
}

/** What a rule by itself requires, and whether the login meets it. */
export function requirementLine({ requirement, shortfalls }: OwnRequirement): string {
  const met = shortfalls.length === 0 ? 'met' : `not met: ${wordsOf(shortfalls)}`
  return `  requires ${requirementText(requirement)}: ${met}`
}

/** A requirement in one line. */
export function requirementText({ level, maxAge, amr, scope, singleUse }: Requirement): string {
  const parts = [
    ...(level === null ? [] : [level]),
    ...(maxAge === null ? [] : [`less than ${maxAge} s old`]),
    ...amr.map((sets) => `amr ${sets.map((set) => set.join(' and ')).join(' or ')}`),
    ...scope.map((one) => `scope ${one}`),
    ...(singleUse ? ['a login for this operation only'] : []),
  ]
  return parts.join(', ') || 'nothing'
}

/** One key of a `match` that keeps the request out. */
export function misfitText({ key, wanted, got }: Misfit): string {
  if (key.startsWith('not_')) return printable(`${key} ${wanted.join(', ')} takes out ${got}`)
  return printable(`${key} is ${wanted.join(', ')}, not ${got}`)
}

function wordsOf(shortfalls: OwnRequirement['shortfalls']): string {
  return typeof shortfalls === 'string' ? 'nobody is logged in' : shortfalls.join(', ')
}

function verdictText(verdict: Verdict): string {
  return typeof verdict === 'boolean'
    ? String(verdict)
    : `undecided, for want of ${verdict.missing}`
}

function readingLines(reading: NameReading, margin: string): string[] {
  const { name, unavailable, text, reads = [] } = reading
  const shown =
    unavailable === undefined ? ` = ${JSON.stringify(reading.value)}` : `: ${unavailable}`
  const as = text === undefined ? '' : `, as ${oneLine(text)}`
  const inner = reads.flatMap((one) => readingLines(one, `${margin}  `))
  return [printable(`${margin}${name}${shown}${as}`), ...inner]
}

/** An expression over several lines, shown on one. */
function oneLine(text: string): string {
  return printable(text.replace(/\s+/g, ' ').trim())
}
