import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { chmod, rename, rm, truncate } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { promisify } from 'node:util'
import { temporaryFolder, watchFile, watchPolicy } from './watcher-support.ts'

describe('the policy at the start', () => {
  it('is loaded before the watcher is there', async (t) => {
    const file = join(await temporaryFolder(t), 'policy.yaml')
    writeFileSync(file, '\ufeffone')
    const { inbox, expectPolicy } = await watchPolicy(t, file)
    assert.equal(inbox.left.length, 1)
    const { files, revision, warnings } = await expectPolicy('one')
    assert.deepEqual([files, warnings], [[file], []])
    assert.match(revision, /^[0-9a-f]{12}$/)
  })

  it('may be missing, and is loaded when it comes', async (t) => {
    const file = join(await temporaryFolder(t), 'policy.yaml')
    const { inbox, expectPolicy, expectIssue } = await watchPolicy(t, file)
    assert.equal(inbox.left.length, 1)
    const { message } = await expectIssue('policy-unreadable')
    assert.match(message, /does not exist/)
    writeFileSync(file, 'one')
    await expectPolicy('one')
  })
})

describe('a changed file', { concurrency: true }, () => {
  it('is loaded when written in place', async (t) => {
    const { file, expectPolicy } = await watchFile(t)
    const written = performance.now()
    writeFileSync(file, 'two')
    await expectPolicy('two')
    assert.ok(performance.now() - written < 2000)
  })

  it('is loaded when another is renamed over it, as editors do', async (t) => {
    const { folder, file, expectPolicy } = await watchFile(t)
    for (const text of ['two', 'three']) {
      writeFileSync(join(folder, 'policy.yaml~'), text)
      await rename(join(folder, 'policy.yaml~'), file)
      await expectPolicy(text)
    }
  })

  it('that is broken is told once, and loaded when mended', async (t) => {
    const { file, expectPolicy, expectIssue } = await watchFile(t)
    writeFileSync(file, 'broken')
    await expectIssue('broken')
    writeFileSync(file, 'mended')
    await expectPolicy('mended')
  })

  it('that becomes the last good one again is loaded, so that the rejection ends', async (t) => {
    const { file, expectPolicy, expectIssue } = await watchFile(t)
    writeFileSync(file, 'broken')
    await expectIssue('broken')
    writeFileSync(file, 'one')
    await expectPolicy('one')
  })

  it('is loaded as what quick writes end in', async (t) => {
    const { file, expectPolicy } = await watchFile(t)
    writeFileSync(file, 'broken, as only the first half of a save')
    writeFileSync(file, 'whole')
    await expectPolicy('whole')
  })

  it('is not taken over while it is only the beginning of what it was', async (t) => {
    const { file, inbox, expectPolicy } = await watchFile(t)
    writeFileSync(file, 'one and more')
    await expectPolicy('one and more')
    writeFileSync(file, 'one and')
    const cut = performance.now()
    writeFileSync(file, 'one and other')
    await expectPolicy('one and other')
    assert.deepEqual(inbox.left, [])
    writeFileSync(file, 'one')
    await expectPolicy('one')
    assert.ok(performance.now() - cut > 1000, 'a beginning is taken over late')
  })

  it('is told once when it is deleted, and loaded when it is back', async (t) => {
    const { file, expectPolicy, expectIssue } = await watchFile(t)
    await rm(file)
    const issue = await expectIssue('policy-unreadable')
    assert.equal(issue.file, file)
    writeFileSync(file, 'two')
    await expectPolicy('two')
  })

  it('that is not UTF-8 is shown with its place', async (t) => {
    const { file, expectIssue } = await watchFile(t)
    writeFileSync(file, Buffer.from('version: 1\nname: caf\xe9\n', 'latin1'))
    const { line, column, source } = await expectIssue('invalid-utf8')
    assert.deepEqual({ line, column, source }, { line: 2, column: 10, source: 'name: caf\ufffd' })
  })

  it('that makes the loader throw is a rejection too', async (t) => {
    const { file, expectIssue } = await watchFile(t)
    writeFileSync(file, 'throw')
    const { message } = await expectIssue('load-failed')
    assert.match(message, /out of order/)
  })

  it('is not loaded again for a new date alone', async (t) => {
    const { file, expectPolicy } = await watchFile(t)
    writeFileSync(file, 'one')
    await chmod(file, 0o600)
    writeFileSync(file, 'two')
    await expectPolicy('two')
  })

  it('that is too large is not read', async (t) => {
    const file = join(await temporaryFolder(t), 'policy.yaml')
    writeFileSync(file, '123456789')
    const { expectPolicy, expectIssue } = await watchPolicy(t, file, 8)
    const { message } = await expectIssue('policy-too-large')
    assert.match(message, /9 bytes, and at most 8/)
    await truncate(file, 8)
    await expectPolicy('12345678')
  })

  it('that is no file at all is not waited for', async (t) => {
    const path = join(await temporaryFolder(t), 'policy.yaml')
    const server = createServer().listen(path)
    await once(server, 'listening')
    t.after(() => server.close())
    const { expectIssue } = await watchPolicy(t, path)
    const { message } = await expectIssue('policy-unreadable')
    assert.match(message, /not a file/)
  })
})

describe('the watcher', () => {
  it('reports nothing any more once it is stopped', async (t) => {
    const { file, watcher, inbox } = await watchFile(t)
    const other = await watchPolicy(t, file)
    await other.expectPolicy('one')
    await watcher.stop()
    writeFileSync(file, 'two')
    await other.expectPolicy('two')
    assert.deepEqual(inbox.left, [])
  })

  it('does not keep the process alive', async (t) => {
    const module = new URL('../../src/runtime/policy-watcher.ts', import.meta.url)
    const path = await temporaryFolder(t)
    const deps = `{ path: ${JSON.stringify(path)}, onRejected() {}, now: () => 0 }`
    const code = `import(${JSON.stringify(module)}).then((m) => m.startPolicyWatcher(${deps}))`
    await promisify(execFile)(process.execPath, ['-e', code], { timeout: 4000 })
  })
})
