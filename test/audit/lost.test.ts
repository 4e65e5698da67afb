import assert from 'node:assert/strict'
import { appendFileSync, statSync } from 'node:fs'
import { describe, it } from 'node:test'
import { type Faults, faultyFs, systemError } from './faulty-fs.ts'
import { entry, fresh, open } from './support.ts'

const TROUBLES = {
  'the disk is full': [fill, /ENOSPC/],
  'somebody else writes to the file': [writeToo, /somebody else writes to/],
} as const

describe('at its stop a record knows how much is lost where', () => {
  for (const [what, [begin, says]] of Object.entries(TROUBLES)) {
    it(what, async () => {
      const path = fresh()
      const faults: Faults = {}
      const { audit } = await open(path, { fs: faultyFs(faults), limits: { queueBytes: 500 } })
      begin(faults, path)
      const before = statSync(path).size
      for (let number = 0; number < 5; number++) audit.append(entry(number))
      await assert.rejects(audit.stop(), { message: says })
      assert.deepEqual([audit.unwritten(), statSync(path).size], [5, before])
    })
  }

  it('the disk does not answer', async () => {
    const faults: Faults = {}
    const { audit } = await open(fresh(), { fs: faultyFs(faults) })
    const [asked, answered] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    faults.datasync = () => {
      asked.resolve()
      return answered.promise
    }
    for (let number = 0; number < 5; number++) audit.append(entry(number))
    const stopped = audit.stop()
    await asked.promise
    // The last checkpoint is one of them.
    assert.equal(audit.unwritten(), 6)
    answered.resolve()
    await stopped
    assert.equal(audit.unwritten(), 0)
  })
})

function fill(faults: Faults): void {
  faults.write = () => {
    throw systemError('ENOSPC')
  }
}

function writeToo(_: Faults, path: string): void {
  appendFileSync(path, 'a line\n')
}
