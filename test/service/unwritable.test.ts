import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { systemError } from '../audit/faulty-fs.ts'
import { verify } from '../audit/support.ts'
import { valueIn } from '../telemetry/exposition.ts'
import { startAuditWorld, until } from './audit-world.ts'
import { KINDS, load, POLICY } from './load.ts'

describe('while the record cannot be written', () => {
  const full = () => {
    throw systemError('ENOSPC')
  }

  it('nothing is decided, which metric, log, readiness and health say within a second', async () => {
    await using world = await startAuditWorld(POLICY)
    const first = await world.ask({ path: '/open' })
    assert.equal(first.said, 'allow')
    assert.equal(await world.health(), 'SERVING')
    await until(() => readFileSync(world.file, 'utf8').includes(first.id) || undefined)
    world.faults.write = full
    const since = performance.now()
    const before = await world.ask({ path: '/open' })
    const { kind, reason } = await world.logged('audit-problem')
    assert.ok(performance.now() - since < 1000)
    assert.deepEqual([before.said, kind], ['allow', 'unwritable'])
    assert.match(String(reason), /ENOSPC/)
    const refused = await Promise.all(KINDS.map(([asked]) => world.ask(asked)))
    assert.deepEqual(
      refused.filter(({ said }) => said === 'allow'),
      [],
    )
    assert.equal(refused[0]?.said, 'audit-unavailable')
    assert.equal(valueIn(await world.samples(), 'stepgate_audit_up'), 0)
    const page = await world.admin('/readyz')
    assert.equal(page.status, 503)
    assert.match(page.text, /"audit":\{"problem":"unwritable","reason":"cannot write.*ENOSPC/)
    assert.equal(await world.health(), 'NOT_SERVING')
    world.faults.write = null
    await world.logged('audit-well')
    assert.equal((await world.ask({ path: '/open' })).said, 'allow')
    assert.equal((await world.admin('/readyz')).status, 200)
    assert.equal(await world.health(), 'SERVING')
    const samples = await world.samples()
    const ids = (await world.stop()).map(({ decision_id }) => decision_id)
    for (const { id } of [before, ...refused]) assert.ok(ids.includes(id))
    assert.equal(
      valueIn(samples, 'stepgate_audit_records_total', { result: 'recorded' }),
      ids.filter((id) => id !== undefined).length,
    )
    assert.equal((await verify(world.file)).broken, null)
  })

  it('requests are answered where the settings say go-on, and it is said all the same', async () => {
    await using world = await startAuditWorld(POLICY, { audit: '  when_unwritable: go-on' })
    world.faults.write = full
    await world.ask({ path: '/open' })
    await world.logged('audit-problem')
    await load(world, 2)
    assert.equal(valueIn(await world.samples(), 'stepgate_audit_up'), 0)
    const page = await world.admin('/readyz')
    assert.equal(page.status, 200)
    assert.match(page.text, /"audit":\{"problem":"unwritable","reason":"cannot write.*ENOSPC/)
    assert.equal(await world.health(), 'SERVING')
    world.faults.write = null
    await world.logged('audit-well')
    const lines = await world.stop()
    assert.equal(lines.filter(({ event }) => event === 'decision').length, KINDS.length * 2 + 1)
    assert.equal((await verify(world.file)).broken, null)
  })
})
