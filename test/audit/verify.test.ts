import assert from 'node:assert/strict'
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, it } from 'node:test'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { createSignatureCheck } from '../../src/audit/signer.ts'
import { verifyFiles } from '../../src/audit/verify.ts'
import { entry, fresh, open, PUBLIC_PEM, verify } from './support.ts'
import { changed, lines, verifyLines, whole } from './written.ts'

/** A position among the lines. */
const index = fc.nat({ max: 14 })

describe('verification finds', () => {
  it('any byte that is another', async () => {
    const bytes = readFileSync(whole)
    const property = fc.asyncProperty(
      fc.nat({ max: bytes.length - 1 }),
      fc.integer({ min: 1, max: 255 }),
      async (at, by) => {
        const other = Buffer.from(bytes)
        other[at] = ((bytes[at] ?? 0) + by) % 256
        writeFileSync(changed, other)
        const { broken } = await verify(changed)
        assert.ok(broken !== null)
        const line = bytes.subarray(0, at).toString('latin1').split('\n').length
        assert.equal(broken.line, line)
      },
    )
    await fc.assert(property, { numRuns: 250 })
  })

  it('any line that is gone, but for the last ones', async () => {
    for (let at = 0; at < lines.length - 1; at++) {
      const { broken } = await verifyLines(lines.toSpliced(at, 1))
      assert.deepEqual([broken?.what, broken?.line], [at === 0 ? 'beheaded' : 'missing', at + 1])
    }
    const { broken, chains } = await verifyLines(lines.slice(0, -1))
    assert.deepEqual([broken, chains[0]?.end], [null, 'open'])
  })

  it('any two lines that were swapped', async () => {
    const property = fc.asyncProperty(index, index, async (one, other) => {
      fc.pre(one !== other)
      const [a, b] = [Math.min(one, other), Math.max(one, other)]
      const swapped = lines.with(a, lines[b] ?? '').with(b, lines[a] ?? '')
      const { broken } = await verifyLines(swapped)
      assert.deepEqual([broken?.what, broken?.line], [a === 0 ? 'beheaded' : 'reordered', a + 1])
      if (a > 0)
        assert.match(broken?.message ?? '', new RegExp(`record ${a + 1} belongs before it`))
    })
    await fc.assert(property, { numRuns: 60 })
  })

  it('any line that stands there twice', async () => {
    const property = fc.asyncProperty(index, index, async (from, to) => {
      const { broken } = await verifyLines(lines.toSpliced(to + 1, 0, lines[from] ?? ''))
      assert.ok(broken !== null)
      assert.equal(
        broken.what,
        from <= to ? 'repeated' : from === to + 1 ? 'repeated' : 'reordered',
      )
    })
    await fc.assert(property, { numRuns: 60 })
  })

  it('a line that is longer than any', async () => {
    const { broken } = await verifyLines([...lines.slice(0, 3), 'x'.repeat(9_000_000)])
    assert.deepEqual([broken?.what, broken?.line], ['not-a-record', 4])
  })

  it('an end that was cut off, by a checkpoint kept elsewhere', async () => {
    const { hash } = JSON.parse(lines.at(-2) ?? '') as { hash: string }
    const head = { seq: lines.length - 1, hash }
    const options = { keys: [createSignatureCheck(PUBLIC_PEM)], head, onProgress: () => {} }
    assert.equal((await verifyFiles([whole], options)).broken, null)
    await verifyLines(lines.slice(0, 5))
    assert.equal((await verifyFiles([changed], options)).broken?.what, 'missing')
  })
})

describe('verification takes', () => {
  it('a record that is being written for an open end', async () => {
    const last = lines[5] ?? ''
    for (const length of [1, 40, last.length - 1]) {
      writeFileSync(changed, `${lines.slice(0, 5).join('\n')}\n${last.slice(0, length)}`)
      const { broken, chains, files } = await verify(changed)
      assert.deepEqual([broken, chains[0]?.end, files[0]?.torn], [null, 'open', length])
    }
  })

  it('nothing else for one', async () => {
    for (const rest of ['x', '{"v":1,"event":"stop"\0\0', `${lines[5]}x`]) {
      writeFileSync(changed, `${lines.slice(0, 5).join('\n')}\n${rest}`)
      const { broken } = await verify(changed)
      assert.ok(broken !== null, rest)
      assert.equal(broken.line, 6)
    }
  })

  it('a last line without its line feed', async () => {
    writeFileSync(changed, lines.join('\n'))
    const { broken, chains } = await verify(changed)
    assert.deepEqual([broken, chains[0]?.end], [null, 'stopped'])
  })

  it('rotated files in any order, packed or not, and tells one that is not there', async () => {
    const path = fresh()
    const { audit } = await open(path, { rotateBytes: 1 })
    for (let number = 0; number < 4; number++) {
      audit.append(entry(number))
      await audit.flush()
    }
    await audit.stop()
    const files = (await verify(...siblings(path))).files.map(({ file }) => file)
    assert.ok(files.length >= 4)
    const [first = '', second = '', ...rest] = files
    writeFileSync(`${second}.gz`, gzipSync(readFileSync(second)))
    rmSync(second)
    const packed = await verify(...rest.toReversed(), first, `${second}.gz`)
    assert.deepEqual([packed.broken, packed.chains.length], [null, 1])
    const later = await verify(`${second}.gz`, ...rest)
    assert.deepEqual([later.broken, later.chains[0]?.begin], [null, 'middle'])
    const { broken } = await verify(first, ...rest)
    assert.deepEqual([broken?.what, broken?.file, broken?.line], ['missing', rest[0], 1])
    assert.match(broken?.message ?? '', /^records \d+ to \d+ are missing before it$/)
  })
})

/** Every file in the folder of this one. */
function siblings(path: string): readonly string[] {
  return readdirSync(dirname(path)).map((name) => join(dirname(path), name))
}
