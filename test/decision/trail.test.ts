import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { open } from '../../src/decision/decide.ts'
import type { Decision } from '../../src/domain/decision.ts'
import { NO_FACTS } from '../../src/domain/facts.ts'
import { isPlainAllow } from '../../src/domain/plain-allow.ts'
import type { ConsideredRule, Trail } from '../../src/domain/trail.ts'
import { loadPolicy } from '../../src/policy/load.ts'
import { type AskedScenario, buildScenario } from '../../src/scenario/scenario.ts'
import type { PartialSituation } from '../../src/scenario/scenario-schema.ts'
import { compile, shadowed, situation } from '../support/random-policies.ts'

type Policy = ReturnType<typeof compile>

function asked(policy: Policy, now: PartialSituation): AskedScenario {
  const scenario = buildScenario(now, policy.ladder)
  return scenario.kind === 'scenario' ? scenario : assert.fail(JSON.stringify(scenario))
}

/** Decides, and tells how that came about. */
function told(policy: Policy, scenario: AskedScenario): { decision: Decision; trail: Trail } {
  const opened = open(policy, scenario)
  const proposal = opened.decide(NO_FACTS)
  const decision =
    proposal.settlement === null ? proposal.decision : proposal.conclude('challenged')
  return { decision, trail: opened.trail(decision) }
}

function policyOf(rules: string): Policy {
  const text = `version: 1
inputs: { body: { seats: number, note: string }, claims: { department: string } }
variables: { big: request.body.seats > 500.0, who: subject.id }
rules: [${rules}]`
  const { policy, issues } = loadPolicy([{ file: 'p.yaml', text }], { issuers: [], revision: 'r' })
  return policy ?? assert.fail(JSON.stringify(issues))
}

/** What is undecided is indeterminate, what applied was not false, and comes first. */
function agree({ indeterminate, rules }: Decision, considered: readonly ConsideredRule[]): void {
  const conditions = new Map(considered.map(({ rule, condition }) => [rule, condition]))
  for (const { rule } of indeterminate)
    assert.equal(conditions.get(rule) ?? 'indeterminate', 'indeterminate')
  for (const rule of rules) assert.notEqual(conditions.get(rule) ?? false, false)
  const first = considered.slice(0, rules.length).map(({ rule }) => rule)
  assert.deepEqual(first.toSorted(), rules)
}

describe('how a decision came about', () => {
  it('agrees with the decision, for every policy and request', () => {
    fc.assert(
      fc.property(shadowed, situation, (some, now) => {
        const policy = compile(some)
        const { decision, trail } = told(policy, asked(policy, now))
        assert.equal(trail.considered === null, isPlainAllow(decision))
        if (trail.considered !== null) agree(decision, trail.considered)
      }),
      { numRuns: 200 },
    )
  })

  it('names the template and what it captured, of the rule that is reported', () => {
    const policy = policyOf(
      '{ id: a, match: { paths: ["/v1/{kind}/{id}"] }, effect: allow }, { id: b, match: { paths: ["/x/{id}", "/v1/*/{id}"] }, effect: deny }',
    )
    const { decision, trail } = told(policy, asked(policy, { request: { path: '/v1/a%20b/L-1/' } }))
    assert.deepEqual([decision.outcome, decision.rule], ['deny', 'b'])
    assert.deepEqual([trail.pathTemplate, trail.params], ['/v1/*/{id}', { id: 'L-1' }])
  })

  it('tells the inputs as the conditions saw them, and of those that are many things nothing', () => {
    const policy = policyOf(
      `{ id: a, when: 'variables.big || request.headers["x-a"][0] == variables.who || size(request.headers) > 3 || subject.roles == ["r"]', unless: 'subject.claims.department == "it" || request.time < timestamp("2020-01-01T00:00:00Z")', effect: deny }`,
    )
    const now = {
      now: '2026-11-23T10:00:00Z',
      request: { path: '/', headers: { 'x-a': 'b' }, body: { seats: 7 } },
      subject: { id: 'ada' },
    }
    const { trail } = told(policy, asked(policy, now))
    assert.deepEqual(trail.considered, [
      {
        rule: 'a',
        match: true,
        condition: 'indeterminate',
        inputs: {
          'variables.big': false,
          'request.body.seats': 7,
          'request.headers.x-a': ['b'],
          'variables.who': 'ada',
          'subject.id': 'ada',
          'request.headers': undefined,
          'subject.roles': null,
          'subject.claims.department': null,
          'request.time': '2026-11-23T10:00:00.000Z',
        },
      },
    ])
  })

  it('is nothing where no rule was asked', () => {
    const policy = policyOf('{ id: a, effect: allow }')
    const scenario = asked(policy, {})
    const rejected = { ...scenario, identity: { kind: 'rejected', problem: 'expired' } } as const
    const { trail } = told(policy, rejected)
    assert.deepEqual(trail, { pathTemplate: null, params: {}, device: null, considered: null })
  })

  it('looks at nothing before it is asked, and of a plain allow at no value', () => {
    const policy = policyOf(
      '{ id: a, when: \'size(request.headers["x-a"]) == 0\', effect: allow }, { id: b, when: \'request.body.note == "x"\', effect: deny }',
    )
    const scenario = asked(policy, { request: { path: '/', body: { note: 'y' } } })
    let reads = 0
    const headers = new Proxy(new Map([['x-a', [] as string[]]]), {
      get: (map, name) => {
        reads++
        const value: unknown = Reflect.get(map, name)
        return typeof value === 'function' ? value.bind(map) : value
      },
    })
    const request = { ...scenario.request, headers }
    const opened = open(policy, { ...scenario, request })
    const proposal = opened.decide(NO_FACTS)
    assert.ok(proposal.settlement === null)
    const { decision } = proposal
    const before = reads
    opened.trail({ ...decision, outcome: 'allow', indeterminate: [] } as Decision)
    assert.equal(reads, before)
    opened.trail({ ...decision, outcome: 'deny' } as Decision)
    assert.ok(reads > before)
  })
})
