import type { AccessRequest } from '../domain/access-request.ts'
import type { Ladder } from '../domain/assurance.ts'
import type { AuthorReason } from '../domain/decision.ts'
import type { CounterUse, FactGroup, FactKind } from '../domain/facts.ts'
import type { Condition } from './expression/condition.ts'
import type { PolicyEnvironment } from './expression/environment.ts'
import type { Expression } from './expression/expression.ts'
import type { InputFields } from './expression/inputs.ts'
import type { Networks } from './match/networks.ts'
import type { PathParams } from './match/path-template.ts'
import type { RequestMatch } from './match/request-matcher.ts'
import type { RuleIndex } from './match/rule-index.ts'
import type { Schedules } from './match/schedules.ts'

/** A policy ready to decide: every name resolved, every expression typed, nothing left to look up by text. */
export type CompiledPolicy = {
  /** Names this policy in answers, spans and records. */
  readonly revision: string
  readonly files: readonly string[]
  readonly ladder: Ladder
  readonly inputs: PolicyInputs
  /** Sorted by id, so that the first that fits is the first by id. */
  readonly rules: readonly CompiledRule[]
  /** Narrows `rules` to those that could fit a request. */
  readonly index: RuleIndex
  readonly risk: RiskModel
  /** The scope of all unbounded files. */
  readonly common: Scope
  /** Counters by the scopes that they are declared in, each once. */
  readonly counters: readonly { readonly scope: Scope; readonly counter: CompiledCounter }[]
  /** What keeps a fact of a kind from being learnt while it holds: everything enforced that reads it. */
  readonly guards: ReadonlyMap<FactKind, readonly (CompiledRule | CompiledSignal)[]>
  /** True when some rule or signal is in shadow: then there is a second outcome to report. */
  readonly hasShadow: boolean
  /** Ids of the rules that a shadow rule stands in for. */
  readonly replaced: ReadonlySet<string>
}

/** The declared fields of bodies and claims. */
export type PolicyInputs = { readonly body: InputFields; readonly claims: InputFields }

/** What names mean in a file: its own and those of all unbounded files. */
export type Scope = {
  readonly networks: Networks
  readonly schedules: Schedules
  readonly variables: ReadonlyMap<string, Expression>
  readonly environment: PolicyEnvironment
  readonly counters: ReadonlyMap<string, CompiledCounter>
}

/** What is counted, so that what is counted never depends on which rules ran. */
export type CompiledCounter = {
  /** Unique in the policy; the names of bounded files are their own. */
  readonly id: string
  /** As written. */
  readonly name: string
  readonly fits: (request: AccessRequest) => PathParams | null
  /** Names what is counted apart. */
  readonly per: Expression
  /** What is summed; null when requests are counted. */
  readonly add: Expression | null
  /** Milliseconds. */
  readonly window: number
  readonly of: CounterUse['of']
}

/** What rules and signals have in common. */
type Conditional = {
  readonly id: string
  readonly description: string | null
  readonly shadow: boolean
  readonly match: RequestMatch
  /** The bounds of its file, which must fit as well; null without any. */
  readonly bounds: RequestMatch | null
  /** The captured path parameters when `match` and the bounds of the file fit, else null. */
  readonly fits: (request: AccessRequest) => PathParams | null
  readonly scope: Scope
  readonly when: Expression | null
  readonly unless: Expression | null
  readonly condition: Condition
  /** What has to be looked up for its condition, and the names of the counters that it reads. */
  readonly facts: readonly FactGroup[]
  readonly counters: readonly string[]
}

/** One rule as closures. */
export type CompiledRule = Conditional & {
  readonly effect: Effect
  readonly require: RuleRequirement | null
  /** Of a deny rule. */
  readonly reason: AuthorReason | null
  /** Of a shadow rule: the id of the rule in whose place it is tried. */
  readonly replaces: string | null
  /** True when it carries `require` or reads `subject` or `session`, also by way of variables; risk aside. */
  readonly concernsCaller: boolean
  readonly readsRisk: boolean
}

/** Something that raises the risk of a request. */
export type CompiledSignal = Conditional & {
  /** 1 to 100 points. */
  readonly score: number
  /** The names that it reads whose values may be reported. */
  readonly evidence: readonly string[]
  /** True when it reads `subject` or `session`: then whatever reads risk does, too. */
  readonly concernsCaller: boolean
}

/** Signals, and the thresholds that their sum is held against. */
export type RiskModel = {
  readonly signals: readonly CompiledSignal[]
  /** From the lowest threshold. */
  readonly levels: readonly { readonly name: string; readonly threshold: number }[]
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
  /** A login made for this very operation, spent by it. */
  readonly singleUse: boolean
}
