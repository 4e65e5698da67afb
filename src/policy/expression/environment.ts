import { Environment } from '@marcbachmann/cel-js/evaluator'
import { SessionRoot, SubjectRoot } from './caller-roots.ts'
import { celType, type InputFields, MAX_LIST } from './inputs.ts'
import { createLinearMatches } from './linear-matches.ts'
import { RequestRoot, SourceRoot } from './request-roots.ts'
import { RiskRoot } from './risk-root.ts'
import { Unavailable } from './unavailable.ts'
import type { World } from './world.ts'

/** Roots and their fields, with CEL's types: what expressions see, and all that they see. */
export const ROOT_FIELDS = {
  request: {
    method: 'string',
    host: 'string',
    path: 'string',
    scheme: 'string',
    protocol: 'string',
    query: 'map<string, list<string>>',
    headers: 'map<string, list<string>>',
    params: 'map<string, string>',
    body: 'Body',
    size: 'int',
    content_type: 'string',
    context: 'map<string, string>',
    time: 'google.protobuf.Timestamp',
    schedules: 'list<string>',
  },
  source: { ip: 'string', networks: 'list<string>', principal: 'string' },
  subject: {
    authenticated: 'bool',
    id: 'string',
    issuer: 'string',
    client_id: 'string',
    workload: 'bool',
    roles: 'list<string>',
    groups: 'list<string>',
    scopes: 'list<string>',
    tenant: 'string',
    claims: 'Claims',
  },
  session: {
    id: 'string',
    acr: 'string',
    amr: 'list<string>',
    auth_time: 'google.protobuf.Timestamp',
    auth_age: 'google.protobuf.Duration',
  },
} as const

/** Functions of CEL whose cost has no bound, and the names of ours in their place: they cannot be overridden. */
export const BOUNDED: ReadonlyMap<string, string> = new Map([
  ['matches', 'matchesLinear'],
  ['split', 'splitShort'],
])

/** An expression with more nodes than this is a program, not a condition. */
const MAX_NODES = 500

/** CEL's type environment for one policy, and the classes whose instances carry its own names. */
export type PolicyEnvironment = {
  readonly cel: Environment
  readonly Body: new () => object
  readonly Claims: new () => object
  readonly Variables: new (world: World) => object
}

/** Before the variables of a file are known. */
export type BaseEnvironment = Omit<PolicyEnvironment, 'Variables'>

/** The environment of a policy with these inputs; variables are added by `withVariables`. */
export function createEnvironment(body: InputFields, claims: InputFields): BaseEnvironment {
  const Body = class Body {}
  const Claims = class Claims {}
  const cel = new Environment({ limits: { maxAstNodes: MAX_NODES, maxDepth: 50 } })
    .registerType('Body', { ctor: Body, fields: celFields(body) })
    .registerType('Claims', { ctor: Claims, fields: celFields(claims) })
    .registerType('Request', { ctor: RequestRoot, fields: ROOT_FIELDS.request })
    .registerType('Source', { ctor: SourceRoot, fields: ROOT_FIELDS.source })
    .registerType('Subject', { ctor: SubjectRoot, fields: ROOT_FIELDS.subject })
    .registerType('Session', { ctor: SessionRoot, fields: ROOT_FIELDS.session })
    .registerType('Risk', { ctor: RiskRoot, fields: {} })
    .registerVariable('request', 'Request')
    .registerVariable('source', 'Source')
    .registerVariable('subject', 'Subject')
    .registerVariable('session', 'Session')
    .registerVariable('risk', 'Risk')
    .registerFunction('Session.at_least(string): bool', (session: SessionRoot, level: string) =>
      session.at_least(level),
    )
    .registerFunction('Risk.at_least(string): bool', (risk: RiskRoot, level: string) =>
      risk.at_least(level),
    )
    .registerFunction('bucket(string): int', bucket)
  registerCounters(cel)
  cel.registerFunction(`string.${BOUNDED.get('matches')}(string): bool`, createLinearMatches())
  registerShortSplit(cel)
  registerMixedArithmetic(cel)
  return { cel, Body, Claims }
}

/** The same environment with `variables.NAME` of these types; reading one asks the world for its value. */
export function withVariables(
  base: BaseEnvironment,
  types: ReadonlyMap<string, string>,
): PolicyEnvironment {
  const Variables = variablesClass([...types.keys()])
  const cel = base.cel
    .clone()
    .registerType('Variables', { ctor: Variables, fields: Object.fromEntries(types) })
    .registerVariable('variables', 'Variables')
  return { ...base, cel, Variables }
}

/** A class with one getter a name: computed when read, by the world that it is made for. */
function variablesClass(names: readonly string[]): new (world: World) => object {
  const Variables = class Variables {
    readonly #world: World
    constructor(world: World) {
      this.#world = world
    }
    static read(of: Variables, name: string): unknown {
      return of.#world.variable(name)
    }
  }
  for (const name of names) {
    Object.defineProperty(Variables.prototype, name, {
      get(this: InstanceType<typeof Variables>) {
        return Variables.read(this, name)
      },
    })
  }
  return Variables
}

/** Counters need a store, which this version does not have: until then each reading of one is unavailable. */
function registerCounters(cel: Environment): void {
  for (const signature of ['rate(string): int', 'total(string): double']) {
    cel.registerFunction(signature, (name: string) => {
      throw new Unavailable(`counter ${name}`)
    })
  }
}

/** A stable number from 0 to 99 for a text (FNV-1a, 32 bits), to try a rule on a share of the subjects. */
function bucket(text: string): bigint {
  let hash = 0x811c9dc5
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0
  return BigInt(hash % 100)
}

function registerShortSplit(cel: Environment): void {
  cel.registerFunction(
    `string.${BOUNDED.get('split')}(string): list<string>`,
    (text: string, separator: string) => {
      const parts = text.split(separator, MAX_LIST + 1)
      if (parts.length > MAX_LIST) throw new Unavailable('split')
      return parts
    },
  )
}

/** JSON's numbers are doubles and an author writes `2`: without these, `seats * 2` would be a type error. */
function registerMixedArithmetic(cel: Environment): void {
  const operators: Record<string, (a: number, b: number) => number> = {
    '+': (a, b) => a + b,
    '-': (a, b) => a - b,
    '*': (a, b) => a * b,
    '/': (a, b) => a / b,
  }
  for (const [sign, apply] of Object.entries(operators)) {
    cel.registerOperator(`double ${sign} int: double`, (a: number, b: bigint) =>
      apply(a, Number(b)),
    )
    cel.registerOperator(`int ${sign} double: double`, (a: bigint, b: number) =>
      apply(Number(a), b),
    )
  }
  cel.registerOperator('double == int', (a: number, b: bigint) => a === Number(b))
}

function celFields(inputs: InputFields): Record<string, string> {
  return Object.fromEntries([...inputs].map(([name, type]) => [name, celType(type)]))
}
