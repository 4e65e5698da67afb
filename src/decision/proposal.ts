import type { Decision, FaultReason, Grounds } from '../domain/decision.ts'
import type { Aftermath } from '../domain/facts.ts'
import type { Settled, Settlement } from '../domain/settlement.ts'

/** A decision, and what it waits for. */
export type Proposal =
  /** Final. */
  | { readonly settlement: null; readonly decision: Decision; readonly aftermath: LookBack }
  /** Not to be given before the settlement has been carried out: what came of it makes the decision. */
  | {
      readonly settlement: Settlement
      readonly conclude: (settled: Settled) => Decision
      readonly aftermath: LookBack
    }

/** What the decision that was given leaves to be remembered. */
type LookBack = (given: Decision) => Aftermath

/** The decisions that a settlement chooses between. */
export type Alternatives = {
  /** What holds if the login can be spent, and if it cannot. */
  readonly spent: () => Decision
  readonly unspent: () => Decision
}

/** Makes the decision out of what came of its settlement: nothing is allowed that had to be spent and was not. */
export function concludeWith(
  { spend, challenge }: Settlement,
  { spent, unspent }: Alternatives,
): (settled: Settled) => Decision {
  return (settled) => {
    switch (settled) {
      case 'spent':
        return spend === null ? fault(unspent(), 'evaluation-failed') : spent()
      case 'challenged':
        return unspent()
      case 'loop':
        return looped(unspent())
      case 'lost':
        // A challenge that asks for any login needs no memory of ours; one for this very operation does.
        return challenge.operation === null ? unspent() : fault(unspent(), 'source-unavailable')
    }
  }
}

/** A further challenge would lead in a circle: the refusal is final for as long as the store remembers. */
function looped(decision: Decision): Decision {
  if (decision.outcome !== 'step_up') return decision
  const { requirement, shortfalls } = decision
  const unmet = { requirement, shortfalls }
  return { ...groundsOf(decision), outcome: 'deny', reason: 'step-up-loop', unmet }
}

function fault(decision: Decision, reason: FaultReason): Decision {
  return { ...groundsOf(decision), outcome: 'fault', reason }
}

function groundsOf(decision: Grounds): Grounds {
  const { rule, rules, indeterminate, candidates, presented, revision, risk, shadow } = decision
  return { rule, rules, indeterminate, candidates, presented, revision, risk, shadow }
}
