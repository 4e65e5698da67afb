import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { closeSync, constants, openSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { openLogOutput } from '../../src/telemetry/log-output.ts'
import { temporaryFolder } from '../runtime/watcher-support.ts'

describe('the log output', () => {
  it('counts what a full disk loses, and goes on', async () => {
    const fd = openSync('/dev/full', 'w')
    const lost = Promise.withResolvers<void>()
    const output = openLogOutput(fd, lost.resolve)
    output.write('one\n')
    await lost.promise
    output.write('two\n')
    await output.flush()
    closeSync(fd)
  })

  it('keeps a bounded number of lines for a reader that stalls, and loses the rest', async (t) => {
    const path = join(await temporaryFolder(t), 'log.fifo')
    execFileSync('mkfifo', [path])
    const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
    let lost = 0
    const output = openLogOutput(openSync(path, 'w'), () => lost++)
    const line = `${'x'.repeat(1023)}\n`
    for (let count = 0; count < 20_000; count++) output.write(line)
    assert.ok(lost > 5000 && lost < 15_000, `${lost} lost`)
    closeSync(reader)
    await output.flush()
  })
})
