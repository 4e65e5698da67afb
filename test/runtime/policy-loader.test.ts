import assert from 'node:assert/strict'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { createListReader } from '../../src/runtime/policy-lists.ts'
import { createPolicyLoader } from '../../src/runtime/policy-loader.ts'
import { temporaryFolder } from './watcher-support.ts'

describe('a policy that names a list', () => {
  it('is loaded in a worker as at first, and the list is known whether it could be read or not', async (t) => {
    const folder = await temporaryFolder(t)
    const list = join(folder, 'tor.txt')
    const sources = policyOf(folder, 'tor.txt')
    const loader = newLoader()
    writeFileSync(list, '192.0.2.0/24\n')
    for (const revision of ['first', 'second']) {
      const { policy } = await loader.load(sources, revision)
      assert.equal(policy?.revision, revision)
      assert.deepEqual(policy?.common.networks('192.0.2.7'), ['tor'])
      assert.deepEqual(loader.lists(), [list])
    }
    rmSync(list)
    const { policy, issues } = await loader.load(sources, 'third')
    assert.deepEqual([policy, issues.map(({ code }) => code)], [null, ['list-unreadable']])
    assert.deepEqual(loader.lists(), [list])
  })

  it('cannot be anything but a file', async (t) => {
    const folder = await temporaryFolder(t)
    const { policy, issues } = await newLoader().load(policyOf(folder, '.'), 'first')
    assert.deepEqual([policy, issues.map(({ code }) => code)], [null, ['list-unreadable']])
    assert.match(issues[0]?.message ?? '', /cannot be read: it is not a file$/)
  })

  it('has a size that fits into memory', async (t) => {
    const folder = await temporaryFolder(t)
    writeFileSync(join(folder, 'tor.txt'), '192.0.2.0/24\n198.51.100.0/24\n')
    const { readList } = createListReader(20)
    assert.deepEqual(readList(join(folder, 'policy.yaml'), 'tor.txt'), {
      problem: 'it has 29 bytes, and at most 20 are read',
    })
  })

  it('does not hold up requests while a long one is replaced', async (t) => {
    const folder = await temporaryFolder(t)
    const loader = newLoader()
    for (const shift of [0, 1]) {
      writeFileSync(join(folder, 'tor.txt'), longList(shift))
      const longest = await longestTurn(() => loader.load(policyOf(folder, 'tor.txt'), `${shift}`))
      // By the clock of the processor, as others may have it meanwhile. Parsing takes hundreds of milliseconds.
      if (shift === 1) assert.ok(longest < 100, `${longest} ms`)
    }
  })
})

function longList(shift: number): string {
  const lines = Array.from({ length: 100_000 }, (_, at) => {
    return `2001:db8:${(at >> 8).toString(16)}:${(at & 255).toString(16)}::${shift}\n`
  })
  return lines.join('')
}

/** The longest turn of the event loop while this goes on, in milliseconds of this thread's own work. */
async function longestTurn(run: () => Promise<unknown>): Promise<number> {
  let [last, longest, isDone] = [busyTime(), 0, false]
  const turn = () => {
    const now = busyTime()
    longest = Math.max(longest, now - last)
    last = now
    if (!isDone) setImmediate(turn)
  }
  setImmediate(turn)
  await run()
  isDone = true
  return longest
}

function busyTime(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}

function policyOf(folder: string, list: string) {
  const text = `version: 1
networks: { tor: { file: ${list} } }
rules: [{ id: tor, when: '"tor" in source.networks', effect: deny }]
`
  return [{ file: join(folder, 'policy.yaml'), text }]
}

function newLoader() {
  return createPolicyLoader({
    issuers: [],
    today: () => '2026-11-23',
    clock: () => performance.now(),
  })
}
