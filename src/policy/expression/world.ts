import type { AccessRequest } from '../../domain/access-request.ts'
import type { Facts } from '../../domain/facts.ts'
import type { Login, Subject } from '../../domain/identity.ts'

/**
 * One request and what the policy knows how to say about it: the source of every name in an expression.
 * Lookups that cost something are methods, so that only an expression that reads them pays.
 */
export type World = {
  readonly request: AccessRequest
  readonly subject: Subject | null
  readonly login: Login | null
  /** Milliseconds since the epoch. */
  readonly now: number
  /** Names of networks and schedules, as the file of the rule at hand knows them. */
  readonly networks: (ip: string) => readonly string[]
  readonly schedules: (now: number) => readonly string[]
  /** True when the login proves at least the level of that name, now. */
  readonly atLeast: (level: string) => boolean
  /** The declared fields of the body, or null when it cannot be read. */
  readonly body: () => object | null
  readonly claims: (subject: Subject) => object
  readonly variable: (name: string) => unknown
  /** What was looked up for this request. */
  readonly facts: () => Facts
  /** The value of a counter, by the name that the file of the rule at hand has for it. */
  readonly counter: (name: string) => number
  /** True when the risk of the request reaches the threshold of that name. */
  readonly riskAtLeast: (level: string) => boolean
}
