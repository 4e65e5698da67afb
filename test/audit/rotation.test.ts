import assert from 'node:assert/strict'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import * as promises from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { faultyFs, systemError } from './faulty-fs.ts'
import { entry, eventsIn, fresh, linesOf, numbersIn, open, verify } from './support.ts'

describe('rotation', () => {
  it('follows a rename, and the chain goes on', async () => {
    const path = fresh()
    const { audit, problems } = await open(path)
    audit.append(entry(1))
    await audit.flush()
    renameSync(path, `${path}.1`)
    audit.append(entry(2))
    await audit.flush()
    assert.equal(linesOf(path)[0]?.prev, linesOf(`${path}.1`).at(-1)?.hash)
    renameSync(path, `${path}.2`)
    writeFileSync(path, '')
    audit.append(entry(3))
    await audit.stop()
    const moved = [`${path}.1`, `${path}.2`, path]
    assert.deepEqual(numbersIn(...moved), [1, 2, 3])
    const { broken, chains } = await verify(...moved.toReversed())
    assert.deepEqual([broken, chains.length, chains[0]?.begin], [null, 1, 'start'])
    assert.deepEqual(problems, [])
  })

  it('by size gives each file a name of its own', async () => {
    const path = fresh()
    const { audit } = await open(path, { rotateBytes: 4000, now: () => 1_795_000_000_000 })
    for (let number = 0; number < 40; number++) {
      audit.append(entry(number, 200))
      if (number % 5 === 0) await audit.flush()
    }
    await audit.stop()
    const folder = join(path, '..')
    const names = readdirSync(folder)
    assert.ok(names.length >= 3, names.join())
    const { broken, chains, files } = await verify(...names.map((name) => join(folder, name)))
    assert.deepEqual([broken, chains.length, chains[0]?.end], [null, 1, 'stopped'])
    assert.deepEqual(numbersIn(...files.map(({ file }) => file)), Array.from(Array(40).keys()))
    assert.equal(linesOf(files[0]?.file ?? '').at(-1)?.cause, 'rotated')
    assert.ok(existsSync(join(folder, String(linesOf(files[1]?.file ?? '')[0]?.after))))
  })

  for (const [name, take, begin] of [
    ['removed', (path: string) => rmSync(path), 'removed'],
    ['cut off', (path: string) => truncateSync(path), 'emptied'],
  ] as const) {
    it(`goes on in the same chain when the file was ${name}, and says so`, async () => {
      const path = fresh()
      const { audit } = await open(path)
      audit.append(entry(1))
      await audit.flush()
      take(path)
      audit.append(entry(2))
      assert.ok(await audit.flush())
      await audit.stop()
      assert.equal(linesOf(path)[0]?.begin, begin)
      const { broken, chains } = await verify(path)
      assert.deepEqual([broken, chains[0]?.begin], [null, 'middle'])
    })
  }

  it('never goes on in another record that came to stand at the path', async () => {
    const [path, other] = [fresh(), fresh()]
    await (await open(other)).audit.stop()
    const { audit, until } = await open(path)
    renameSync(path, `${path}.1`)
    copyFileSync(other, path)
    audit.append(entry(1))
    for (let attempt = 0; attempt < 2; attempt++) {
      assert.equal(await audit.flush(), false)
      assert.match(audit.problem()?.message ?? '', /another record than the one written so far/)
    }
    assert.deepEqual(readFileSync(path), readFileSync(other))
    renameSync(path, `${path}.other`)
    await until(null)
    await audit.stop()
    assert.deepEqual(numbersIn(path), [1])
    assert.equal((await verify(`${path}.1`, path)).broken, null)
  })

  it('that is not possible is a problem, and the file does not grow by it', async () => {
    const path = fresh()
    let isStuck = true
    const rename: typeof promises.rename = async (from, to) => {
      if (isStuck) throw systemError('EROFS')
      return promises.rename(from, to)
    }
    const { audit, until } = await open(path, {
      fs: { ...faultyFs({}), rename },
      rotateBytes: 2000,
    })
    audit.append(entry(1, 2000))
    assert.ok(await audit.flush())
    audit.append(entry(2))
    for (let attempt = 0; attempt < 5; attempt++) assert.equal(await audit.flush(), false)
    assert.equal(audit.problem()?.kind, 'unwritable')
    assert.deepEqual(eventsIn(path), ['file', 'checkpoint', 'decision', 'checkpoint'])
    isStuck = false
    await until(null)
    await audit.stop()
    assert.deepEqual(numbersIn(path), [2])
  })

  it('tells of a folder that cannot be made for want of an answer', async () => {
    const never = new Promise<undefined>(() => {})
    const fs = { ...faultyFs({}), mkdir: (() => never) as typeof promises.mkdir }
    const { audit, until } = await open(fresh(), { fs, limits: { slowAfter: 20 } })
    await until('slow')
    assert.equal(audit.healthy(), false)
  })

  it('tells of a folder that has vanished without being asked, and heals', async () => {
    const path = fresh()
    const { audit, until } = await open(path)
    audit.append(entry(1))
    await audit.flush()
    renameSync(join(path, '..'), `${join(path, '..')}-gone`)
    const before = performance.now()
    await until('unwritable')
    assert.ok(performance.now() - before < 1000)
    assert.equal(audit.healthy(), false)
    audit.append(entry(2))
    mkdirSync(join(path, '..'))
    await until(null)
    await audit.stop()
    assert.deepEqual(numbersIn(path), [2])
  })
})
