/** One rule of the made-up policy, in no engine's own form. */
export type MadeRule = {
  readonly id: string
  readonly effect: 'allow' | 'step_up' | 'deny'
  readonly hosts: readonly string[]
  readonly methods: readonly string[]
  readonly paths: readonly string[]
  readonly test: Test
}

/** A condition on the caller: a list has a word, or a fact equals a value. */
export type Test =
  | { readonly fact: 'roles' | 'groups'; readonly has: string }
  | { readonly fact: 'tenant' | 'department'; readonly equals: string }
  | { readonly fact: 'suspended'; readonly equals: boolean }

/** What every step_up of it requires, and what the caller has. */
export const LEVEL = 'mfa'

/** The caller of every request. */
export const CALLER = {
  roles: ['license-manager', 'auditor'],
  groups: ['staff'],
  tenant: 'acme',
  department: 'sales',
  suspended: false,
}

/** One request: only the path varies. */
export type MadeRequest = { readonly method: string; readonly host: string; readonly path: string }

/** Five rules that fit every request below, three of which apply, among as many others as it takes. */
export function madeRules(count: number): readonly MadeRule[] {
  const others = Array.from({ length: count - FITTING.length }, (_, at) => otherRule(at))
  return [...FITTING, ...others]
}

/** Requests that differ, so that no engine answers from a cache of answers. */
export function madeRequests(count: number): readonly MadeRequest[] {
  return Array.from({ length: count }, (_, at) => ({
    method: 'PUT',
    host: 'licensing.example.com',
    path: `/v1/licenses/L-${at}/tier`,
  }))
}

const ANY = { hosts: [], methods: [], paths: [] }
const TIER = '/v1/licenses/{license}/tier'

const FITTING: readonly MadeRule[] = [
  {
    ...ANY,
    id: 'manage',
    effect: 'allow',
    methods: ['POST', 'PUT'],
    paths: ['/v1/licenses/{license}/renew', TIER],
    test: { fact: 'roles', has: 'license-manager' },
  },
  {
    ...ANY,
    id: 'tier-changes',
    effect: 'step_up',
    methods: ['PUT'],
    paths: [TIER],
    test: { fact: 'department', equals: 'sales' },
  },
  {
    ...ANY,
    id: 'changes',
    effect: 'step_up',
    hosts: ['*.example.com'],
    methods: ['POST', 'PUT', 'PATCH', 'DELETE'],
    test: { fact: 'tenant', equals: 'acme' },
  },
  {
    ...ANY,
    id: 'suspended',
    effect: 'deny',
    paths: ['/v1/**'],
    test: { fact: 'suspended', equals: true },
  },
  { ...ANY, id: 'blocked', effect: 'deny', test: { fact: 'groups', has: 'blocked' } },
]

/** Every form of `match`, none of which fits: by path, by verb, by host, by method, with wildcards in every place. */
function otherRule(at: number): MadeRule {
  const test = { fact: 'roles', has: `operator-${at}` } as const
  const id = `other-${at}`
  const forms: readonly MadeRule[] = [
    { ...ANY, id, effect: 'allow', methods: ['GET'], paths: [`/v1/service-${at}/**`], test },
    { ...ANY, id, effect: 'step_up', paths: [`/v1/service-${at}/items/{item}/tier`], test },
    {
      ...ANY,
      id,
      effect: 'allow',
      methods: ['PUT'],
      paths: [`/v1/licenses/{license}:do-${at}`],
      test,
    },
    { ...ANY, id, effect: 'deny', paths: [`/{area}/licenses/{license}/part-${at}`], test },
    { ...ANY, id, effect: 'step_up', paths: [`/**/report-${at}`], test },
    { ...ANY, id, effect: 'deny', hosts: [`api-${at}.example.com`], test },
    { ...ANY, id, effect: 'deny', hosts: [`*.team-${at}.example.com`], paths: ['/v1/**'], test },
    {
      ...ANY,
      id,
      effect: 'step_up',
      methods: ['GET'],
      hosts: [`shop-${at}.test`],
      paths: [TIER],
      test,
    },
  ]
  return forms[at % forms.length] ?? { ...ANY, id, effect: 'deny', test }
}
