import { Environment } from '@marcbachmann/cel-js/evaluator'
import { SessionRoot, SubjectRoot } from './caller-roots.ts'
import { COUNTERS, CountersRoot } from './counters-root.ts'
import { DeviceRoot, TravelRoot } from './fact-roots.ts'
import { registerFunctions } from './functions.ts'
import { celType, type InputFields } from './inputs.ts'
import { RequestRoot, SourceRoot } from './request-roots.ts'
import { RiskRoot } from './risk-root.ts'
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
  source: {
    ip: 'string',
    networks: 'list<string>',
    principal: 'string',
    country: 'string',
    asn: 'int',
  },
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
    roles_added: 'list<string>',
    disabled: 'bool',
  },
  session: {
    id: 'string',
    acr: 'string',
    amr: 'list<string>',
    auth_time: 'google.protobuf.Timestamp',
    auth_age: 'google.protobuf.Duration',
    age: 'google.protobuf.Duration',
    fingerprint_changed: 'bool',
    revoked: 'bool',
  },
  device: { id: 'string', known: 'bool', trusted: 'bool', reputation: 'double' },
  travel: { distance_km: 'double', speed_kmh: 'double', country_changed: 'bool' },
} as const

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
    .registerType('Device', { ctor: DeviceRoot, fields: ROOT_FIELDS.device })
    .registerType('Travel', { ctor: TravelRoot, fields: ROOT_FIELDS.travel })
    .registerType('Risk', { ctor: RiskRoot, fields: {} })
    .registerType('Counters', { ctor: CountersRoot, fields: {} })
    .registerVariable('request', 'Request')
    .registerVariable('source', 'Source')
    .registerVariable('subject', 'Subject')
    .registerVariable('session', 'Session')
    .registerVariable('device', 'Device')
    .registerVariable('travel', 'Travel')
    .registerVariable('risk', 'Risk')
    .registerVariable(COUNTERS, 'Counters')
    .registerFunction('Session.at_least(string): bool', (session: SessionRoot, level: string) =>
      session.at_least(level),
    )
    .registerFunction('Risk.at_least(string): bool', (risk: RiskRoot, level: string) =>
      risk.at_least(level),
    )
  registerFunctions(cel)
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

function celFields(inputs: InputFields): Record<string, string> {
  return Object.fromEntries([...inputs].map(([name, type]) => [name, celType(type)]))
}
