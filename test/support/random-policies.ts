import fc from 'fast-check'
import { stringify } from 'yaml'
import type { Decision } from '../../src/domain/decision.ts'
import { formatIssues } from '../../src/domain/issue.ts'
import type { CompiledPolicy } from '../../src/policy/compiled-policy.ts'
import { loadPolicy } from '../../src/policy/load.ts'
import { decideAsked } from '../../src/scenario/decide-scenario.ts'
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
  risk: { levels: { high: 40, critical: 80 } },
  variables: { risky: 'risk.at_least("high")' },
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
const REPORTED = ['session.revoked', 'subject.disabled']
const SIGNALLING = [
  ...FACTS,
  ...REPORTED,
  '!session.at_least("mfa")',
  'session.auth_age > duration("2h")',
]
const TIGHTENING = [...SIGNALLING, 'variables.risky', 'risk.at_least("critical")']

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
    single_use: fc.boolean(),
  },
  { requiredKeys: ['level'] },
)
const condition = (from: readonly string[]) =>
  fc.option(fc.constantFrom(...from), { nil: undefined })
const mode = fc.constantFrom('enforce', 'enforce', 'shadow')
const allow = fc.oneof(
  fc.record({ match, effect: fc.constant('allow'), when: condition(FACTS), require }),
  fc.record({
    match,
    effect: fc.constant('allow'),
    when: condition(FACTS),
    unless: condition(['risk.at_least("critical")', ...REPORTED]),
  }),
)
/** A rule that only tightens. What asks for risk asks for a fresh login. */
export const tightening = fc.oneof(
  fc.record({
    match,
    effect: fc.constant('step_up'),
    when: condition(TIGHTENING),
    require: require.map((one) => ({ max_age: '3h', ...one })),
  }),
  fc.record({ match, effect: fc.constant('deny'), when: condition(TIGHTENING) }),
)
const rule = fc.oneof({ weight: 2, arbitrary: allow }, tightening)

/** Something that raises the risk. */
export const signal = fc.record({
  match,
  when: condition(SIGNALLING),
  score: fc.constantFrom(10, 40, 60),
})

/** Rules and signals without ids; `load` numbers them. */
export type Parts = { readonly rules: readonly object[]; readonly signals: readonly object[] }

/** Policies with everything enforced. */
export const parts: fc.Arbitrary<Parts> = fc.record({
  rules: fc.array(rule, { maxLength: 8 }),
  signals: fc.array(signal, { maxLength: 3 }),
})

/** Policies of which some parts are in shadow. */
export const shadowed: fc.Arbitrary<Parts> = fc.record({
  rules: fc.array(withMode(rule), { maxLength: 8 }),
  signals: fc.array(withMode(signal), { maxLength: 3 }),
})

function withMode(part: fc.Arbitrary<object>): fc.Arbitrary<object> {
  return fc.tuple(part, mode).map(([one, how]) => ({ ...one, mode: how }))
}

/** Mostly well; null is unavailable. */
const reported = fc.constantFrom(false, false, false, true, null)

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
        disabled: reported,
      },
      { requiredKeys: [] },
    ),
    { nil: undefined },
  ),
  session: fc.record(
    {
      level: fc.constantFrom(...LEVELS),
      auth_age: fc.constantFrom('1s', '30m', '2h', '10h'),
      single_use: fc.boolean(),
      revoked: reported,
    },
    { requiredKeys: [] },
  ),
})

/** The same without clauses on methods: those are not ordered by level. */
export function withoutMethods({ rules, signals }: Parts): Parts {
  const plain = rules.map((one) =>
    'require' in one && one.require ? { ...one, require: { ...one.require, amr: undefined } } : one,
  )
  return { rules: plain, signals }
}

/** Gives every part an id, in order. */
export function named({ rules, signals }: Parts): Parts {
  return {
    rules: rules.map((one, index) => ({ id: `r${index}`, ...one })),
    signals: signals.map((one, index) => ({ id: `s${index}`, ...one })),
  }
}

/** Compiles parts; `files` cuts the rules in so many files. */
export function compile(some: Parts, files = 1): CompiledPolicy {
  const { rules, signals } = plain(named(some))
  const share = Math.ceil(rules.length / files)
  const sources = Array.from({ length: files }, (_, at) => ({
    file: `${at}.yaml`,
    text: stringify({
      ...(at === 0 ? { ...FRAME, signals } : { version: 1 }),
      rules: rules.slice(at * share, (at + 1) * share),
    }),
  }))
  const { policy, issues } = loadPolicy(sources, { issuers: ['idp'], revision: 'r' })
  if (!policy) throw new Error(formatIssues(issues))
  return policy
}

/** Without what is undefined, as YAML has no word for it. */
function plain(some: Parts): Parts {
  return JSON.parse(JSON.stringify(some)) as Parts
}

export function decided(policy: CompiledPolicy, now: PartialSituation): Decision {
  const scenario = buildScenario(now, policy.ladder)
  if (scenario.kind !== 'scenario') throw new Error(JSON.stringify(scenario))
  return decideAsked(policy, scenario)
}

export function passes(policy: CompiledPolicy, now: PartialSituation): boolean {
  return decided(policy, now).outcome === 'allow'
}
