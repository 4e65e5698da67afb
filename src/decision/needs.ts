import type { AccessRequest } from '../domain/access-request.ts'
import type { CounterUse, FactGroup, FactNeeds } from '../domain/facts.ts'
import type { CompiledCounter, CompiledPolicy, Scope } from '../policy/compiled-policy.ts'
import { readValue } from '../policy/expression/condition.ts'
import type { Expression } from '../policy/expression/expression.ts'
import type { Roots } from '../policy/expression/roots.ts'
import { isRemembered } from '../policy/fact-groups.ts'
import type { Candidate } from './select.ts'
import { ENFORCED, type Evaluation, NO_PARAMS } from './world.ts'

/** A condition that may be evaluated: what it asks for. */
type Asking = {
  readonly scope: Scope
  readonly facts: readonly FactGroup[]
  readonly counters: readonly string[]
  readonly shadow: boolean
}

/** What has to be looked up, null for nothing, and whether only what is in shadow needs what may have to be waited for. */
export type Needs = { readonly needs: FactNeeds | null; readonly onlyForShadow: boolean }

/**
 * What has to be looked up before the rules that fit, and the signals that fit when one of them reads risk, can be
 * evaluated. Every counter that fits counts the request, whether or not it is read.
 */
export function needsOf(
  policy: CompiledPolicy,
  request: AccessRequest,
  candidates: readonly Candidate[],
  evaluation: Evaluation,
): Needs {
  const asking = conditionsOf(policy, request, candidates).filter(
    ({ facts, counters }) => facts.length > 0 || counters.length > 0,
  )
  const groups = new Set(asking.flatMap(({ facts }) => facts))
  const counters = counterUses(policy, request, evaluation, countersIn(asking))
  if (groups.size === 0 && counters.length === 0) return NO_NEEDS
  const onlyForShadow = asking.every((one) => one.shadow || !mayWait(one))
  return { needs: { groups, counters }, onlyForShadow }
}

/** What is remembered stands in the store; all else is at hand. */
function mayWait({ facts, counters }: Asking): boolean {
  return counters.length > 0 || facts.some(isRemembered)
}

function countersIn(asking: readonly Asking[]): ReadonlySet<string> {
  return new Set(
    asking.flatMap(({ scope, counters }) =>
      counters.flatMap((name) => scope.counters.get(name)?.id ?? []),
    ),
  )
}

const NO_NEEDS: Needs = { needs: null, onlyForShadow: false }

/** The rules, and the signals where one of them reads risk: those in shadow change only the risk that is tried. */
function conditionsOf(
  { risk, hasShadow }: CompiledPolicy,
  request: AccessRequest,
  candidates: readonly Candidate[],
): readonly Asking[] {
  const rules = candidates.map(({ rule }) => rule)
  const readers = rules.filter((rule) => rule.readsRisk)
  if (readers.length === 0) return rules
  const signals = risk.signals.filter((signal) => signal.fits(request))
  const tried = hasShadow && readers.every((rule) => rule.shadow)
  return [...rules, ...(tried ? signals.map((signal) => ({ ...signal, shadow: true })) : signals)]
}

function counterUses(
  { counters }: CompiledPolicy,
  request: AccessRequest,
  evaluation: Evaluation,
  read: ReadonlySet<string>,
): readonly CounterUse[] {
  const uses: CounterUse[] = []
  for (const { scope, counter } of counters) {
    if (!counter.fits(request)) continue
    const use = counterUse(counter, scope, evaluation, read.has(counter.id))
    if (use) uses.push(use)
  }
  return uses
}

/** Null when what is counted apart cannot be named, such as the subject of an anonymous request: it is not counted. */
function counterUse(
  { id, per, add, window, of }: CompiledCounter,
  scope: Scope,
  evaluation: Evaluation,
  read: boolean,
): CounterUse | null {
  const key = valueIn(scope, per, evaluation)
  if (typeof key !== 'string') return null
  const amount = add === null ? 1 : valueIn(scope, add, evaluation)
  const added = typeof amount === 'number' ? Math.max(0, amount) : null
  return { id, key, window, of, amount: added, read }
}

/** The value of an expression in the names of its file; undefined when something that it reads is unavailable. */
function valueIn(scope: Scope, expression: Expression, { evaluate }: Evaluation): unknown {
  let found: unknown
  const condition = (roots: Roots) => {
    const read = readValue(expression, roots)
    found = 'missing' in read ? undefined : read.value
    return true
  }
  evaluate({ scope, condition }, NO_PARAMS, ENFORCED)
  return found
}
