import type { AccessRequest } from '../domain/access-request.ts'
import type { Ladder } from '../domain/assurance.ts'
import type { AuthorReason } from '../domain/decision.ts'
import type { Condition } from './expression/condition.ts'
import type { PolicyEnvironment } from './expression/environment.ts'
import type { Expression } from './expression/expression.ts'
import type { InputFields } from './expression/inputs.ts'
import type { Networks } from './match/networks.ts'
import type { PathParams } from './match/path-template.ts'
import type { Schedules } from './match/schedules.ts'

/** A policy ready to decide: every name resolved, every expression typed, nothing left to look up by text. */
export type CompiledPolicy = {
  /** Names this policy in answers, spans and records. */
  readonly revision: string
  readonly files: readonly string[]
  readonly ladder: Ladder
  /** Sorted by id, so that the first that fits is the first by id. */
  readonly rules: readonly CompiledRule[]
  readonly networks: Networks
  readonly schedules: Schedules
  readonly inputs: PolicyInputs
  readonly variables: ReadonlyMap<string, Expression>
  readonly environment: PolicyEnvironment
}

/** The declared fields of bodies and claims. */
export type PolicyInputs = { readonly body: InputFields; readonly claims: InputFields }

/** One rule as closures. */
export type CompiledRule = {
  readonly id: string
  readonly description: string | null
  readonly effect: Effect
  /** The captured path parameters when the rule's `match` fits, else null. */
  readonly fits: (request: AccessRequest) => PathParams | null
  readonly condition: Condition
  readonly require: RuleRequirement | null
  /** Of a deny rule. */
  readonly reason: AuthorReason | null
  /** True when it carries `require` or its condition reads `subject` or `session`: logging in could change it. */
  readonly concernsCaller: boolean
}

/** What a rule says, as distinct from the answer that is made of it. */
export type Effect = 'allow' | 'step_up' | 'deny'

/** `require` of one rule: rank 0 when it names no level. */
export type RuleRequirement = {
  readonly rank: number
  /** Seconds. */
  readonly maxAge: number | null
  readonly amr: readonly (readonly string[])[]
  readonly scope: readonly string[]
}
