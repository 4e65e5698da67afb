import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { TOKEN_PROBLEMS } from '../../src/domain/identity.ts'
import { readSettings } from '../../src/settings/read-settings.ts'
import { settingsSchema } from '../../src/settings/schema.ts'
import { keysAt, leavesOf } from '../../src/settings/schema-walk.ts'
import { codeIn, tableRows } from './markdown.ts'

const FILE = 'docs/tokens.md'

describe('docs/tokens.md', () => {
  it('explains every problem of a token once, and no other', () => {
    const problems = tableRows(FILE, 'problem').flatMap(([cell]) => codeIn(cell))
    assert.deepEqual(problems.toSorted(), Object.keys(TOKEN_PROBLEMS).toSorted())
  })

  it('has every setting of an issuer, and no other', () => {
    const rows = tableRows(FILE, 'setting of an issuer').flatMap(([cell]) => codeIn(cell))
    const leaves = leavesOf(settingsSchema, { issuers: ['NAME'] })
      .filter(({ path }) => path[0] === 'issuers')
      .map(({ path }) =>
        path
          .slice(2)
          .join('.')
          .replace(/^keys\..*/, 'keys'),
      )
    assert.deepEqual(rows.toSorted(), [...new Set(leaves)].toSorted())
  })

  it('has every setting of bound tokens, and no other', () => {
    const rows = tableRows(FILE, 'setting of `bound_tokens`').flatMap(([cell]) => codeIn(cell))
    const leaves = leavesOf(settingsSchema, {})
      .filter(({ path }) => path[0] === 'bound_tokens')
      .map(({ path }) => path.slice(1).join('.'))
    assert.deepEqual(rows.toSorted(), leaves.toSorted())
  })

  it('has every setting of workloads with SPIFFE ids, and no other', () => {
    const rows = tableRows(FILE, 'setting of `spiffe`').flatMap(([cell]) => codeIn(cell))
    assert.deepEqual(rows, keysAt(settingsSchema, ['spiffe']))
  })

  it('shows the places as the settings take them', () => {
    const places = tableRows(FILE, '`token`').flatMap(([cell]) => codeIn(cell))
    assert.equal(places.length, 4)
    for (const place of places) {
      const text = `issuers: { idp: { issuer: "https://x.example", audiences: [a], token: ${place} } }`
      assert.equal(readSettings({}, () => Buffer.from(text)).kind, 'settings', place)
    }
  })
})
