import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { describe, it } from 'node:test'
import { formLine, ORIGIN } from '../../src/audit/line.ts'
import { fresh, open, verify } from './support.ts'
import { lines, verifyLines } from './written.ts'

describe('verification finds', () => {
  it('a line that was made up in place of another, hash and all', async () => {
    const prevAt = (at: number) => (JSON.parse(lines[at] ?? '') as { prev: string }).prev
    const made = { at: 0, instance: 'test' }
    const first = formLine({
      ...made,
      event: 'file',
      seq: 1,
      fields: ',"chain":"x"',
      prev: prevAt(0),
    })
    const sixth = formLine({ ...made, event: 'stop', seq: 6, fields: '', prev: prevAt(5) })
    for (const [at, { text }] of [
      [0, first],
      [5, sixth],
    ] as const) {
      const { broken } = await verifyLines(lines.with(at, text.trimEnd()))
      assert.deepEqual([broken?.what, broken?.line], ['replaced', at + 1])
    }
  })

  it('a chain that was made anew without the key', async () => {
    const path = fresh()
    const { audit } = await open(path, { signer: null })
    await audit.stop()
    assert.deepEqual((await verify(path)).broken, {
      ...{ file: path, line: 2, seq: 2, what: 'signature' },
      message: 'checkpoint 2 is not signed',
    })
    writeFileSync(path, `${readFileSync(path, 'utf8').split('\n')[0]}\n`)
    assert.equal((await verify(path)).broken?.what, 'unsigned')
  })

  it('an empty file, and one with nothing but a torn line, where a signed record was to be', async () => {
    for (const text of ['', (lines[0] ?? '').slice(0, 100)]) {
      const path = fresh()
      mkdirSync(dirname(path))
      writeFileSync(path, text)
      assert.equal((await verify(path)).broken?.what, 'unsigned')
    }
  })

  it('a checkpoint with a made-up signature, and one that was copied from another chain', async () => {
    const [genuine = ''] = lines.slice(1, 2)
    const { chain, count, head, key, sig } = JSON.parse(genuine)
    const made = { at: 0, instance: 'test' }
    const begin = `,"chain":"${chain}"`
    const file = formLine({ ...made, event: 'file', seq: 1, fields: begin, prev: ORIGIN })
    const fields = (of: string, signature: string) =>
      `${begin},"count":${count},"head":"${of}","key":"${key}","sig":"${signature}"`
    for (const [of, signature] of [
      [file.hash, '0'.repeat(128)],
      [file.hash, sig],
      [head, sig],
    ]) {
      const parts = { ...made, seq: 2, fields: fields(of, signature), prev: file.hash }
      const { text } = formLine({ ...parts, event: 'checkpoint' })
      const { broken } = await verifyLines([file.text.trimEnd(), text.trimEnd()])
      assert.deepEqual([broken?.what, broken?.line], ['signature', 2])
    }
  })

  it('a chain that was made anew without checkpoints, for the next process to sign', async () => {
    const path = fresh()
    mkdirSync(dirname(path))
    writeFileSync(path, madeUp(1600))
    const { audit } = await open(path)
    await audit.stop()
    const { broken } = await verify(path)
    assert.deepEqual([broken?.what, broken?.seq], ['unsigned', 1501])
    assert.match(broken?.message ?? '', /1500 records before it have no checkpoint/)
  })

  it('an end that was cut off at a checkpoint made to look like the last', async () => {
    const [first = '', second = ''] = lines
    const { prev } = JSON.parse(second) as { prev: string }
    const fields = /,"chain".*?(?=,"prev":)/.exec(second)?.[0] ?? ''
    for (const [cause, what] of [
      ['begin', undefined],
      ['stop', 'signature'],
    ] as const) {
      const made = { event: 'checkpoint', at: 0, seq: 2, instance: 'test', prev } as const
      const { text } = formLine({ ...made, fields: fields.replace('"begin"', `"${cause}"`) })
      const { broken } = await verifyLines([first, text.trimEnd()])
      assert.equal(broken?.what, what)
    }
  })

  it('a line that is no JSON, hash and all', async () => {
    const { hash } = JSON.parse(lines.at(-1) ?? '') as { hash: string }
    const made = {
      event: 'gap',
      at: 0,
      seq: lines.length + 1,
      instance: 'test',
      prev: hash,
    } as const
    const { text } = formLine({ ...made, fields: ',oops' })
    const { broken } = await verifyLines([...lines, text.trimEnd()])
    assert.deepEqual([broken?.what, broken?.line], ['not-a-record', lines.length + 1])
  })
})

describe('verification tells of', () => {
  it('records that no checkpoint of the process that wrote them has passed', async () => {
    const path = fresh()
    mkdirSync(dirname(path))
    writeFileSync(path, madeUp(20))
    const { audit } = await open(path)
    await audit.stop()
    const { broken, unvouched } = await verify(path)
    assert.deepEqual(
      [broken, unvouched],
      [null, [{ file: path, line: 21, seq: 21, first: 1, last: 20 }]],
    )
  })

  it('them in a file that was put aside before the next process', async () => {
    const path = fresh()
    mkdirSync(dirname(path))
    writeFileSync(`${path}.1`, madeUp(20))
    const { audit } = await open(path)
    await audit.stop()
    const { broken, unvouched } = await verify(path, `${path}.1`)
    const place = { file: path, line: 2, seq: 22 }
    assert.deepEqual([broken, unvouched], [null, [{ ...place, first: 1, last: 20 }]])
  })

  it('none where a process has signed all that it wrote', async () => {
    const path = fresh()
    for (let run = 0; run < 2; run++) await (await open(path)).audit.stop()
    assert.deepEqual((await verify(path)).unvouched, [])
  })
})

/** A chain of so many lines, hashes and all, without a checkpoint. */
function madeUp(count: number): string {
  let [text, prev] = ['', ORIGIN]
  for (let seq = 1; seq <= count; seq++) {
    const event = seq === 1 ? 'file' : 'decision'
    const fields = seq === 1 ? ',"chain":"made-up","begin":"new"' : ''
    const line = formLine({ event, at: 0, seq, instance: 'test', fields, prev })
    text += line.text
    prev = line.hash
  }
  return text
}
