import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { CompiledPolicy } from '../../src/policy/compiled-policy.ts'
import type { Condition } from '../../src/policy/expression/condition.ts'
import { decideAsked } from '../../src/scenario/decide-scenario.ts'
import { buildScenario } from '../../src/scenario/scenario.ts'
import { policyOf } from './support.ts'

let slowest = 0
const policy = timed(
  policyOf(`version: 1
assurance:
  - { level: password, acr: { idp: [pwd] }, amr: [[pwd]] }
  - { level: mfa, acr: { idp: [mfa] }, amr: [[pwd, otp]], max_age: 8h }
inputs:
  body: { seats: number, tier: string, urgent: bool, tags: list<string>, sizes: list<number> }
  claims: { department: string, suspended: bool, limit: number, teams: list<string> }
networks: { corporate: [10.0.0.0/8] }
schedules: { office: { timezone: Europe/Berlin, days: mon-fri, hours: "08:00-18:00" } }
variables:
  big: request.body.seats * 2 > 500 || size(request.body.tags) > 3
  insider: '"corporate" in source.networks && subject.claims.department != "sales"'
signals:
  - { id: robot, when: subject.workload || subject.id.matches("^(svc-)?(a|b)+$"), score: 30 }
  - { id: night, when: '!("office" in request.schedules)', score: 30 }
risk: { levels: { high: 50 } }
rules:
  - { id: read, when: subject.authenticated && !subject.claims.suspended, effect: allow }
  - { id: big, when: variables.big, effect: step_up, require: { level: mfa, max_age: 5m } }
  - { id: tags, when: 'request.body.tags.exists(t, t.startsWith("x") && t in subject.claims.teams)', effect: deny }
  - { id: sizes, when: 'request.body.sizes.all(s, s > subject.claims.limit)', effect: deny }
  - { id: tier, when: 'request.body.tier.matches("^enter.*(prise|price)$")', effect: deny }
  - { id: urgent, when: 'has(request.body.urgent) ? request.body.urgent && !variables.insider : false', effect: deny }
  - { id: old, when: 'session.auth_age > duration("1h") && risk.at_least("high")', effect: deny }
  - { id: odd, when: 'request.body.tier.split(",").size() > 3 || request.headers["x-a"][0] == "b"', effect: deny }
  - { id: parts, when: request.body.tier.lowerAscii().contains("free") && bucket(subject.id) < 10, effect: deny }
`),
)

const ROUNDS = 1000
const A_ROUND = 100

suite('an expression costs the same on the first request and on the last', () => {
  test('over 100,000 bodies and claims of every shape the heap stays flat, and none takes long', () => {
    const random = generator(20261123)
    for (let round = 0; round < 100; round++) slowestOf(random)
    const before = heapUsed()
    const rounds = Array.from({ length: ROUNDS }, () => slowestOf(random))
    const grown = heapUsed() - before
    // Garbage collection, or other work of the machine, falls into many rounds; an expression that is slow on one
    // shape is slow in nearly every round.
    const usual = undisturbed(rounds)
    assert.ok(usual < 1, `in a hundred requests the slowest takes ${usual} ms`)
    // One type or text kept for each body would be tens of megabytes.
    assert.ok(grown < 2_000_000, `${grown} bytes are kept`)
  })
})

type Made = Extract<ReturnType<typeof buildScenario>, { kind: 'scenario' }>

/** Milliseconds of the slowest evaluation in a hundred decisions, each on a request never seen before. */
function slowestOf(random: () => number): number {
  slowest = 0
  for (let i = 0; i < A_ROUND; i++) {
    const made = situation(random)
    assert.notEqual(decideAsked(policy, made).outcome, 'fault')
  }
  return slowest
}

/** The same policy, its conditions with a watch on them. */
function timed(compiled: CompiledPolicy): CompiledPolicy {
  const watch = <T extends { readonly condition: Condition }>(one: T): T => ({
    ...one,
    condition: (roots) => {
      const start = performance.now()
      const verdict = one.condition(roots)
      slowest = Math.max(slowest, performance.now() - start)
      return verdict
    },
  })
  const risk = { ...compiled.risk, signals: compiled.risk.signals.map(watch) }
  return { ...compiled, rules: compiled.rules.map(watch), risk }
}

function situation(random: () => number): Made {
  const made = buildScenario(
    {
      now: '2026-11-23T10:00:00Z',
      request: {
        method: 'PUT',
        path: `/v1/licenses/${Math.floor(random() * 1e9)}`,
        body: bodyText(random),
        headers: { 'content-type': 'application/json', 'x-a': 'b' },
      },
      source: { ip: `10.0.0.${Math.floor(random() * 250)}` },
      subject: { id: `svc-${'ab'.repeat(random() * 20)}`, roles: ['boss'], claims: claims(random) },
      session: { level: 'mfa', auth_age: '2h' },
    },
    policy.ladder,
  )
  if (made.kind !== 'scenario') throw new Error(JSON.stringify(made))
  return made
}

function claims(random: () => number): Record<string, unknown> {
  return {
    department: json(random, 2),
    suspended: json(random, 1),
    limit: json(random, 1),
    teams: json(random, 3),
    [`c${random()}`]: json(random, 3),
  }
}

/** Mostly an object with the declared fields, now and then what only an attacker sends. */
function bodyText(random: () => number): string {
  const fields = ['seats', 'tier', 'urgent', 'tags', 'sizes', `f${random()}`]
  const of = (depth: number) =>
    fields.map((name) => `"${name}":${JSON.stringify(json(random, depth))}`)
  const usual = [
    () => `{${of(2).join(',')}}`,
    () => `{${of(1).join(',')}}`,
    () => `{"seats":${random() * 1000},"tier":"enter${'p'.repeat(random() * 500)}","sizes":[1,2]}`,
    () => `{"seats":${'['.repeat(30 * random())}${random()}`,
    () => `{"seats":1,"Seats":${random()}}`,
    () => JSON.stringify(json(random, 4)),
  ]
  const rare = [
    () => '['.repeat(4000) + ']'.repeat(4000),
    () => `{"seats":1e${Math.floor(random() * 400)},"tags":[${Array(1000).fill('"x"').join()}]}`,
    () => `{"seats":501,"tags":[${Array(250).fill('"x"').join()}]}`,
  ]
  const kinds = random() < 0.05 ? rare : usual
  return kinds[Math.floor(random() * kinds.length)]?.() ?? ''
}

function json(random: () => number, depth: number): unknown {
  const kinds = [
    () => null,
    () => random() < 0.5,
    () => Math.floor(random() * 1000),
    () => random() * 1e18,
    () => String(random()),
    () => 'enterprise',
    () => Array.from({ length: random() * 5 }, () => json(random, depth - 1)),
    () =>
      Object.fromEntries(
        Array.from({ length: random() * 4 }, () => [
          `k${Math.floor(random() * 1e6)}`,
          json(random, depth - 1),
        ]),
      ),
  ]
  return kinds[Math.floor(random() * (depth > 0 ? kinds.length : 6))]?.()
}

/** Mulberry32: numbers from 0 to 1 that are the same in each run. */
function generator(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

function heapUsed(): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  collect()
  return process.memoryUsage().heapUsed
}

function undisturbed(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 10)] ?? Number.NaN
}
