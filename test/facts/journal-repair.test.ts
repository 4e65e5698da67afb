import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Journal, JournalEntry } from '../../src/facts/journal.ts'
import { createJournalRepair, type JournalRepair } from '../../src/facts/journal-repair.ts'
import { createStanding } from '../../src/facts/standing.ts'
import { disabled, revoked } from './security-events.ts'

const ENTRIES: readonly JournalEntry[] = Array.from({ length: 2_000 }, (_, at) =>
  at % 2 === 0
    ? revoked(at, null, { issuer: 'idp', id: `u${at}` })
    : disabled(at, { issuer: 'idp', id: `u${at}` }),
)

/** Replicas that remember everything, on a journal that has lost it. */
function lostWorld(replicas: number, append: (some: number) => Promise<void> = async () => {}) {
  const written: JournalEntry[] = []
  const failures: unknown[] = []
  let idle = Promise.withResolvers<void>()
  let busy = 0
  const journal: Pick<Journal, 'append'> = {
    append: async (entries) => {
      busy++
      await append(entries.length).finally(() => setImmediate(() => --busy === 0 && idle.resolve()))
      written.push(...entries)
      for (const one of all) for (const entry of entries) one.read(entry)
    },
  }
  const standing = createStanding({})
  for (const entry of ENTRIES) standing.apply(entry)
  const all: readonly JournalRepair[] = Array.from({ length: replicas }, (_, at) =>
    createJournalRepair({
      journal,
      standing,
      failed: (error) => failures.push(error),
      random: () => at / replicas,
    }),
  )
  const tell = (what: 'lost' | 'caughtUp') => {
    for (const one of all) one[what]()
  }
  return {
    written,
    failures,
    lose: () => tell('lost'),
    /** Everybody has read to the end; resolves when nothing more is written. */
    catchUp: async () => {
      idle = Promise.withResolvers()
      tell('caughtUp')
      if (busy > 0) await idle.promise
    },
  }
}

const distinct = (written: readonly JournalEntry[]) =>
  new Set(written.map((entry) => JSON.stringify(entry))).size

describe('a journal that is repaired', () => {
  it('gets back everything, and next to nothing twice, however many replicas repair it', async () => {
    const w = lostWorld(5)
    w.lose()
    await w.catchUp()
    assert.equal(distinct(w.written), ENTRIES.length)
    assert.ok(w.written.length <= ENTRIES.length + 5 * 100, `${w.written.length} were written`)
    const { length } = w.written
    await w.catchUp()
    assert.equal(w.written.length, length)
  })

  it('does not get again what was written before something could not be', async () => {
    let calls = 0
    const w = lostWorld(1, async () => {
      if (++calls % 5 === 0) throw new Error('too slow')
    })
    w.lose()
    for (let round = 0; round < 10; round++) await w.catchUp()
    assert.equal(distinct(w.written), ENTRIES.length)
    assert.equal(w.written.length, ENTRIES.length)
    assert.ok(w.failures.length > 1)
  })

  it('gets everything back that was lost once more in the middle of it', async () => {
    let calls = 0
    const w = lostWorld(1, async () => {
      if (++calls !== 5) return
      w.written.length = 0
      w.lose()
    })
    w.lose()
    await w.catchUp()
    await w.catchUp()
    assert.equal(distinct(w.written), ENTRIES.length)
  })
})
