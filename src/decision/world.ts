import type { AccessRequest } from '../domain/access-request.ts'
import { provenRank } from '../domain/assurance.ts'
import type { Evidence } from '../domain/decision.ts'
import { type Facts, NO_FACTS } from '../domain/facts.ts'
import type { Login, Subject } from '../domain/identity.ts'
import type { CompiledPolicy, CompiledSignal, Scope } from '../policy/compiled-policy.ts'
import type { Condition, Verdict } from '../policy/expression/condition.ts'
import { pickFields } from '../policy/expression/inputs.ts'
import { bodyFields } from '../policy/expression/json-body.ts'
import { createRoots, type Roots } from '../policy/expression/roots.ts'
import { Unavailable } from '../policy/expression/unavailable.ts'
import type { World } from '../policy/expression/world.ts'
import type { PathParams } from '../policy/match/path-template.ts'
import { evidenceFor } from './evidence.ts'
import { openRisk, type RiskAssessment, type RiskView } from './risk.ts'
import { lastScope, noting, perTurn, recall, type Turn } from './turn.ts'

/** The caller as expressions see it: verified, or nobody. */
export type Caller = { readonly subject: Subject | null; readonly login: Login | null }

/** A condition and the names that it is written in. */
export type Conditional = { readonly scope: Scope; readonly condition: Condition }

/** One request, opened to the conditions of a policy. */
export type Evaluation = {
  /** The verdict on a condition with these captured parameters. Throws only what is our own fault. */
  readonly evaluate: (conditional: Conditional, params: PathParams, view: RiskView) => Verdict
  /** Tells what was looked up; before that nothing that has to be looked up is available. */
  readonly know: (facts: Facts) => void
  readonly facts: () => Facts
  readonly risk: RiskAssessment
  /** The roots as the condition evaluated last saw them. */
  readonly roots: Roots
}

/** Risk as the enforced decision sees it. */
export const ENFORCED: RiskView = { shadow: false, certainOnly: false }

const NO_RISK = new Unavailable('risk')

/** Where no paths have captured anything. */
export const NO_PARAMS: PathParams = new Map()

/**
 * Opens one request to the expressions of a policy; everything is looked up when read, at most once. With `any`, it is
 * opened as any request that the same caller could make from there: what depends on what is asked for, or on what was
 * asked before (risk, counters), is unavailable.
 */
export function openEvaluation(
  policy: CompiledPolicy,
  request: AccessRequest,
  { subject, login }: Caller,
  now: number,
  which: 'this' | 'any' = 'this',
): Evaluation {
  const turn: Turn = { scope: policy.common, params: NO_PARAMS, view: ENFORCED, fault: undefined }
  const guard = noting(turn)
  const variablesHere = perTurn(turn, () => new Map<string, () => unknown>())
  let facts = NO_FACTS
  const world: World = {
    request,
    subject,
    login,
    now,
    networks: guard(lastScope(turn, ({ networks }, ip: string) => networks(ip))),
    schedules: guard((at: number) => turn.scope.schedules(at)),
    atLeast: guard((level: string) => provesLevel(policy, subject, login, level, now)),
    body: guard(() => readBody(policy, request)),
    claims: guard((of: Subject) => readClaims(policy, of)),
    variable: (name) =>
      recall(variablesHere(), name, () => turn.scope.variables.get(name)?.evaluate(roots)),
    facts: () => facts,
    counter: (name) => valueOfCounter(which === 'any' ? NO_FACTS : facts, turn.scope, name),
    riskAtLeast:
      which === 'any' ? noRisk : guard((level: string) => risk.atLeast(level, turn.view)),
  }
  const roots = createRoots(world, new policy.common.environment.Variables(world), which)
  const evaluate = evaluator(turn, roots, world)
  const risk = riskOf(policy, request, (one) => evaluate(one, NO_PARAMS, turn.view))
  const know = (found: Facts) => {
    facts = found
  }
  return {
    evaluate,
    know,
    facts: () => facts,
    risk,
    roots,
  }
}

/** Makes the function that takes its turn at each condition, and leaves everything as it was. */
function evaluator(turn: Turn, roots: Roots, world: World): Evaluation['evaluate'] {
  const enter = ({ scope, params, view, fault }: Turn) => {
    const moved = scope !== turn.scope
    turn.scope = scope
    turn.params = params
    turn.view = view
    turn.fault = fault
    roots.request.params = params
    if (moved) roots.variables = new scope.environment.Variables(world)
  }
  return ({ scope, condition }, params, view) => {
    const { scope: wasIn, params: had, view: saw, fault: noted } = turn
    enter({ scope, params, view, fault: undefined })
    const verdict = condition(roots)
    const { fault } = turn
    if (fault !== undefined) throw fault
    enter({ scope: wasIn, params: had, view: saw, fault: noted })
    return verdict
  }
}

function noRisk(): never {
  throw NO_RISK
}

/** `look` evaluates in the view of the turn at hand. */
function riskOf(
  policy: CompiledPolicy,
  request: AccessRequest,
  look: (conditional: Conditional) => Verdict,
): RiskAssessment {
  const evidence = ({ scope, ...signal }: CompiledSignal) => {
    let seen: readonly Evidence[] = []
    const condition = (roots: Roots) => {
      seen = evidenceFor(signal, roots)
      return true
    }
    look({ scope, condition })
    return seen
  }
  return openRisk(policy.risk, request, look, evidence)
}

function valueOfCounter({ counters }: Facts, scope: Scope, name: string): number {
  const id = scope.counters.get(name)?.id
  if (id === undefined) throw new Error(`the policy has no counter \`${name}\``)
  const value = counters?.get(id)
  if (value === undefined) throw new Unavailable(`counter ${name}`)
  return value
}

function provesLevel(
  policy: CompiledPolicy,
  subject: Subject | null,
  login: Login | null,
  name: string,
  now: number,
): boolean {
  const level = policy.ladder.find((candidate) => candidate.name === name)
  if (!level) throw new Error(`the policy has no level \`${name}\``)
  if (!subject || !login) return false
  return provenRank(policy.ladder, subject.issuer, login, now) >= level.rank
}

function readBody({ inputs, common }: CompiledPolicy, request: AccessRequest): object | null {
  const sent = bodyFields(request, inputs.body)
  return sent && pickFields(new common.environment.Body(), inputs.body, (name) => sent.get(name))
}

function readClaims({ inputs, common }: CompiledPolicy, { claims }: Subject): object {
  return pickFields(new common.environment.Claims(), inputs.claims, (name) =>
    Object.hasOwn(claims, name) ? claims[name] : undefined,
  )
}
