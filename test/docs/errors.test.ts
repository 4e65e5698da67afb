import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { issueCodes } from '../support/issue-codes.ts'
import { readDocument } from './markdown.ts'

/** A code as its section has it: a heading, what it means, and how to mend it. */
const SECTION = /^### `([a-z0-9-]+)`( \(warning\))?\n\n(.+)\n\n((?:- .+\n)+)/gm

const text = `${readDocument('docs/errors.md')}\n`
const sections = [...text.matchAll(SECTION)].map(
  ([, code = '', warning, meaning = '', rest = '']) => ({
    code,
    isWarning: warning !== undefined,
    meaning,
    rest,
  }),
)

describe('docs/errors.md', () => {
  it('has every code that the sources can give, and no other', () => {
    const given = new Set((['policy', 'settings', 'runtime', 'cli'] as const).flatMap(issueCodes))
    assert.deepEqual(sections.map(({ code }) => code).sort(), [...given].sort())
    assert.equal(text.match(/^### /gm)?.length, sections.length)
  })

  for (const { code, isWarning, meaning, rest } of sections) {
    it(`${code} is explained, and called a warning when it is one`, () => {
      assert.match(meaning, /[.:]$/)
      assert.match(rest, /^- To mend: .+[^.]$/m)
      const example = join(import.meta.dirname, '../errors', code, 'expected.txt')
      if (!existsSync(example)) return
      const severity = isWarning ? 'warning' : 'error'
      assert.match(readFileSync(example, 'utf8'), new RegExp(`: ${severity}\\[${code}\\]: `))
    })
  }
})
