import { type Opened, open } from '../decision/decide.ts'
import type { Proposal } from '../decision/proposal.ts'
import type { TellTrail } from '../decision/trail.ts'
import type { AccessRequest } from '../domain/access-request.ts'
import { type Decision, NO_GROUNDS } from '../domain/decision.ts'
import type { Stage } from '../domain/decision-record.ts'
import type { Aftermath, FactNeeds, Facts } from '../domain/facts.ts'
import type { Identity } from '../domain/identity.ts'
import type { CompiledPolicy } from '../policy/compiled-policy.ts'

/**
 * Decides one request whose caller is known: at once, unless something has to be waited for. `completing` is handed the
 * same decision with its shadow outcome, where that takes longer than the answer may; `telling` is handed what tells how
 * the decision came about.
 */
export type DecideRequest = (
  request: AccessRequest,
  identity: Identity,
  stage: (stage: Stage) => void,
  completing: (decision: Promise<Decision>) => void,
  telling?: (trail: TellTrail) => void,
) => Decision | Promise<Decision>

/** What deciding needs; `Fetched` is what the facts want back with the aftermath. */
export type DecideDeps<Fetched extends { readonly facts: Facts }> = {
  /** False while no decision can be recorded that has to be; absent: none has to. */
  readonly recordable?: () => boolean
  /** The policy of this moment; null before the first. */
  readonly policy: () => CompiledPolicy | null
  readonly facts: {
    /** Never rejects. */
    readonly fetch: (needs: FactNeeds | null, asked: Asked) => Fetched | Promise<Fetched>
    /** What of it is known at once. */
    readonly atHand: (needs: FactNeeds | null, asked: Asked) => Facts
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
  const { facts, settle, failed, recordable = () => true } = deps
  return (request, identity, stage, completing, telling) => {
    if (!recordable()) return NOT_RECORDABLE
    const policy = deps.policy()
    if (policy === null) return NOT_READY
    const asked = { request, identity, now: deps.now() }
    const opened = open(policy, { ...asked, stage, failed })
    telling?.(opened.trail)
    const fetched = facts.fetch(opened.needs, asked)
    const decideNow = (found: Fetched) => {
      const proposal = opened.decide(found.facts)
      return after(settle(proposal), (decision) => {
        stage('decided')
        facts.remember(found, proposal.aftermath(decision))
        return decision
      })
    }
    if (!isPromise(fetched)) return decideNow(fetched)
    if (opened.onlyForShadow) return decideAhead(opened, facts.atHand(opened.needs, asked), fetched)
    return fetched.then((found) => {
      stage('fetched')
      return decideNow(found)
    })

    /** What is only tried in shadow keeps no answer waiting. */
    function decideAhead(ahead: Opened, known: Facts, coming: Promise<Fetched>) {
      const proposal = ahead.decide(known, 'later')
      return after(settle(proposal), (decision) => {
        stage('decided')
        completing(
          coming.then((found) => {
            const complete = ahead.tryShadow(decision, found.facts)
            facts.remember(found, proposal.aftermath(decision))
            return complete
          }),
        )
        return decision
      })
    }
  }
}

const NOT_RECORDABLE: Decision = {
  ...NO_GROUNDS,
  outcome: 'fault',
  reason: 'audit-unavailable',
}

const NOT_READY: Decision = { ...NO_GROUNDS, outcome: 'fault', reason: 'not-ready' }

function after(
  decision: Decision | Promise<Decision>,
  then: (decision: Decision) => Decision,
): Decision | Promise<Decision> {
  return isPromise(decision) ? decision.then(then) : then(decision)
}

function isPromise<T extends object>(value: T | Promise<T>): value is Promise<T> {
  return 'then' in value
}
