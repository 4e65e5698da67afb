import type { Trail } from '../domain/trail.ts'
import { isTold } from '../policy/evidence.ts'

/** A decision as it is logged, with what was considered. */
export type RecentDecision = Readonly<Record<string, unknown>>

/** What is asked for; an absent member asks for any. */
export type DecisionFilter = {
  readonly id?: string
  readonly outcome?: string
  /** A rule that took part. */
  readonly rule?: string
  readonly limit?: number
}

/** The last decisions in memory. */
export type RecentDecisions = {
  readonly add: (decision: Remembered) => void
  /** The newest first. */
  readonly find: (filter: DecisionFilter) => readonly RecentDecision[]
}

/** One decision, when it was made (ms since the epoch), and what was considered; `line` as the log has it. */
export type Remembered = {
  readonly at: number
  readonly isAllowed: boolean
  /** Members of a JSON object, parsed only when somebody looks: few decisions are ever looked at. */
  readonly line: string
  readonly pathTemplate: string | null
  /** Null where nobody was told. */
  readonly considered: Trail['considered']
}

/** Of what was considered only what is shown stays. */
type Kept = Omit<Remembered, 'considered'> & {
  readonly number: number
  readonly considered: ReturnType<typeof shown>
}

/** Plain allows are many, and must not push out what somebody will ask about. */
const CAPACITY = { allow: 100, other: 500 }

const DEFAULT_LIMIT = 100

/** Creates an empty memory. */
export function createRecentDecisions(): RecentDecisions {
  const [allows, others] = [createRing(CAPACITY.allow), createRing(CAPACITY.other)]
  let number = 0
  return {
    add: (decision) => {
      const ring = decision.isAllowed ? allows : others
      ring.add({ ...decision, considered: shown(decision.considered), number: number++ })
    },
    find: ({ limit = DEFAULT_LIMIT, ...filter }) =>
      [...allows.all(), ...others.all()]
        .toSorted((a, b) => b.number - a.number)
        .map(lineOf)
        .filter((line) => fits(line, filter))
        .slice(0, limit),
  }
}

function lineOf({ at, line, pathTemplate, considered }: Kept): RecentDecision {
  const logged: RecentDecision = JSON.parse(`{${line}}`)
  // A template says what was asked for, without the person who may stand in the path.
  const path = pathTemplate ?? logged.path
  return { time: new Date(at).toISOString(), ...logged, path, considered }
}

function createRing(capacity: number) {
  const kept: Kept[] = []
  let next = 0
  return {
    add: (one: Kept) => {
      kept[next] = one
      next = (next + 1) % capacity
    },
    all: () => kept,
  }
}

function fits(line: RecentDecision, { id, outcome, rule }: DecisionFilter): boolean {
  const rules = Array.isArray(line.rules) ? line.rules : []
  return (
    (id === undefined || line.decision_id === id) &&
    (outcome === undefined || line.outcome === outcome) &&
    (rule === undefined || line.rule === rule || rules.includes(rule))
  )
}

/** Values of callers are in the audit record only, masked as its operator wants it. */
function shown(considered: Trail['considered']) {
  return considered?.map(({ inputs, ...rule }) => ({
    ...rule,
    inputs: Object.fromEntries(
      Object.entries(inputs).map(([name, value]) => [name, isTold(name, value) ? value : 'hidden']),
    ),
  }))
}
