import assert from 'node:assert/strict'
import { appendFileSync, statSync, truncateSync } from 'node:fs'
import { describe, it } from 'node:test'
import { type Faults, faultyFs, systemError } from './faulty-fs.ts'
import { entry, fresh, numbersIn, open, verify } from './support.ts'

describe('a disk that', () => {
  for (const whenUnwritable of ['stop', 'go-on'] as const) {
    it(`is full: ${whenUnwritable}, and nothing that fitted the queue is lost`, async () => {
      const path = fresh()
      const faults: Faults = {}
      const { audit, problems, until } = await open(path, { fs: faultyFs(faults), whenUnwritable })
      audit.append(entry(1))
      await audit.flush()
      let room = 100
      faults.write = (length) => {
        if (room === 0) throw systemError('ENOSPC')
        const fits = Math.min(room, length)
        room -= fits
        return fits
      }
      const before = performance.now()
      audit.append(entry(2))
      await until('unwritable')
      assert.ok(performance.now() - before < 1000)
      assert.equal(audit.healthy(), whenUnwritable === 'go-on')
      assert.match(audit.problem()?.message ?? '', /ENOSPC/)
      audit.append(entry(3))
      assert.equal(await audit.flush(), false)
      faults.write = null
      await until(null)
      assert.equal(audit.healthy(), true)
      await audit.stop()
      assert.deepEqual(
        problems.map((problem) => problem?.kind),
        ['unwritable', undefined],
      )
      assert.deepEqual(numbersIn(path), [1, 2, 3])
      assert.equal((await verify(path)).broken, null)
    })
  }

  it('is full for long costs what does not fit, counted in a gap', async () => {
    const path = fresh()
    const faults: Faults = {}
    const { audit, until } = await open(path, {
      fs: faultyFs(faults),
      whenUnwritable: 'go-on',
      limits: { queueBytes: 2000 },
    })
    faults.write = () => {
      throw systemError('ENOSPC')
    }
    audit.append(entry(0))
    await until('unwritable')
    const taken = Array.from({ length: 50 }, (_, index) => audit.append(entry(index + 1)))
    const lost = taken.filter((isTaken) => !isTaken).length
    assert.ok(lost > 20 && lost < 50, String(lost))
    faults.write = null
    await until(null)
    audit.append(entry(99))
    await audit.stop()
    const { broken, gaps } = await verify(path)
    assert.equal(broken, null)
    assert.deepEqual([gaps.length, gaps[0]?.count, gaps[0]?.cause], [1, lost, 'queue-full'])
    assert.deepEqual(numbersIn(path), [...Array(51 - lost).keys(), 99])
  })

  it('is read-only from the start is a problem at once, and heals', async () => {
    const faults: Faults = {
      open: () => {
        throw systemError('EROFS')
      },
    }
    const path = fresh()
    const { audit, until } = await open(path, { fs: faultyFs(faults) })
    assert.equal(audit.problem()?.kind, 'unwritable')
    assert.equal(audit.healthy(), false)
    audit.append(entry(1))
    faults.open = null
    await until(null)
    await audit.stop()
    assert.deepEqual(numbersIn(path), [1])
  })

  it('does not answer is a problem within a second, and holds nobody up', async () => {
    const faults: Faults = {}
    const path = fresh()
    const { audit, until } = await open(path, {
      fs: faultyFs(faults),
      limits: { slowAfter: 300 },
    })
    const answers = Promise.withResolvers<void>()
    faults.datasync = () => answers.promise
    const before = performance.now()
    assert.ok(audit.append(entry(1)))
    await until('slow')
    assert.ok(performance.now() - before < 1000)
    assert.equal(audit.healthy(), false)
    assert.ok(audit.append(entry(2)))
    faults.datasync = null
    answers.resolve()
    await until(null)
    await audit.stop()
    assert.deepEqual(numbersIn(path), [1, 2])
  })

  it('takes as long for a write as the next entry takes to come is synced in time, and is no problem', async () => {
    const faults: Faults = {}
    const path = fresh()
    const { audit, problems } = await open(path, { fs: faultyFs(faults), syncEvery: 10 })
    const synced = Promise.withResolvers<number>()
    let writes = 0
    faults.write = (length) => {
      if (++writes < 3000) audit.append(entry(writes))
      else synced.resolve(writes)
      return length
    }
    faults.datasync = async () => synced.resolve(writes)
    audit.append(entry(0))
    const before = await synced.promise
    assert.ok(before < 3000, 'nothing was synced while entries came')
    faults.write = null
    await audit.stop()
    assert.deepEqual(problems, [])
    assert.deepEqual(numbersIn(path), [...Array(writes + 1).keys()].slice(0, 3000))
    assert.equal((await verify(path)).broken, null)
  })

  it('is too slow for what comes lets nothing through that it has no room for', async () => {
    const faults: Faults = {}
    const path = fresh()
    const limits = { queueBytes: 4000 }
    const { audit, until } = await open(path, { fs: faultyFs(faults), limits })
    const answers = Promise.withResolvers<void>()
    const begun = Promise.withResolvers<void>()
    faults.datasync = () => {
      begun.resolve()
      return answers.promise
    }
    let number = 0
    assert.ok(audit.append(entry(number++)))
    await begun.promise
    while (number < 1000 && audit.healthy()) assert.ok(audit.append(entry(number++)))
    assert.equal(audit.healthy(), false)
    for (const _ of ['in', 'flight']) assert.ok(audit.append(entry(number++)))
    while (audit.append(entry(-1)));
    faults.datasync = null
    answers.resolve()
    await until(null)
    assert.ok(audit.append(entry(number++)))
    await audit.stop()
    const numbers = numbersIn(path).filter((one) => one !== -1)
    assert.deepEqual(numbers, [...Array(number).keys()])
    const { broken, gaps } = await verify(path)
    assert.deepEqual([broken, gaps.map(({ count }) => count)], [null, [1]])
  })

  it('fails to sync gets what was not safe once more', async () => {
    const faults: Faults = {}
    const path = fresh()
    const { audit, until } = await open(path, { fs: faultyFs(faults) })
    audit.append(entry(1))
    await audit.flush()
    const safe = statSync(path).size
    faults.datasync = async () => {
      // As when pages are lost: other bytes stand where the line was.
      truncateSync(path, safe)
      appendFileSync(path, Buffer.alloc(10))
      throw systemError('EIO')
    }
    audit.append(entry(2))
    assert.equal(await audit.flush(), false)
    faults.datasync = null
    await until(null)
    assert.ok(await audit.flush())
    await audit.stop()
    assert.deepEqual(numbersIn(path), [1, 2])
    assert.equal((await verify(path)).broken, null)
  })
})
