import type { AccessRequest } from '../domain/access-request.ts'
import { provenRank } from '../domain/assurance.ts'
import type { Login, Subject } from '../domain/identity.ts'
import type { CompiledPolicy, Scope } from '../policy/compiled-policy.ts'
import type { Condition, Verdict } from '../policy/expression/condition.ts'
import { pickFields } from '../policy/expression/inputs.ts'
import { bodyFields } from '../policy/expression/json-body.ts'
import { createRoots, type Roots } from '../policy/expression/roots.ts'
import { Unavailable } from '../policy/expression/unavailable.ts'
import type { World } from '../policy/expression/world.ts'
import type { PathParams } from '../policy/match/path-template.ts'
import { openRisk, type RiskAssessment, type RiskView } from './risk.ts'

/** The caller as expressions see it: verified, or nobody. */
export type Caller = { readonly subject: Subject | null; readonly login: Login | null }

/** A condition and the names that it is written in. */
export type Conditional = { readonly scope: Scope; readonly condition: Condition }

/** One request, opened to the conditions of a policy. */
export type Evaluation = {
  /** The verdict on a condition with these captured parameters. Throws only what is our own fault. */
  readonly evaluate: (conditional: Conditional, params: PathParams, view: RiskView) => Verdict
  readonly risk: RiskAssessment
  /** The roots as the condition evaluated last saw them. */
  readonly roots: Roots
}

/** Risk as the enforced decision sees it. */
export const ENFORCED: RiskView = { shadow: false, certainOnly: false }

const NO_PARAMS: PathParams = new Map()

/** What changes from one condition to the next. */
type Turn = { scope: Scope; params: PathParams; view: RiskView; fault: unknown }

/** Opens one request to the expressions of a policy; everything is looked up when read, at most once. */
export function openEvaluation(
  policy: CompiledPolicy,
  request: AccessRequest,
  { subject, login }: Caller,
  now: number,
): Evaluation {
  const turn: Turn = { scope: policy.common, params: NO_PARAMS, view: ENFORCED, fault: undefined }
  const guard = noting((error) => {
    turn.fault ??= error
  })
  const variablesHere = perTurn(turn, () => new Map<string, () => unknown>())
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
    riskAtLeast: guard((level: string) => risk.atLeast(level, turn.view)),
  }
  const roots = createRoots(world, new policy.common.environment.Variables(world))
  const enter = ({ scope, params, view, fault }: Turn) => {
    const moved = scope !== turn.scope
    turn.scope = scope
    turn.params = params
    turn.view = view
    turn.fault = fault
    roots.request.params = params
    if (moved) roots.variables = new scope.environment.Variables(world)
  }
  const evaluate: Evaluation['evaluate'] = ({ scope, condition }, params, view) => {
    const { scope: wasIn, params: had, view: saw, fault: noted } = turn
    enter({ scope, params, view, fault: undefined })
    const verdict = condition(roots)
    const { fault } = turn
    if (fault !== undefined) throw fault
    enter({ scope: wasIn, params: had, view: saw, fault: noted })
    return verdict
  }
  const risk = openRisk(policy.risk, request, (signal) => evaluate(signal, NO_PARAMS, turn.view))
  return { evaluate, risk, roots }
}

/**
 * Wraps functions of ours so that an exception in one is noted before CEL sees it: under `||` CEL would swallow it,
 * and a failure of ours must never pass for an answer.
 */
function noting(note: (error: unknown) => void) {
  return <A extends readonly unknown[], R>(compute: (...args: A) => R) =>
    (...args: A): R => {
      try {
        return compute(...args)
      } catch (error) {
        if (!(error instanceof Unavailable)) note(error)
        throw error
      }
    }
}

/**
 * What is remembered for the turn at hand: apart for each file's names, and for each view of the risk, on which the
 * value of a variable can depend.
 */
function perTurn<T>(turn: Turn, make: () => T): () => T {
  const views: (Map<Scope, T> | undefined)[] = []
  return () => {
    const at = (turn.view.shadow ? 1 : 0) + (turn.view.certainOnly ? 2 : 0)
    const scopes = views[at] ?? new Map<Scope, T>()
    views[at] = scopes
    const known = scopes.get(turn.scope) ?? make()
    scopes.set(turn.scope, known)
    return known
  }
}

/** Remembers the answer for the scope asked for last: rules of one file mostly follow each other. */
function lastScope<A, R>(
  turn: Turn,
  compute: (scope: Scope, argument: A) => R,
): (argument: A) => R {
  let last: { readonly scope: Scope; readonly argument: A; readonly answer: R } | null = null
  return (argument) => {
    const { scope } = turn
    if (last?.scope === scope && last.argument === argument) return last.answer
    last = { scope, argument, answer: compute(scope, argument) }
    return last.answer
  }
}

/** The value of a name, or the error that it ended in, computed once. */
function recall(known: Map<string, () => unknown>, name: string, compute: () => unknown): unknown {
  const before = known.get(name)
  if (before) return before()
  const outcome = settle(compute)
  known.set(name, outcome)
  return outcome()
}

function settle<R>(compute: () => R): () => R {
  try {
    const value = compute()
    return () => value
  } catch (error) {
    return () => {
      throw error
    }
  }
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
