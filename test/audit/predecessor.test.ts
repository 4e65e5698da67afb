import assert from 'node:assert/strict'
import {
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, it } from 'node:test'
import { gzipSync } from 'node:zlib'
import { entry, fresh, linesOf, numbersIn, open, verify } from './support.ts'

describe('rotation while nobody wrote', () => {
  for (const suffix of ['.1', '-20261123', '.20261123T100000.000Z']) {
    it(`to ${suffix} is followed as well`, async () => {
      const path = fresh()
      for (const number of [1, 2]) {
        await written(path, number)
        if (number === 1) renameSync(path, `${path}${suffix}`)
      }
      const { broken, chains } = await verify(path, `${path}${suffix}`)
      assert.deepEqual([broken, chains.length, chains[0]?.end], [null, 1, 'stopped'])
      assert.deepEqual(numbersIn(`${path}${suffix}`, path), [1, 2])
    })
  }

  it('goes on from the file that was written last', async () => {
    const path = fresh()
    for (const [number, suffix] of [
      [1, '.9'],
      [2, '.1'],
      [3, ''],
    ] as const) {
      await written(path, number)
      if (suffix === '') continue
      renameSync(path, `${path}${suffix}`)
      utimesSync(`${path}${suffix}`, number, number)
    }
    const { broken, chains } = await verify(path, `${path}.1`, `${path}.9`)
    assert.deepEqual([broken, chains.length], [null, 1])
  })

  for (const [suffix, pack] of [
    ['.1.gz', gzipSync],
    ['.old', (bytes: Buffer) => bytes],
  ] as const) {
    it(`never goes on from a file older than ${suffix}`, async () => {
      const path = fresh()
      const names = [`${path}.2`, `${path}${suffix}`]
      for (const [at, name] of names.entries()) {
        await written(path, at)
        const bytes = readFileSync(path)
        rmSync(path)
        writeFileSync(name, at === 1 ? pack(bytes) : bytes)
        utimesSync(name, at + 1, at + 1)
      }
      await written(path, 2)
      const { broken, chains } = await verify(...names, path)
      assert.deepEqual([broken, chains.length], [null, 2])
    })
  }

  for (const [what, rotate, leave] of [
    ['moved away', () => {}, () => {}],
    ['replaced by an empty one', () => {}, (path: string) => writeFileSync(path, '')],
    [
      'moved away, and both from outside',
      (path: string) => renameSync(path, `${path}.1`),
      () => {},
    ],
  ] as const) {
    it(`never goes on from a file that another followed, where that was ${what}`, async () => {
      const path = fresh()
      const aside = await writtenInTwo(path, rotate)
      renameSync(path, `${dirname(path)}-archived`)
      leave(path)
      await written(path, 3)
      const before = join(dirname(path), aside)
      const { broken, chains, gaps } = await verify(before, `${dirname(path)}-archived`, path)
      assert.deepEqual([broken, chains.length], [null, 2])
      assert.deepEqual([linesOf(path)[0]?.begin, linesOf(path)[0]?.after], ['new', aside])
      const since = linesOf(before).at(-1)?.ts
      assert.deepEqual(
        gaps.map((gap) => [gap.cause, gap.count, gap.since]),
        [['moved-or-killed', null, since]],
      )
      assert.deepEqual(numbersIn(before, `${dirname(path)}-archived`, path), [1, 2, 3])
    })
  }

  it('goes on in a file whose first line was not finished', async () => {
    const path = fresh()
    const aside = await writtenInTwo(path, () => {})
    truncateSync(path, 60)
    await written(path, 3)
    const { broken, chains, repairs, gaps } = await verify(join(dirname(path), aside), path)
    assert.deepEqual([broken, chains.length, repairs[0]?.bytes], [null, 1, 60])
    assert.deepEqual(
      gaps.map(({ cause }) => cause),
      ['killed'],
    )
  })

  it('is followed past the files of somebody else', async () => {
    const path = fresh()
    for (const number of [1, 2]) {
      await written(path, number)
      if (number === 1) renameSync(path, `${path}.1`)
      writeFileSync(`${path}.1.sha256`, 'a sum\n')
    }
    const { broken, chains } = await verify(`${path}.1`, path)
    assert.deepEqual([broken, chains.length], [null, 1])
  })
})

async function written(path: string, number: number): Promise<void> {
  const { audit } = await open(path)
  audit.append(entry(number))
  await audit.stop()
}

/** Writes 1 to a file that is put aside, and 2 to the one that follows; the name of the first. */
async function writtenInTwo(path: string, rotate: (path: string) => void): Promise<string> {
  const { audit } = await open(path, { rotateBytes: 2000 })
  audit.append(entry(1, 1900))
  await audit.flush()
  rotate(path)
  audit.append(entry(2))
  await audit.flush()
  await audit.stop()
  const aside = readdirSync(dirname(path)).filter((name) => name.startsWith('audit.jsonl.'))
  assert.equal(aside.length, 1)
  return aside[0] ?? ''
}
