import type { Scope } from '../policy/compiled-policy.ts'
import { Unavailable } from '../policy/expression/unavailable.ts'
import type { PathParams } from '../policy/match/path-template.ts'
import type { RiskView } from './risk.ts'

/** What changes from one condition to the next. */
export type Turn = { scope: Scope; params: PathParams; view: RiskView; fault: unknown }

/**
 * Wraps functions of ours so that an exception in one is noted before CEL sees it: under `||` CEL would swallow it,
 * and a failure of ours must never pass for an answer.
 */
export function noting(turn: Turn) {
  return <A extends readonly unknown[], R>(compute: (...args: A) => R) =>
    (...args: A): R => {
      try {
        return compute(...args)
      } catch (error) {
        if (!(error instanceof Unavailable)) turn.fault ??= error
        throw error
      }
    }
}

/**
 * What is remembered for the turn at hand: apart for each file's names, and for each view of the risk, on which the
 * value of a variable can depend.
 */
export function perTurn<T>(turn: Turn, make: () => T): () => T {
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
export function lastScope<A, R>(
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
export function recall(
  known: Map<string, () => unknown>,
  name: string,
  compute: () => unknown,
): unknown {
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
