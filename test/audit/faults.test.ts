import assert from 'node:assert/strict'
import { readdirSync, renameSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { it } from 'node:test'
import fc from 'fast-check'
import { type Faults, faultyFs, systemError } from './faulty-fs.ts'
import { entry, fresh, numbersIn, type Opened, open, verify } from './support.ts'

/** What happens to a record and to its disk. */
type Step = 'append' | 'flush' | 'rename' | 'full' | 'half-full' | 'no-sync' | 'well' | 'restart'

const step = fc.oneof(
  { weight: 6, arbitrary: fc.constant<Step>('append') },
  { weight: 2, arbitrary: fc.constant<Step>('flush') },
  fc.constantFrom<Step>('rename', 'full', 'half-full', 'no-sync', 'well', 'restart'),
)

it('whatever happens, every entry that was taken is there once, in order, and what was safe stays', async () => {
  const steps = fc.array(step, { minLength: 5, maxLength: 40 })
  const property = fc.asyncProperty(
    steps,
    fc.constantFrom(null, 3000),
    async (all, rotateBytes) => {
      const run = new Run(rotateBytes)
      for (const one of all) await run.take(one)
      await run.end()
    },
  )
  await fc.assert(property, { numRuns: 60 })
})

/** One record through its steps. */
class Run {
  readonly path = fresh()
  readonly faults: Faults = {}
  readonly rotateBytes: number | null
  opened: Opened | null = null
  count = 0
  moved = 0

  constructor(rotateBytes: number | null) {
    this.rotateBytes = rotateBytes
  }

  async audit() {
    const { path, faults, rotateBytes } = this
    const limits = { retryAfter: 1, checkpointRecords: 7 }
    this.opened ??= await open(path, { fs: faultyFs(faults), rotateBytes, syncEvery: 2, limits })
    return this.opened.audit
  }

  async take(one: Step): Promise<void> {
    switch (one) {
      case 'append':
        return void assert.ok((await this.audit()).append(entry(this.count++, 150)))
      case 'flush':
        return this.flush()
      case 'rename':
        return this.rename()
      case 'full':
        return this.fill(0)
      case 'half-full':
        return this.fill(100)
      case 'no-sync':
        this.faults.datasync = () => Promise.reject(systemError('EIO'))
        return
      case 'well':
        return this.heal()
      case 'restart':
        this.heal()
        await (await this.audit()).stop()
        this.opened = null
    }
  }

  async flush(): Promise<void> {
    const isSafe = await (await this.audit()).flush()
    if (isSafe) assert.deepEqual(this.numbers(), [...Array(this.count).keys()])
  }

  async rename(): Promise<void> {
    await this.audit()
    if (readdirSync(dirname(this.path)).includes('audit.jsonl'))
      renameSync(this.path, `${this.path}.${++this.moved}`)
  }

  fill(room: number): void {
    this.faults.write = (length) => {
      if (room === 0) throw systemError('ENOSPC')
      const fits = Math.min(room, length)
      room -= fits
      return fits
    }
  }

  heal(): void {
    this.faults.write = null
    this.faults.datasync = null
  }

  /** In the order of the lines, whatever the files are called. */
  numbers(): readonly unknown[] {
    return numbersIn(...this.files()).toSorted((a, b) => Number(a) - Number(b))
  }

  files(): readonly string[] {
    const folder = dirname(this.path)
    return readdirSync(folder).map((name) => join(folder, name))
  }

  async end(): Promise<void> {
    this.heal()
    await (await this.audit()).stop()
    const { broken, gaps, repairs, files, chains } = await verify(...this.files())
    assert.deepEqual([broken, gaps, repairs, chains.length], [null, [], [], 1])
    const numbers = numbersIn(...files.map(({ file }) => file))
    assert.deepEqual(numbers, [...Array(this.count).keys()])
  }
}
