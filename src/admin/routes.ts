import type { Outcome } from '../domain/decision.ts'
import type { Issue } from '../domain/issue.ts'
import type { DecisionFilter, RecentDecision } from './recent-decisions.ts'

/** What the pages are made of; each is asked at every request. None of it holds a secret. */
export type Pages = {
  /** False only when the process should be restarted. */
  readonly live: () => boolean
  readonly ready: () => Readiness
  readonly metrics: () => Promise<{ readonly contentType: string; readonly body: string }>
  readonly policy: () => PolicyState
  readonly decisions: (filter: DecisionFilter) => readonly RecentDecision[]
}

/** Whether requests can be decided, and the state of each part that this hangs on. */
export type Readiness = {
  readonly ready: boolean
  readonly policy: Readonly<Record<string, unknown>>
  /** By the name of the issuer. */
  readonly issuers: Readonly<Record<string, unknown>>
  /** Who tells of security events, by the name of the stream; what they lack keeps no request from being decided. */
  readonly streams?: Readonly<Record<string, unknown>>
  /** What keeps the record from being written, and why; null when nothing does. */
  readonly audit?: { readonly problem: string | null; readonly reason: string | null }
}

/** The policy that decides, null before the first, and why the newest version of it does not. */
export type PolicyState = {
  readonly current: {
    readonly revision: string
    readonly files: readonly string[]
    readonly rules: number
    readonly signals: number
  } | null
  /** `at` in milliseconds since the epoch. */
  readonly rejection: { readonly at: number; readonly issues: readonly Issue[] } | null
}

/** One page: its status, its media type and its body. */
export type Answer = {
  readonly status: number
  readonly contentType: string
  readonly body: string
}

/** Answers a request for one path by its query. */
export type Route = {
  /** Probes cannot bring a token, and learn nothing that is worth one. */
  readonly open: boolean
  readonly answer: (query: URLSearchParams) => Answer | Promise<Answer>
}

/** Issues of a rejected policy that are shown. */
const MOST_ISSUES = 100

const MOST_DECISIONS = 1200

/** The pages by their paths. */
export function createRoutes(pages: Pages): ReadonlyMap<string, Route> {
  const { live, ready, metrics } = pages
  const closed = (answer: Route['answer']): Route => ({ open: false, answer })
  const probe = (answer: Route['answer']): Route => ({ open: true, answer })
  return new Map([
    ['/livez', probe(() => (live() ? text(200, 'ok') : text(503, 'not live')))],
    ['/readyz', probe(() => readiness(ready()))],
    ['/metrics', closed(async () => ({ status: 200, ...(await metrics()) }))],
    ['/policy', closed(() => json(200, policyPage(pages.policy())))],
    ['/decisions', closed((query) => decisionsPage(pages, query))],
  ])
}

/** A page of one line for people. */
export function text(status: number, message: string): Answer {
  return { status, contentType: 'text/plain; charset=utf-8', body: `${message}\n` }
}

function json(status: number, value: unknown): Answer {
  return { status, contentType: 'application/json', body: `${JSON.stringify(value)}\n` }
}

function readiness(detail: Readiness): Answer {
  return json(detail.ready ? 200 : 503, detail)
}

function policyPage({ current, rejection }: PolicyState): object {
  const none = { revision: null, files: [], rules: 0, signals: 0 }
  if (rejection === null) return { ...(current ?? none), rejected: null }
  const { at, issues } = rejection
  const shown = issues
    .slice(0, MOST_ISSUES)
    .map(({ severity, code, file, line, column, message, hint }) => {
      return { severity, code, file, line, column, message, hint }
    })
  const rejected = { at: new Date(at).toISOString(), issues: shown, count: issues.length }
  return { ...(current ?? none), rejected }
}

const OUTCOMES: readonly string[] = [
  'allow',
  'step_up',
  'deny',
  'unauthenticated',
  'fault',
] satisfies Outcome[]

const FILTERS = ['id', 'outcome', 'rule', 'limit']

function decisionsPage({ decisions }: Pages, query: URLSearchParams): Answer {
  const limit = Number(query.get('limit') ?? MOST_DECISIONS)
  if ([...query.keys()].some((key) => !FILTERS.includes(key)))
    return text(400, `this page can be asked by ${FILTERS.join(', ')}`)
  if (!Number.isInteger(limit) || limit < 1) return text(400, 'limit is a whole number from 1')
  const asked = Object.fromEntries([...query].filter(([key]) => key !== 'limit'))
  if (asked.outcome !== undefined && !OUTCOMES.includes(asked.outcome))
    return text(400, `outcome is one of ${OUTCOMES.join(', ')}`)
  // As the client has it: `instance` of a problem body.
  if (asked.id !== undefined) asked.id = asked.id.toLowerCase().replace(/^urn:uuid:/, '')
  return json(200, { decisions: decisions({ ...asked, limit }) })
}
