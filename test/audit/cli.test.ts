import assert from 'node:assert/strict'
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { before, describe, it } from 'node:test'
import { auditFilesOf } from '../../src/cli/audit-files.ts'
import { stepgate } from '../cli/support.ts'
import { entry, fresh, linesOf, open, PRIVATE_PEM, PUBLIC_PEM } from './support.ts'

const path = fresh()
const folder = dirname(path)
const key = join(folder, 'key.pub')
const empty = dirname(fresh())
const changed = fresh()
const killed = fresh()

before(async () => {
  const { audit } = await open(path)
  for (const number of [1, 2, 3]) audit.append(entry(number))
  await audit.stop()
  writeFileSync(key, PUBLIC_PEM)
  writeFileSync(join(folder, 'private.pem'), PRIVATE_PEM.slice(0, 40))
  mkdirSync(empty)
  mkdirSync(dirname(changed))
  writeFileSync(changed, readFileSync(path, 'utf8').replace('"number":2', '"number":7'))
  mkdirSync(dirname(killed))
  const torn = readFileSync(path, 'utf8').split('\n').slice(0, 4).join('\n')
  writeFileSync(killed, `${torn}\n{"v":1,`)
  await (await open(killed)).audit.stop()
})

describe('stepgate audit verify', () => {
  it('says what the files hold, and that it is all as written', async () => {
    const { code, out, err } = await stepgate('audit', 'verify', path, '--key', key)
    const [file, checkpoint] = linesOf(path)
    assert.deepEqual(out.split('\n'), [
      `${path}: 6 records, 1 to 6`,
      `chain ${file?.chain}: from its start to a stop in order`,
      `2 checkpoints, signed by ${checkpoint?.key}, 2 verified`,
      '6 records, all as written',
      '',
    ])
    assert.deepEqual([code, err], [0, ''])
  })

  it('names the first record that is not as written', async () => {
    const { code, out } = await stepgate('audit', 'verify', changed)
    assert.equal(code, 1)
    assert.equal(out.split('\n').at(-2), `${changed}:4: changed: record 4 has been changed`)
  })

  it('lists gaps and repairs, and is content with them', async () => {
    const { code, out } = await stepgate('audit', 'verify', killed)
    assert.equal(code, 0)
    assert.match(
      out,
      /:7: gap at record 7: an unknown number of records not written from \S+Z to \S+Z \(killed\)\n/,
    )
    assert.match(out, /:6: repair at record 6: 7 bytes of an unfinished record cut off at \S+Z\n/)
    assert.match(out, /8 records, all as written; the record tells of 1 gap and 1 repair\n$/)
  })

  it('takes a folder for its files, and answers in JSON', async () => {
    const { code, out } = await stepgate('audit', 'verify', folder, '--format', 'json')
    const { broken, records, files, chains, checkpoints } = JSON.parse(out)
    assert.deepEqual([code, broken, records, files[0].last], [0, null, 6, 6])
    assert.deepEqual([chains[0].begin, chains[0].end], ['start', 'stopped'])
    assert.deepEqual([checkpoints.count, checkpoints.genuine], [2, 0])
  })

  it('says so where there is nothing at all', async () => {
    const nothing = `${path}.2`
    writeFileSync(nothing, '')
    const { code, out } = await stepgate('audit', 'verify', nothing)
    assert.equal(code, 1)
    assert.match(out, /: missing: there is no record\n$/)
    rmSync(nothing)
  })

  it('lists what nobody vouches for, and what was done to files', async () => {
    const file = fresh()
    const { audit } = await open(file)
    audit.append(entry(1))
    await audit.flush()
    const written = readFileSync(file)
    rmSync(file)
    await audit.flush()
    await audit.stop()
    const removed = await stepgate('audit', 'verify', file, '--key', key)
    assert.equal(removed.code, 0)
    assert.match(removed.out, /:1: the file before this one was removed while it was written\n/)
    writeFileSync(file, written)
    await (await open(file)).audit.stop()
    const { code, out } = await stepgate('audit', 'verify', file, '--key', key)
    assert.equal(code, 0)
    assert.match(
      out,
      /:4: record 3 was never signed by the process that wrote it, which was killed\n/,
    )
  })

  it('finds what was put aside beside the file of the settings, also before there is a next one', () => {
    const files = dirname(fresh())
    const names = ['audit.jsonl-20261124', 'audit.jsonl.1.gz', 'audit.jsonl.old/', 'audit.jsonl2']
    mkdirSync(join(files, 'audit.jsonl.old'), { recursive: true })
    for (const name of names) if (!name.endsWith('/')) writeFileSync(join(files, name), '')
    const aside = names.slice(0, 2).map((name) => join(files, name))
    const own = join(files, 'audit.jsonl')
    assert.deepEqual(auditFilesOf(own).toSorted(), aside)
    writeFileSync(own, '')
    assert.deepEqual(auditFilesOf(own).toSorted(), [own, ...aside])
  })

  it('leaves out folders beside the files', async () => {
    const files = dirname(fresh())
    mkdirSync(join(files, 'old.jsonl.d'), { recursive: true })
    copyFileSync(path, join(files, 'audit.jsonl'))
    assert.equal((await stepgate('audit', 'verify', files)).code, 0)
  })

  it('tells an open end from one that was cut off, by a checkpoint kept elsewhere', async () => {
    const cut = `${path}.1`
    copyFileSync(path, cut)
    const lines = readFileSync(cut, 'utf8').split('\n')
    writeFileSync(cut, `${lines.slice(0, 3).join('\n')}\n`)
    const open = await stepgate('audit', 'verify', cut)
    assert.equal(open.code, 0)
    assert.match(open.out, /to record 3, an open end \(1 record behind the last checkpoint\)/)
    const head = `5:${linesOf(path)[4]?.hash}`
    const { code, out } = await stepgate('audit', 'verify', cut, '--head', head)
    assert.equal(code, 1)
    assert.match(out, /missing: record 5 with the hash that was given is not here/)
    assert.equal((await stepgate('audit', 'verify', path, '--head', head)).code, 0)
  })

  for (const [name, argv, says] of [
    ['no file', [], /missing required argument/],
    ['no such file', [`${path}.nope`], /cannot read .*nope/],
    ['what cannot be read twice', ['/dev/null'], /\/dev\/null is no plain file/],
    ['a folder without records', [empty], /there is no \*\.jsonl\* in/],
    ['a key that is none', [path, '--key', join(folder, 'private.pem')], /no public Ed25519 key/],
    ['a head that is none', [path, '--head', '5'], /a number, a colon and 64 hexadecimal digits/],
  ] as const) {
    it(`ends with 2 for ${name}`, async () => {
      const { code, out, err } = await stepgate('audit', 'verify', ...argv)
      assert.deepEqual([code, out], [2, ''])
      assert.match(err, says)
    })
  }
})
