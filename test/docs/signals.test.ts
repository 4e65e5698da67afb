import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { formatIssues } from '../../src/domain/issue.ts'
import { readSettings } from '../../src/settings/read-settings.ts'
import { settingsSchema } from '../../src/settings/schema.ts'
import { leavesOf } from '../../src/settings/schema-walk.ts'
import { codeIn, tableRows } from './markdown.ts'

const FILE = 'docs/signals.md'
const KEY = 'key: "env:KEY"'

/** Where a source out of a table stands, by the heading of its column. */
const PLACES: Readonly<Record<string, (source: string) => readonly string[]>> = {
  '`device.from`': (source) => [`device: { from: [${source}] }`],
  '`device.trusted`, `device.reputation`': (source) => [
    `device: { trusted: ${source} }`,
    `device: { reputation: ${source} }`,
  ],
  property: (source) => [`session: { fingerprint: { of: [${source}], ${KEY} } }`],
}

describe('docs/signals.md', () => {
  it('has every setting of data, device and session, and no other', () => {
    const rows = tableRows(FILE, 'setting').flatMap(([cell]) => codeIn(cell))
    const leaves = leavesOf(settingsSchema, {})
      .map(({ path }) => path)
      .filter(([section = '']) => ['data', 'device', 'session'].includes(section))
    assert.deepEqual(rows.toSorted(), leaves.map((path) => path.join('.')).toSorted())
  })

  for (const [heading, settings] of Object.entries(PLACES)) {
    it(`shows each ${heading} as the settings take it`, () => {
      const sources = tableRows(FILE, heading).flatMap(([cell]) => codeIn(cell))
      assert.ok(sources.length >= 3)
      for (const text of sources.flatMap(settings)) {
        const file = `issuers: { idp: { issuer: "https://x.example", audiences: [a] } }\n${text}\n`
        const result = readSettings({}, () => Buffer.from(file))
        assert.equal(result.kind === 'issues' ? formatIssues(result.issues) : '', '')
      }
    })
  }
})
