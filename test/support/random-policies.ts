import fc from 'fast-check'
import { stringify } from 'yaml'
import { decide } from '../../src/decision/decide.ts'
import type { Decision } from '../../src/domain/decision.ts'
import { formatIssues } from '../../src/domain/issue.ts'
import type { CompiledPolicy } from '../../src/policy/compiled-policy.ts'
import { loadPolicy } from '../../src/policy/load.ts'
import { buildScenario } from '../../src/scenario/scenario.ts'
import type { PartialSituation } from '../../src/scenario/scenario-schema.ts'

const LEVELS = ['password', 'mfa', 'phishing-resistant']
const FRAME = {
  version: 1,
  assurance: [
    { level: 'password', acr: { idp: ['pwd'] }, amr: [['pwd']] },
    { level: 'mfa', acr: { idp: ['mfa'] }, amr: [['pwd', 'otp']], max_age: '8h' },
    { level: 'phishing-resistant', acr: { idp: ['phr'] }, amr: [['swk', 'user']], max_age: '1h' },
  ],
  inputs: { claims: { department: 'string' }, body: { seats: 'number' } },
}

/** Conditions that are monotonic in the login, as the language demands of each effect. */
const FACTS = [
  'subject.authenticated',
  'subject.claims.department == "sales"',
  'request.body.seats > 500',
  '"boss" in subject.roles',
  '!("boss" in subject.roles)',
  'source.ip == "10.0.0.1"',
  'false',
]
const TIGHTENING = [...FACTS, '!session.at_least("mfa")', 'session.auth_age > duration("2h")']

const match = fc.record(
  {
    methods: fc.subarray(['GET', 'PUT'], { minLength: 1 }),
    paths: fc.subarray(['/a', '/a/**'], { minLength: 1 }),
    hosts: fc.constant(['*.example.com']),
  },
  { requiredKeys: [] },
)
const require = fc.record(
  {
    level: fc.constantFrom(...LEVELS),
    max_age: fc.constantFrom('1m', '3h', '9h'),
    amr: fc.constantFrom([['otp']], [['swk'], ['otp']]),
    scope: fc.subarray(['read', 'write'], { minLength: 1 }),
  },
  { requiredKeys: ['level'] },
)
const condition = (from: readonly string[]) =>
  fc.option(fc.constantFrom(...from), { nil: undefined })
const allow = fc.record({
  match,
  effect: fc.constant('allow'),
  when: condition(FACTS),
  require: fc.option(require, { nil: undefined }),
})
export const tightening = fc.oneof(
  fc.record({ match, effect: fc.constant('step_up'), when: condition(TIGHTENING), require }),
  fc.record({ match, effect: fc.constant('deny'), when: condition(TIGHTENING) }),
)
export const rules = fc.array(fc.oneof({ weight: 2, arbitrary: allow }, tightening), {
  maxLength: 8,
})

export const situation: fc.Arbitrary<PartialSituation> = fc.record({
  now: fc.constant('2026-11-23T10:00:00Z'),
  request: fc.record(
    {
      host: fc.constantFrom('api.example.com', 'other.test'),
      method: fc.constantFrom('GET', 'PUT', 'POST'),
      path: fc.constantFrom('/a', '/a/', '/A', '/a/b', '/c'),
      body: fc.constantFrom<unknown>({ seats: 1 }, { seats: 501 }, { seats: 'x' }, undefined),
    },
    { requiredKeys: ['method', 'path'] },
  ),
  source: fc.record({ ip: fc.constantFrom('10.0.0.1', '10.0.0.2') }, { requiredKeys: [] }),
  subject: fc.option(
    fc.record(
      {
        roles: fc.subarray(['boss', 'clerk']),
        claims: fc.constantFrom({ department: 'sales' }, { department: 'it' }, {}),
        scopes: fc.subarray(['read', 'write']),
        workload: fc.boolean(),
      },
      { requiredKeys: [] },
    ),
    { nil: undefined },
  ),
  session: fc.record(
    {
      level: fc.constantFrom(...LEVELS),
      auth_age: fc.constantFrom('1s', '30m', '2h', '10h'),
    },
    { requiredKeys: [] },
  ),
})

type Rule = { readonly effect: string; readonly require?: object | undefined }

export function withoutMethods<T extends Rule>(rule: T): T {
  return rule.require ? { ...rule, require: { ...rule.require, amr: undefined } } : rule
}

export function named(some: readonly object[]): object[] {
  return some.map((rule, index) => ({ id: `r${index}`, ...rule }))
}

export function compile(some: readonly object[]): CompiledPolicy {
  return load(named(some))
}

export function load(some: readonly object[]): CompiledPolicy {
  const text = stringify({ ...FRAME, rules: JSON.parse(JSON.stringify(some)) as unknown })
  const { policy, issues } = loadPolicy([{ file: 'policy.yaml', text }], {
    issuers: ['idp'],
    revision: 'r',
  })
  if (!policy) throw new Error(formatIssues(issues))
  return policy
}

export function decided(policy: CompiledPolicy, now: PartialSituation): Decision {
  const scenario = buildScenario(now, policy.ladder)
  if (scenario.kind !== 'scenario') throw new Error(JSON.stringify(scenario))
  return decide(policy, { ...scenario, stage: () => {} })
}

export function passes(policy: CompiledPolicy, now: PartialSituation): boolean {
  return decided(policy, now).outcome === 'allow'
}
