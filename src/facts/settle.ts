import type { Proposal } from '../decision/proposal.ts'
import type { Decision } from '../domain/decision.ts'
import type { Settled, Settlement } from '../domain/settlement.ts'
import type { Store } from './store.ts'

/** Turns a proposal into the decision that may be given: at once, unless the store has to be waited for. Never throws. */
export type Settle = (proposal: Proposal) => Decision | Promise<Decision>

/** What settling needs. */
export type SettleDeps = {
  readonly store: Pick<Store, 'settle'>
  /** Told of a store that failed. */
  readonly failed: (error: unknown) => void
}

/** Makes the function. What the answer depends on is waited for; what could not be carried out is lost, never granted. */
export function createSettle(deps: SettleDeps): Settle {
  return (proposal) => {
    if (proposal.settlement === null) return proposal.decision
    const { conclude } = proposal
    const settled = carryOut(proposal.settlement, deps)
    return typeof settled === 'string' ? conclude(settled) : settled.then(conclude)
  }
}

function carryOut(settlement: Settlement, { store, failed }: SettleDeps) {
  const lost = (error: unknown): Settled => {
    failed(error)
    return 'lost'
  }
  try {
    const settled = store.settle(settlement)
    return typeof settled === 'string' ? settled : settled.catch(lost)
  } catch (error) {
    return lost(error)
  }
}
