import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { startAuditWorld, until } from './audit-world.ts'
import { KINDS, load, POLICY, TIER } from './load.ts'

const BEARER = { authorization: 'Bearer an-admin-token-of-tests' }

describe('the admin port of a service', () => {
  it('shows the policy, and what is wrong with the newest version of it', async () => {
    await using world = await startAuditWorld(POLICY)
    const before = JSON.parse((await world.admin('/policy')).text)
    assert.match(before.revision, /^[0-9a-f]{12}$/)
    assert.deepEqual([before.rules, before.signals, before.rejected], [6, 0, null])
    world.writePolicy('version: 1\nrules: [{ id: x, efect: allow }]')
    await world.logged('policy-rejected')
    const { rejected, ...current } = JSON.parse((await world.admin('/policy')).text)
    assert.deepEqual({ ...current, rejected: null }, before)
    assert.deepEqual(
      rejected.issues.map(({ code, line }: Record<string, unknown>) => [code, line]),
      [['unknown-key', 2]],
    )
  })

  it('shows the last decisions, the newest first, without what callers wrote', async () => {
    await using world = await startAuditWorld(POLICY)
    await load(world, 2)
    const { id } = await world.ask({ ...TIER, claims: { roles: ['clerk'] } })
    const page = await world.admin('/decisions')
    const { decisions } = JSON.parse(page.text)
    assert.equal(decisions.length, KINDS.length * 2 + 1)
    const [last] = decisions
    assert.deepEqual(
      [last.decision_id, last.outcome, last.rule, last.reason],
      [id, 'step_up', 'big-tier', 'insufficient_user_authentication'],
    )
    assert.equal(last.path, '/v1/licenses/{license}/tier')
    const [tier] = last.considered
    assert.deepEqual(
      [tier.rule, tier.condition, tier.inputs['request.body.seats']],
      ['big-tier', true, 'hidden'],
    )
    assert.doesNotMatch(page.text, /600\.25|secret|"ada"|192\.0\.2|clerk/)
  })

  it('finds decisions by id, outcome and rule, and says what it can be asked', async () => {
    await using world = await startAuditWorld(POLICY)
    await load(world, 3)
    const { id } = await world.ask(TIER)
    const found = async (query: string) => {
      const { decisions } = JSON.parse((await world.admin(`/decisions?${query}`)).text)
      return decisions.map(({ outcome }: Record<string, unknown>) => outcome)
    }
    assert.deepEqual(await found(`id=${id}`), ['step_up'])
    assert.deepEqual(await found(`id=urn:uuid:${id}`), ['step_up'])
    assert.deepEqual(await found('outcome=deny&limit=2'), ['deny', 'deny'])
    assert.deepEqual(await found('rule=hr-only'), ['deny', 'deny', 'deny'])
    assert.deepEqual(await found('rule=hr-only&outcome=allow'), [])
    for (const query of ['outcom=deny', 'limit=0', 'limit=x'])
      assert.equal((await world.admin(`/decisions?${query}`)).status, 400)
  })

  it('keeps so many decisions, and plain allows push out nothing else', async () => {
    await using world = await startAuditWorld(POLICY)
    const { id } = await world.ask(TIER)
    for (let round = 0; round < 12; round++) {
      await Promise.all(Array.from({ length: 25 }, () => world.ask({ path: '/v1/licenses' })))
    }
    const { decisions } = JSON.parse((await world.admin('/decisions')).text)
    assert.equal(decisions.length, 101)
    assert.equal(decisions.at(-1).decision_id, id)
  })

  it('asks for the token, where there is one, of all but probes', async () => {
    await using world = await startAuditWorld(POLICY, { admin: ', token: env:TOKEN' })
    for (const path of ['/metrics', '/policy', '/decisions', '/nothing']) {
      for (const headers of [{}, { authorization: 'Bearer another-token-of-tests' }])
        assert.equal((await world.admin(path, headers)).status, 401)
      const status = path === '/nothing' ? 404 : 200
      assert.equal((await world.admin(path, BEARER)).status, status)
    }
    for (const path of ['/livez', '/readyz']) assert.equal((await world.admin(path)).status, 200)
  })

  it('says so where others can reach it and there is no token, or it would be sent in the clear', async () => {
    for (const [admin, lacks] of [
      ['', 'token'],
      [', token: env:TOKEN', 'tls'],
    ] as const) {
      await using world = await startAuditWorld(POLICY, { admin, host: '0.0.0.0' })
      assert.equal((await world.logged('admin-open')).lacks, lacks)
    }
    await using loopback = await startAuditWorld(POLICY)
    await until(async () => ((await loopback.admin('/readyz')).status === 200 ? true : undefined))
    assert.equal(
      loopback.lines().some(({ event }) => event === 'admin-open'),
      false,
    )
  })
})
