import type { AccessRequest } from '../domain/access-request.ts'
import { provenRank } from '../domain/assurance.ts'
import type { Login, Subject } from '../domain/identity.ts'
import type { CompiledPolicy } from '../policy/compiled-policy.ts'
import { pickFields } from '../policy/expression/inputs.ts'
import { bodyFields } from '../policy/expression/json-body.ts'
import { createRoots, type Roots } from '../policy/expression/roots.ts'
import { Unavailable } from '../policy/expression/unavailable.ts'
import type { World } from '../policy/expression/world.ts'

/** The caller as expressions see it: verified, or nobody. */
export type Caller = { readonly subject: Subject | null; readonly login: Login | null }

/** What conditions are evaluated on, and whether one of our own functions failed on the way. */
export type Evaluation = { readonly roots: Roots; readonly fault: () => unknown }

/** Opens one request to the expressions of a policy; everything is looked up when read, at most once. */
export function openEvaluation(
  policy: CompiledPolicy,
  request: AccessRequest,
  { subject, login }: Caller,
  now: number,
): Evaluation {
  let fault: unknown
  const guard = noting((error) => {
    fault ??= error
  })
  const variables = new Map<string, () => unknown>()
  const world: World = {
    request,
    subject,
    login,
    now,
    networks: guard(policy.networks),
    schedules: guard(policy.schedules),
    atLeast: guard((level: string) => provesLevel(policy, subject, login, level, now)),
    body: guard(() => readBody(policy, request)),
    claims: guard((of: Subject) => readClaims(policy, of)),
    variable: (name) =>
      recall(variables, name, () => policy.variables.get(name)?.evaluate(roots))(),
  }
  const roots = createRoots(world, new policy.environment.Variables(world))
  return { roots, fault: () => fault }
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

/** The value of a variable or the error that it ended in, computed once a request. */
function recall(
  known: Map<string, () => unknown>,
  name: string,
  compute: () => unknown,
): () => unknown {
  const before = known.get(name)
  if (before) return before
  const outcome = settle(compute)
  known.set(name, outcome)
  return outcome
}

function settle(compute: () => unknown): () => unknown {
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

function readBody(policy: CompiledPolicy, request: AccessRequest): object | null {
  const declared = policy.inputs.body
  const sent = bodyFields(request, declared)
  return sent && pickFields(new policy.environment.Body(), declared, (name) => sent.get(name))
}

function readClaims(policy: CompiledPolicy, subject: Subject): object {
  const declared = policy.inputs.claims
  return pickFields(new policy.environment.Claims(), declared, (name) =>
    Object.hasOwn(subject.claims, name) ? subject.claims[name] : undefined,
  )
}
