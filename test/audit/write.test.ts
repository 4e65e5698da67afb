import assert from 'node:assert/strict'
import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { faultyFs } from './faulty-fs.ts'
import { entry, eventsIn, fresh, linesOf, numbersIn, open, verify } from './support.ts'

describe('an audit file', () => {
  it('begins with its chain, and ends with a checkpoint', async () => {
    const path = fresh()
    const { audit, heads } = await open(path)
    for (const number of [1, 2, 3]) assert.ok(audit.append(entry(number)))
    assert.ok(await audit.flush())
    assert.deepEqual(numbersIn(path), [1, 2, 3])
    await audit.stop()
    assert.deepEqual(eventsIn(path), [
      'file',
      'checkpoint',
      ...Array(3).fill('decision'),
      'checkpoint',
    ])
    const { broken, chains, checkpoints } = await verify(path)
    assert.equal(broken, null)
    assert.equal(chains[0]?.end, 'stopped')
    assert.equal(checkpoints.genuine, 2)
    assert.deepEqual(heads.at(-1)?.hash, linesOf(path).at(-2)?.hash)
    assert.deepEqual([audit.append(entry(4)), await audit.flush()], [false, false])
    await audit.stop()
    assert.equal(statSync(path).mode & 0o777 & 0o027, 0)
  })

  it('syncs by itself, within the time that is set', async () => {
    const synced = Promise.withResolvers<void>()
    const path = fresh()
    let armed = false
    const datasync = async () => {
      if (armed) synced.resolve()
    }
    const { audit } = await open(path, { fs: faultyFs({ datasync }), syncEvery: 30 })
    armed = true
    const before = performance.now()
    audit.append(entry(1))
    await synced.promise
    assert.ok(performance.now() - before < 500)
    assert.deepEqual(numbersIn(path), [1])
    await audit.stop()
  })

  it('is continued by the next process, in the same chain', async () => {
    const path = fresh()
    for (const number of [1, 2]) {
      const { audit } = await open(path)
      audit.append(entry(number))
      await audit.stop()
    }
    const { broken, chains, gaps } = await verify(path)
    assert.deepEqual([broken, chains.length, gaps], [null, 1, []])
    assert.deepEqual(numbersIn(path), [1, 2])
  })

  for (const [name, damage, bytes] of [
    ['a torn line', '{"v":1,"event":"decision","ts":"2026', 36],
    ['a torn line without sense', '\0\0\0\0', 4],
  ] as const) {
    it(`is repaired of ${name}, and says so`, async () => {
      const path = fresh()
      const first = await open(path)
      first.audit.append(entry(1))
      await first.audit.flush()
      const killed = readFileSync(path)
      await first.audit.stop()
      writeFileSync(path, killed)
      appendFileSync(path, damage)
      const { audit } = await open(path)
      audit.append(entry(2))
      await audit.stop()
      const { broken, repairs, gaps } = await verify(path)
      assert.equal(broken, null)
      assert.equal(repairs[0]?.bytes, bytes)
      assert.deepEqual([gaps[0]?.cause, gaps[0]?.count], ['killed', null])
      assert.deepEqual(numbersIn(path), [1, 2])
    })
  }

  it('loses nothing of a last line that lacks its line feed only', async () => {
    const path = fresh()
    const first = await open(path)
    first.audit.append(entry(1))
    await first.audit.stop()
    truncateSync(path, statSync(path).size - 1)
    const { audit } = await open(path)
    await audit.stop()
    const { broken, repairs, gaps } = await verify(path)
    assert.deepEqual([broken, repairs, gaps], [null, [], []])
  })

  it('begins anew where only a torn first line was there', async () => {
    const path = fresh()
    mkdirSync(join(path, '..'))
    writeFileSync(path, '{"v":1,"event":"file","ts":"2026-')
    const { audit } = await open(path)
    await audit.stop()
    const { broken, repairs } = await verify(path)
    assert.deepEqual([broken, repairs.length], [null, 1])
  })

  it('is put aside untouched where its last line was changed', async () => {
    const path = fresh()
    const first = await open(path)
    await first.audit.stop()
    const changed = readFileSync(path, 'utf8').replace(/"count":2/, '"count":3')
    writeFileSync(path, changed)
    const { audit } = await open(path)
    await audit.stop()
    const aside = readdirSync(join(path, '..')).find((name) => name.includes('.damaged-')) ?? ''
    assert.equal(readFileSync(join(path, '..', aside), 'utf8'), changed)
    assert.equal(linesOf(path)[0]?.begin, 'damaged')
    assert.equal((await verify(path)).broken, null)
    assert.equal((await verify(join(path, '..', aside))).broken?.what, 'changed')
  })

  it('is never mixed with the file of somebody else', async () => {
    const path = fresh()
    mkdirSync(join(path, '..'))
    writeFileSync(path, 'dear diary\n')
    const { audit, until } = await open(path)
    assert.match(audit.problem()?.message ?? '', /is no audit record: move it away/)
    audit.append(entry(1))
    assert.equal(await audit.flush(), false)
    assert.equal(readFileSync(path, 'utf8'), 'dear diary\n')
    renameSync(path, `${path}.diary`)
    await until(null)
    assert.ok(await audit.flush())
    assert.deepEqual(numbersIn(path), [1])
    await audit.stop()
  })

  it('stops where another process writes to it too', async () => {
    const path = fresh()
    const one = await open(path)
    const two = await open(path)
    two.audit.append(entry(2))
    await two.audit.flush()
    one.audit.append(entry(1))
    assert.equal(await one.audit.flush(), false)
    assert.match(one.audit.problem()?.message ?? '', /somebody else writes to/)
    assert.equal(one.audit.healthy(), false)
    await two.audit.stop()
    assert.equal((await verify(path)).broken, null)
    await assert.rejects(one.audit.stop())
  })

  it('signs at every so many lines', async () => {
    const path = fresh()
    const { audit } = await open(path, { limits: { checkpointRecords: 5 } })
    for (let number = 0; number < 20; number++) {
      audit.append(entry(number))
      if (number % 4 === 3) await audit.flush()
    }
    await audit.stop()
    const { checkpoints, broken } = await verify(path)
    assert.equal(broken, null)
    assert.ok(checkpoints.genuine >= 4, String(checkpoints.genuine))
  })

  it('signs when time has passed', async () => {
    const path = fresh()
    const clock = { now: 0 }
    const { audit } = await open(path, { clock: () => clock.now })
    audit.append(entry(1))
    clock.now = 61_000
    await audit.flush()
    assert.equal(linesOf(path).at(-1)?.cause, 'time')
    await audit.stop()
  })
})
