import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { JournalEntry } from '../../src/facts/journal.ts'
import { readEntry } from '../../src/facts/journal-entry.ts'
import { disabled, ended, notCompliant, revoked } from './security-events.ts'

/** As they stand in journals, which outlive the version that wrote them. */
const WRITTEN: readonly (readonly [text: string, entry: JournalEntry | null])[] = [
  [
    '{"kind":"session-revoked","subject":{"issuer":"idp","id":"ada"},"session":null,"at":5}',
    revoked(5),
  ],
  [
    '{"kind":"session-revoked","subject":{"issuer":"idp","id":"ada"},"session":"s","at":5}',
    revoked(5, 's'),
  ],
  ['{"kind":"account","subject":{"issuer":"idp","id":"ada"},"disabled":true,"at":5}', disabled(5)],
  ['{"kind":"device","device":"laptop","compliant":false,"at":5}', notCompliant(5)],
  ['{"kind":"forgotten","at":5}', { kind: 'forgotten', at: 5 }],
  ['{"kind":"session-ended","issuer":"idp","session":"s","at":5}', ended(5)],
  ['{"kind":"session-ended","issuer":"idp","session":"s","at":5,"of":"tomorrow"}', ended(5)],
  ['{"kind":"session-ended","issuer":"idp","session":null,"at":5}', null],
  ['{"kind":"session-ended","session":"s","at":5}', null],
  ['{"kind":"of-tomorrow","at":5}', null],
  ['{"kind":"forgotten"', null],
]

describe('an entry of the journal', () => {
  for (const [text, entry] of WRITTEN)
    it(`${entry === null ? 'cannot be' : 'is'} read: ${text}`, () => {
      assert.deepEqual(readEntry(text), entry)
    })
})
