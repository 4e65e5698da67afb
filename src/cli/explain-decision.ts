import type { Decision, Unmet } from '../domain/decision.ts'
import { describeOutcome } from '../scenario/compare.ts'
import type { Explained } from './explain.ts'
import { requirementText } from './explain-parts.ts'
import { type Colour, type Paint, printable } from './paint.ts'

/** The answer, what was required and shown, the challenge, and what would be needed to pass. */
export function decisionLines({ decision, challenge, needed }: Explained, paint: Paint): string[] {
  const { risk, shadow } = decision
  const facts: [string, string][] = [
    ...requirementFacts(decision),
    ...(risk
      ? [fact('risk', `${risk.score} (${risk.level ?? 'no level'}): ${risk.signals.join(', ')}`)]
      : []),
    ...(risk?.evidence ?? []).map(({ signal, name, value }) =>
      fact('', `${signal}: ${name} = ${value ?? 'unavailable'}`),
    ),
    ...(shadow
      ? [fact('in shadow', `${shadow.outcome}${shadow.rule ? ` by ${shadow.rule}` : ''}`)]
      : []),
    ...(challenge === null ? [] : [fact('challenge', challenge)]),
    ...needed.map((one) => fact('to pass', one)),
  ]
  const head = paint(COLOURS[decision.outcome], describeOutcome(decision))
  return [head, ...facts.map(([name, text]) => printable(`  ${name.padEnd(10)} ${text}`))]
}

function requirementFacts(decision: Decision): [string, string][] {
  const { presented } = decision
  const age = presented?.authAge === null ? 'of unknown age' : `${presented?.authAge} s old`
  const proven = presented ? [fact('proven', `${presented.level ?? 'no level'}, ${age}`)] : []
  const judged = judgedIn(decision)
  if (judged === null) return []
  const required = fact('required', requirementText(judged.requirement))
  if (judged.shortfalls.length === 0) return [required, ...proven]
  return [required, ...proven, fact('short of', judged.shortfalls.join(', '))]
}

/** The requirement that the login was held against; null where no rule asked for one. */
function judgedIn(decision: Decision): Unmet | null {
  switch (decision.outcome) {
    case 'allow':
      return { requirement: decision.requirement, shortfalls: [] }
    case 'step_up':
      return decision
    case 'deny':
      return decision.unmet ?? null
    case 'unauthenticated':
    case 'fault':
      return null
  }
}

function fact(name: string, text: string): [string, string] {
  return [name, text]
}

const COLOURS: Readonly<Record<Decision['outcome'], Colour>> = {
  allow: 'green',
  step_up: 'yellow',
  deny: 'red',
  unauthenticated: 'yellow',
  fault: 'red',
}
