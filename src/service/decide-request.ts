import { type Opened, open } from '../decision/decide.ts'
import type { Proposal } from '../decision/proposal.ts'
import type { AccessRequest } from '../domain/access-request.ts'
import { type Decision, NO_GROUNDS } from '../domain/decision.ts'
import type { Stage } from '../domain/decision-record.ts'
import type { Aftermath, FactNeeds, Facts } from '../domain/facts.ts'
import type { Identity } from '../domain/identity.ts'
import type { CompiledPolicy } from '../policy/compiled-policy.ts'

/** Decides one request whose caller is known: at once, unless something has to be waited for. */
export type DecideRequest = (
  request: AccessRequest,
  identity: Identity,
  stage: (stage: Stage) => void,
) => Decision | Promise<Decision>

/** What deciding needs; `Fetched` is what the facts want back with the aftermath. */
export type DecideDeps<Fetched extends { readonly facts: Facts }> = {
  /** The policy of this moment; null before the first. */
  readonly policy: () => CompiledPolicy | null
  readonly facts: {
    readonly fetch: (needs: FactNeeds | null, asked: Asked) => Fetched | Promise<Fetched>
    readonly remember: (fetched: Fetched, aftermath: Aftermath) => void
  }
  readonly settle: (proposal: Proposal) => Decision | Promise<Decision>
  /** Milliseconds since the epoch. */
  readonly now: () => number
  readonly failed: (error: unknown) => void
}

/** A request, who makes it, and when it is decided (ms since the epoch). */
export type Asked = {
  readonly request: AccessRequest
  readonly identity: Identity
  readonly now: number
}

/** One policy snapshot a request: choose the rules, look up what they need, decide, settle; then remember, at leisure. */
export function createDecideRequest<Fetched extends { readonly facts: Facts }>(
  deps: DecideDeps<Fetched>,
): DecideRequest {
  const { facts, settle, failed } = deps
  const answer = (opened: Opened, fetched: Fetched): Decision | Promise<Decision> => {
    const proposal = opened.decide(fetched.facts)
    const given = (decision: Decision) => {
      facts.remember(fetched, proposal.aftermath(decision))
      return decision
    }
    const decision = settle(proposal)
    return 'then' in decision ? decision.then(given) : given(decision)
  }
  return (request, identity, stage) => {
    const policy = deps.policy()
    if (policy === null) return NOT_READY
    const asked = { request, identity, now: deps.now() }
    const opened = open(policy, { ...asked, stage, failed })
    const fetched = facts.fetch(opened.needs, asked)
    return isPromise(fetched)
      ? fetched.then((found) => answer(opened, found))
      : answer(opened, fetched)
  }
}

const NOT_READY: Decision = { ...NO_GROUNDS, outcome: 'fault', reason: 'not-ready' }

function isPromise<T extends object>(value: T | Promise<T>): value is Promise<T> {
  return 'then' in value
}
