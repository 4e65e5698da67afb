import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { it } from 'node:test'
import { documents, readDocument } from './markdown.ts'

for (const file of documents()) {
  it(`${file}: every link into the repository leads somewhere`, () => {
    for (const [, target = ''] of readDocument(file).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(target)) continue
      const [path = '', anchor] = target.split('#')
      const to = path === '' ? file : normalize(join(dirname(file), path))
      assert.ok(existsSync(join(import.meta.dirname, '../..', to)), target)
      if (anchor !== undefined) assert.ok(anchorsOf(to).has(anchor), target)
    }
  })
}

/** The anchors that GitHub gives to the headings of a document. */
function anchorsOf(file: string): ReadonlySet<string> {
  const headings = [...readDocument(file).matchAll(/^#+ (.*)$/gm)].map(([, text = '']) => text)
  return new Set(
    headings.map((text) =>
      text
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  )
}
