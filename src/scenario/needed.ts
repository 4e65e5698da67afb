import type { Decision } from '../domain/decision.ts'
import { type Identity, TOKEN_PROBLEMS } from '../domain/identity.ts'
import type { Explanation, RuleExplanation } from './explain.ts'

/** What it would take for the request to pass, in sentences for the author; empty when it passes. */
export function neededToPass(
  { decision, rules }: Pick<Explanation, 'decision' | 'rules'>,
  identity: Identity,
): readonly string[] {
  switch (decision.outcome) {
    case 'allow':
      return []
    case 'step_up':
      return stepUp(decision)
    case 'unauthenticated':
      return unauthenticated(decision.problem, rules)
    case 'fault':
      return [
        `nothing the caller can do: ${decision.indeterminate.map(lack).join('; ') || decision.reason}`,
      ]
    case 'deny':
      return denied(decision, rules, identity)
  }
}

function stepUp({ challenge, requirement }: Extract<Decision, { outcome: 'step_up' }>) {
  const { acrValues, maxAge, scope } = challenge
  const level = requirement.level === null ? '' : ` (${requirement.level} or better)`
  const login = acrValues.length > 0 ? [`a login with acr ${acrValues.join(' or ')}${level}`] : []
  const fresh = requirement.singleUse ? 'made for this very request' : `less than ${maxAge} s old`
  const age = maxAge === null ? [] : [`a login ${fresh}`]
  const methods = requirement.amr.map((sets) => `a login with the methods ${anyOf(sets)}`)
  return [...login, ...age, ...methods, ...scope.map((one) => `a token with the scope ${one}`)]
}

function anyOf(sets: readonly (readonly string[])[]): string {
  return sets.map((set) => set.join(' and ')).join(', or ')
}

function unauthenticated(
  problem: keyof typeof TOKEN_PROBLEMS | null,
  rules: readonly RuleExplanation[],
): readonly string[] {
  if (problem !== null) return [`a valid token; this one is refused: ${TOKEN_PROBLEMS[problem]}`]
  const levels = rules.flatMap(({ fits, id, require }) =>
    fits && require?.requirement.level ? [`${require.requirement.level} (${id})`] : [],
  )
  const then = levels.length > 0 ? `; rules that fit ask for ${levels.join(', ')}` : ''
  return [`a login${then}`]
}

function denied(
  { reason, rule }: Extract<Decision, { outcome: 'deny' }>,
  rules: readonly RuleExplanation[],
  identity: Identity,
): readonly string[] {
  switch (reason) {
    case 'no-rule':
      return noRule(rules)
    case 'step-up-impossible':
      return [impossible(identity)]
    case 'step-up-loop':
      return ['a stronger login than those that the client came back with, or some patience']
    case 'ambiguous-path':
    case 'ambiguous-method':
      return ['a request that two parsers cannot read differently']
    default:
      return [`nothing the caller can do while \`${rule}\` applies: a deny wins over everything`]
  }
}

/** The allows that fit and why they do not apply; else those that miss by the fewest keys. */
function noRule(rules: readonly RuleExplanation[]): readonly string[] {
  const allows = rules.filter(({ effect, shadow }) => effect === 'allow' && !shadow)
  const fitting = allows.filter(({ fits }) => fits)
  if (fitting.length > 0) return fitting.map((rule) => `\`${rule.id}\` to apply: ${unmet(rule)}`)
  const fewest = Math.min(...allows.map(({ misfits }) => misfits.length))
  const near = allows.filter(({ misfits }) => misfits.length === fewest && fewest === 1)
  const names = near.map(({ id, misfits }) => `\`${id}\` (${misfits[0]?.key})`)
  if (names.length === 0) return ['an allow rule that fits: none comes close']
  return [`an allow rule that fits; closest: ${names.slice(0, 3).join(', ')}`]
}

function unmet({ conditions }: RuleExplanation): string {
  const open = conditions.filter(({ key, result }) => result !== (key === 'when'))
  return open.map(({ key, text }) => `${key === 'when' ? '' : 'not '}${text}`).join(' and ')
}

function impossible(identity: Identity): string {
  const workload = identity.kind === 'authenticated' && identity.subject.workload
  if (workload) return 'a person: a program cannot step up'
  const issuer = identity.kind === 'authenticated' ? identity.subject.issuer : ''
  return `a level that the issuer \`${issuer}\` has an acr for and that proves what is required`
}

function lack({ rule, missing }: { rule: string; missing: string }): string {
  return `\`${rule}\` wants ${missing}`
}
