import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { verify } from '../audit/support.ts'
import { valueIn } from '../telemetry/exposition.ts'
import { startAuditWorld, until } from './audit-world.ts'
import { KINDS, load, OUTCOMES, POLICY, TIER } from './load.ts'

describe('the record of a service', () => {
  it('has every decision of a load run, by outcome and rule as many as the metric', async () => {
    await using world = await startAuditWorld(POLICY)
    await load(world, 30)
    const samples = await world.samples()
    const lines = await world.stop()
    const decisions = lines.filter(({ event }) => event === 'decision')
    assert.equal(decisions.length, KINDS.length * 30)
    const counted = samples.filter(
      ({ name, labels }) => name === 'stepgate_decisions_total' && labels.mode === 'enforce',
    )
    assert.deepEqual(new Set(counted.map(({ labels }) => labels.outcome)), new Set(OUTCOMES))
    for (const { labels, value } of counted) {
      const own = decisions.filter(
        ({ outcome, rule }) => outcome === labels.outcome && (rule ?? 'none') === labels.rule,
      )
      assert.equal(own.length, value, JSON.stringify(labels))
    }
    const recorded = valueIn(samples, 'stepgate_audit_records_total', { result: 'recorded' })
    assert.equal(recorded, decisions.length)
    assert.equal((await verify(world.file)).broken, null)
  })

  for (const [records, allows] of [
    ['challenged-and-denied', 30],
    ['{ sampled: 1 }', 120],
    ['{ sampled: 0 }', 30],
  ] as const) {
    it(`leaves out plain allows only, as ${records} says`, async () => {
      await using world = await startAuditWorld(POLICY, { audit: `  records: ${records}` })
      await load(world, 30)
      const samples = await world.samples()
      const outcomes = (await world.stop()).flatMap(({ event, outcome }) =>
        event === 'decision' ? [outcome] : [],
      )
      const count = (wanted: string) => outcomes.filter((one) => one === wanted).length
      assert.deepEqual(OUTCOMES.map(count), [allows, 30, 90, 60, 30])
      const skipped = valueIn(samples, 'stepgate_audit_records_total', { result: 'not-kept' })
      assert.equal(skipped, 120 - allows)
    })
  }

  it('tells how the service lived: start, policies, mistakes in them, and the end', async () => {
    await using world = await startAuditWorld(POLICY)
    world.writePolicy('version: 1\nrules: [{ id: x, efect: allow }]')
    await world.logged('policy-rejected')
    const lines = await world.stop()
    const told = lines.filter(({ event }) => event !== 'checkpoint')
    assert.deepEqual(
      told.map(({ event }) => event),
      ['file', 'start', 'keys-changed', 'policy-loaded', 'policy-rejected', 'stop'],
    )
    const [, start, keys, loaded, rejected, stop] = told
    assert.deepEqual([start?.version, start?.records], ['0.0.0', 'complete'])
    assert.equal(keys?.issuer, 'idp')
    const { policy } = loaded as { policy: Record<string, string> }
    assert.match(policy.digest ?? '', /^[0-9a-f]{64}$/)
    assert.ok(policy.digest?.startsWith(policy.revision ?? '-'))
    assert.deepEqual(rejected?.policy, { revision: policy.revision })
    assert.equal(stop?.reason, 'the test is over')
    const { seq, hash } = await world.logged('audit-checkpoint')
    assert.ok(lines.some((line) => line.seq === seq && line.hash === hash))
  })

  it('says what was considered, rule by rule, and shows no value of a caller', async () => {
    await using world = await startAuditWorld(POLICY)
    const { id } = await world.ask({ ...TIER, claims: { roles: ['clerk'] } })
    const lines = await world.stop()
    const line = lines.find(({ decision_id }) => decision_id === id)
    const hashed = /^[\w-]{8}:[\w-]{22}$/
    const { considered, params, path_template, path } = line as {
      considered: { inputs: Record<string, unknown> }[]
      params: Record<string, string>
      path_template: string
      path: null
    }
    assert.deepEqual([path_template, path], ['/v1/licenses/{license}/tier', null])
    assert.match(params.license ?? '', hashed)
    const [tier, read] = considered
    assert.deepEqual(
      { ...tier, inputs: Object.keys(tier?.inputs ?? {}) },
      {
        rule: 'big-tier',
        match: true,
        condition: true,
        inputs: ['request.body.seats', 'variables.manager', 'subject.roles'],
      },
    )
    const { 'variables.manager': manager, ...callers } = tier?.inputs ?? {}
    assert.equal(manager, false)
    for (const value of Object.values(callers)) assert.match(String(value), hashed)
    assert.deepEqual(read, {
      rule: 'read',
      match: true,
      condition: true,
      inputs: { 'subject.authenticated': true },
    })
    assert.ok(!JSON.stringify(line).match(/600\.25|"clerk"|["/]L-1|192\.0\.2\.7|"ada"/))
  })

  it('has no `considered` for a plain allow, and has one where the shadow would refuse', async () => {
    await using world = await startAuditWorld(POLICY)
    const plain = await world.ask({ path: '/v1/licenses' })
    const tried = await world.ask({ path: '/v1/shadow' })
    const lines = await world.stop()
    const consideredOf = ({ id }: { id: string }) =>
      lines.find(({ decision_id }) => decision_id === id)?.considered
    assert.equal(consideredOf(plain), null)
    assert.deepEqual(consideredOf(tried), [
      { rule: 'read', match: true, condition: true, inputs: { 'subject.authenticated': true } },
      { rule: 'later', match: true, condition: true, inputs: { 'request.method': 'GET' } },
    ])
  })

  it('keeps the text of each policy that decided, by its revision', async () => {
    await using world = await startAuditWorld(POLICY)
    const later = `${POLICY}  - { id: more, match: { paths: ["/more"] }, effect: allow }\n`
    world.writePolicy(later)
    await until(async () => (await world.ask({ path: '/more' })).said === 'allow' || undefined)
    await world.stop()
    const texts = readdirSync(world.policies).map((revision) =>
      readFileSync(join(world.policies, revision, '0-policy.yaml'), 'utf8'),
    )
    assert.deepEqual(texts.toSorted(), [POLICY, later].toSorted())
  })
})
