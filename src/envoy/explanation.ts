import type { Decision, FaultReason } from '../domain/decision.ts'
import { TOKEN_PROBLEMS } from '../domain/identity.ts'
import type { Shortfall } from '../domain/requirement.ts'

/** Every decision but the one that lets the request through. */
export type Refused = Exclude<Decision, { outcome: 'allow' }>

/**
 * What a client's developer reads: a title that is always the same for a reason, and one sentence about this case.
 * Both are fixed texts of letters, digits, blanks, `.`, `'` and `-`, which no parser of challenges trips over.
 */
export type Explanation = { readonly title: string; readonly detail: string }

/** The words for a refusal. They name what is missing, never which rule or signal asked for it. */
export function explain(decision: Refused): Explanation {
  switch (decision.outcome) {
    case 'step_up':
      return decision.reason === 'insufficient_scope'
        ? LACKS_SCOPE
        : { title: 'Step-up authentication required', detail: shortOf(decision.shortfalls) }
    case 'unauthenticated':
      return decision.reason === 'unauthenticated'
        ? ANONYMOUS
        : { title: 'Invalid access token', detail: tokenProblem(decision.problem) }
    case 'deny':
      return DENIALS.get(decision.reason) ?? DENIED
    case 'fault':
      return FAULTS[decision.reason]
  }
}

function shortOf(shortfalls: readonly Shortfall[]): string {
  if (shortfalls.includes('not-single-use')) return 'A login made for this operation is required'
  const old = shortfalls.includes('too-old')
  if (shortfalls.every((shortfall) => shortfall === 'too-old') && old)
    return 'A more recent authentication is required'
  return old
    ? 'A different and more recent authentication is required'
    : 'A different authentication level is required'
}

function tokenProblem(problem: keyof typeof TOKEN_PROBLEMS | null): string {
  return problem === null ? 'The access token is not accepted' : TOKEN_PROBLEMS[problem]
}

const ANONYMOUS: Explanation = {
  title: 'Authentication required',
  detail: 'The request carries no access token',
}

const LACKS_SCOPE: Explanation = {
  title: 'Insufficient scope',
  detail: 'The access token lacks a required scope',
}

/** Also for the reasons that authors write: the reason itself stands in a member of its own. */
const DENIED: Explanation = { title: 'Denied by policy', detail: 'A rule denies this request' }

const DENIALS: ReadonlyMap<string, Explanation> = new Map([
  ['denied', DENIED],
  ['no-rule', { title: 'Not permitted', detail: 'No rule permits this request' }],
  [
    'ambiguous-path',
    {
      title: 'Ambiguous request target',
      detail: 'The request target can be read in more than one way',
    },
  ],
  [
    'ambiguous-method',
    {
      title: 'Ambiguous request method',
      detail: 'The request method is not a plain upper-case token',
    },
  ],
  [
    'step-up-loop',
    {
      title: 'Step-up loop',
      detail: 'The logins that were made did not meet what the request requires',
    },
  ],
  [
    'step-up-impossible',
    {
      title: 'Step-up impossible',
      detail: 'No login of this caller can meet what the request requires',
    },
  ],
])

const FAULTS: Readonly<Record<FaultReason, Explanation>> = {
  'evaluation-failed': {
    title: 'Decision failed',
    detail: 'The request could not be decided and is refused',
  },
  'source-unavailable': {
    title: 'Source unavailable',
    detail: 'Something that the decision depends on is unavailable',
  },
  'audit-unavailable': {
    title: 'Audit unavailable',
    detail: 'Decisions cannot be recorded at the moment and so none is made',
  },
  overloaded: { title: 'Overloaded', detail: 'Too many requests are being decided' },
  'not-ready': { title: 'Not ready', detail: 'The service is still starting' },
}
