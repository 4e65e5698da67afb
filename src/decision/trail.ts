import type { AccessRequest } from '../domain/access-request.ts'
import type { Decision } from '../domain/decision.ts'
import { isPlainAllow } from '../domain/plain-allow.ts'
import type { ConsideredRule, Trail } from '../domain/trail.ts'
import type { CompiledRule, Scope } from '../policy/compiled-policy.ts'
import { isTold } from '../policy/evidence.ts'
import type { Expression } from '../policy/expression/expression.ts'
import { plainValue, valueNamed } from '../policy/expression/named-values.ts'
import type { Roots } from '../policy/expression/roots.ts'
import { fittingTemplate } from '../policy/match/request-matcher.ts'
import { evaluateCandidates, type KnownVerdicts } from './evaluate.ts'
import { reportable } from './evidence.ts'
import type { Candidate } from './select.ts'
import type { Evaluation } from './world.ts'

/** Tells how the decision that was given came about. */
export type TellTrail = (given: Decision) => Trail

/** A request whose rules have been evaluated. */
type Seen = {
  readonly request: AccessRequest
  readonly candidates: readonly Candidate[]
  readonly evaluation: Evaluation
}

/** Rules that a trail tells of; those that took part come first. */
const MOST = 100

/** The trail of an answer that no rule was asked for. */
export const NO_TRAIL: Trail = { pathTemplate: null, params: {}, device: null, considered: null }

/**
 * Creates the function that tells how a decision came about, by the evaluation that made it: the same instant and facts,
 * and the verdicts that are known. Nothing is done before it is called.
 */
export function trailOf(seen: Seen, known: () => KnownVerdicts): TellTrail {
  const { request, candidates, evaluation } = seen
  return (given) => {
    const deciding = candidates.find(({ rule }) => rule.id === given.rule)
    return {
      pathTemplate: deciding ? templateOf(deciding.rule, request) : null,
      params: Object.fromEntries(deciding?.params ?? []),
      device: evaluation.facts().device?.id || null,
      considered: isPlainAllow(given) ? null : considered(given, seen, known()),
    }
  }
}

function templateOf({ match, effect }: CompiledRule, request: AccessRequest): string | null {
  return fittingTemplate(match.paths, request, effect !== 'allow')?.text ?? null
}

function considered(given: Decision, seen: Seen, known: KnownVerdicts): readonly ConsideredRule[] {
  const { candidates, evaluation } = seen
  const parts = new Set(given.rules)
  const first = candidates.filter(({ rule }) => parts.has(rule.id))
  const rest = candidates.filter(({ rule }) => !parts.has(rule.id))
  const reading = openReadings(given, evaluation)
  return [...first, ...rest].slice(0, MOST).map((candidate) => ({
    rule: candidate.rule.id,
    match: true,
    condition: conditionOf(candidate, evaluation, known),
    inputs: inputsOf(candidate, evaluation, reading),
  }))
}

function conditionOf(
  candidate: Candidate,
  evaluation: Evaluation,
  known: KnownVerdicts,
): ConsideredRule['condition'] {
  const evaluated = evaluateCandidates([candidate], evaluation, candidate.rule.shadow, known)
  const verdict = 'failedRule' in evaluated ? undefined : evaluated[0]?.verdict
  return typeof verdict === 'boolean' ? verdict : 'indeterminate'
}

function inputsOf(
  { rule, params }: Candidate,
  evaluation: Evaluation,
  reading: Reading,
): Readonly<Record<string, unknown>> {
  const { scope, when, unless, shadow } = rule
  const inputs: Record<string, unknown> = {}
  const read = (expression: Expression | null | undefined, roots: Roots) => {
    if (!expression) return
    for (const name of expression.names) {
      if (Object.hasOwn(inputs, name)) continue
      inputs[name] = reading(name, rule, roots)
      if (name.startsWith(VARIABLES)) read(scope.variables.get(name.slice(VARIABLES.length)), roots)
    }
  }
  const condition = (roots: Roots) => {
    read(when, roots)
    read(unless, roots)
    return true
  }
  try {
    evaluation.evaluate({ scope, condition }, params, { shadow, certainOnly: false })
  } catch {
    // A failure of ours in one of the names: what was read before it is told.
  }
  return inputs
}

const VARIABLES = 'variables.'

/** What a name came to for the rule whose turn it is. */
type Reading = (name: string, rule: CompiledRule, roots: Roots) => unknown

/**
 * Reads each name once for all rules of a file that see the same risk: only what a path captured differs between them.
 */
function openReadings({ presented, risk }: Decision, evaluation: Evaluation): Reading {
  const level = presented?.level ?? null
  let riskLevel: string | null | undefined = risk?.level
  const read = (name: string, roots: Roots) => {
    if (name === 'session.at_least') return level
    if (name !== 'risk.at_least') return readingOf(name, roots)
    riskLevel ??= evaluation.risk.reading()?.level ?? null
    return riskLevel
  }
  const enforced = new Map<Scope, Map<string, unknown>>()
  const tried = new Map<Scope, Map<string, unknown>>()
  return (name, { scope, shadow }, roots) => {
    if (name.startsWith('request.params')) return read(name, roots)
    const known = shadow ? tried : enforced
    const readings = known.get(scope) ?? new Map<string, unknown>()
    known.set(scope, readings)
    if (!readings.has(name)) readings.set(name, read(name, roots))
    return readings.get(name)
  }
}

/** Null for what was not there; undefined for what is more than one value, such as all headers. */
function readingOf(name: string, roots: Roots): unknown {
  try {
    const value = valueNamed(name, roots) ?? null
    if (isTold(name, value)) return reportable(value)
    const plain = plainValue(value)
    return typeof plain !== 'object' || plain === null || Array.isArray(plain) ? plain : undefined
  } catch {
    return null
  }
}
