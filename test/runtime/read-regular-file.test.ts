import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, suite, test } from 'node:test'
import { readRegularFile } from '../../src/runtime/read-regular-file.ts'

suite('reading a file whole', () => {
  const folder = mkdtempSync(join(tmpdir(), 'stepgate-read-'))
  const at = (name: string) => join(folder, name)
  after(() => rmSync(folder, { recursive: true }))
  writeFileSync(at('ten'), '0123456789')
  writeFileSync(at('empty'), '')
  symlinkSync('ten', at('link'))
  execFileSync('mkfifo', [at('pipe')])

  for (const [name, bytes, text] of [
    ['ten', 10, '0123456789'],
    ['ten', 1000, '0123456789'],
    ['link', 10, '0123456789'],
    ['empty', 0, ''],
  ] as const) {
    test(`${name}, ${bytes} bytes at most`, async () => {
      assert.equal(Buffer.from(await readRegularFile(at(name), bytes)).toString(), text)
    })
  }

  for (const [name, error] of [
    ['ten', /^it has more than 9 bytes$/],
    ['pipe', /^it is not a file$/],
    ['.', /^it is not a file$/],
    ['gone', /ENOENT/],
  ] as const) {
    test(`${name} is refused`, { timeout: 5000 }, async () => {
      await assert.rejects(readRegularFile(at(name), 9), ({ message }: Error) =>
        error.test(message),
      )
    })
  }
})
