import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  createMemoryJournal,
  type JournalEntry,
  type JournalReader,
} from '../../src/facts/journal.ts'
import { createStandings, EVENT_LIFE } from '../../src/facts/standings.ts'
import { NOW } from './journal-suite.ts'
import { compliant, disabled, enabled, ended, notCompliant, revoked } from './security-events.ts'

/** What a replica that has read all of a journal wants to be kept when all of it is cut off. */
async function kept(entries: readonly JournalEntry[]): Promise<readonly JournalEntry[]> {
  let reader: JournalReader | undefined
  const standings = createStandings({
    journal: {
      ...createMemoryJournal(),
      follow: (one) => {
        reader = one
      },
    },
    now: () => NOW,
    onEvent: () => {},
    onCurrent: () => {},
    failed: (error) => assert.fail(String(error)),
  })
  for (const entry of entries) reader?.read(entry)
  await standings.stop()
  return reader?.keep(entries) ?? assert.fail('nobody reads')
}

const OLD = NOW - EVENT_LIFE - 1
const lost = (at: number): JournalEntry => ({ kind: 'forgotten', at })

describe('what is kept of entries that are cut off', () => {
  const cases: readonly [string, readonly JournalEntry[], readonly JournalEntry[]][] = [
    ['a revocation: up to when', [revoked(NOW - 5)], [lost(NOW - 5)]],
    ['that of one session', [revoked(NOW - 5, 's')], [lost(NOW - 5)]],
    ['the end of a session', [ended(NOW - 5)], [lost(NOW - 5)]],
    ['what was lost before', [lost(NOW - 5)], [lost(NOW - 5)]],
    ['the last of several', [ended(NOW - 4), revoked(NOW - 3), ended(NOW - 5)], [lost(NOW - 3)]],
    ['none of an age that no token has', [revoked(OLD), ended(OLD), lost(OLD)], []],
    ['what is still bad', [disabled(OLD), notCompliant(NOW)], [disabled(OLD), notCompliant(NOW)]],
    ['not what is well', [enabled(NOW), compliant(NOW)], []],
    ['nor what is well again', [disabled(NOW - 1), enabled(NOW)], []],
  ]
  for (const [name, entries, expected] of cases)
    it(name, async () => assert.deepEqual(await kept(entries), expected))
})
