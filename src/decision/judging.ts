import type { Decision } from '../domain/decision.ts'
import { consider, type Evaluated } from './evaluate.ts'
import type { Case } from './grounds.ts'
import { judge } from './judge.ts'
import type { RiskAssessment } from './risk.ts'
import type { Candidate } from './select.ts'
import { shadowOutcome } from './shadow.ts'
import type { Evaluation } from './world.ts'

/** A request whose rules have been chosen. */
export type Selected = Pick<Case, 'policy' | 'request' | 'caller' | 'now'> & {
  readonly candidates: readonly Candidate[]
  readonly evaluation: Evaluation
}

/** The decision with what the shadow policy would have answered. */
export type TryShadow = (given: Decision) => Decision

/** The judgement when a login that has to be spent can be, and when it cannot; and that of the shadow policy beside it. */
export function judging(
  { candidates, evaluation, ...known }: Selected,
  evaluated: readonly Evaluated[],
): { readonly judged: (spendable: boolean) => Decision; readonly tryShadow: TryShadow } {
  const { policy } = known
  const risk = seenSoFar(evaluation.risk)
  const concerning = policy.risk.signals.filter((signal) => signal.concernsCaller)
  const riskConcernsCaller = concerning.some((signal) => !signal.shadow)
  const considered = consider(evaluated)
  const inShadow = { ...known, risk, riskConcernsCaller: concerning.length > 0 }
  return {
    judged: (spendable) => judge({ ...known, risk, riskConcernsCaller, considered, spendable }),
    tryShadow: (given) => {
      if (!policy.hasShadow) return given
      const shadow = shadowOutcome(policy, candidates, evaluated, evaluation, (seen) => {
        const hopeful = judge({ ...inShadow, considered: seen, spendable: true })
        // What is tried in shadow spends nothing, but shares what is spent anyway.
        if (!spends(hopeful) || spends(given)) return hopeful
        return judge({ ...inShadow, considered: seen, spendable: false })
      })
      return { ...given, shadow }
    },
  }
}

/** The risk as the enforced rules read it: what is tried in shadow may read it afterwards. */
function seenSoFar(risk: RiskAssessment): Case['risk'] {
  const [reading, indeterminate] = [risk.reading(), risk.indeterminate()]
  return { reading: () => reading, indeterminate: () => indeterminate }
}

function spends(decision: Decision): boolean {
  return decision.outcome === 'allow' && decision.requirement.singleUse
}
