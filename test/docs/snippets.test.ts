import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { formatIssues } from '../../src/domain/issue.ts'
import { loadPolicy } from '../../src/policy/load.ts'
import type { PolicySource } from '../../src/policy/text/source-file.ts'
import { readTests } from '../../src/scenario/read-tests.ts'
import { runTests } from '../../src/scenario/run-tests.ts'
import { readSettings } from '../../src/settings/read-settings.ts'
import { documents } from './markdown.ts'
import { placeOf, readFrame, readLists, readSnippets, type Snippet } from './snippets.ts'

/** The issuers of the service that the documents speak of, and a day on which none of their dates is over. */
const SERVICE = { issuers: ['idp', 'okta'], revision: 'docs', today: '2026-11-23' }

const lists = readLists()
const snippets = readSnippets(readFrame())

for (const file of documents()) {
  describe(file, () => {
    for (const snippet of snippets.filter(({ block }) => block.file === file)) {
      if (snippet.kind !== 'ignored') {
        it(`${snippet.kind} on line ${snippet.block.line}`, () => run(snippet))
      }
    }
  })
}

it('there is something to run', () => {
  const kinds = new Set(snippets.map(({ kind }) => kind))
  assert.deepEqual([...kinds].filter((kind) => kind !== 'ignored').toSorted(), ['policy', 'settings', 'tests'])
})

function run(snippet: Snippet): void {
  switch (snippet.kind) {
    case 'policy':
      return runPolicy(snippet)
    case 'tests':
      return runPolicyTests(snippet)
    case 'settings':
      return runSettings(snippet.block.text)
    case 'ignored':
  }
}

function runPolicy({ sources, block }: Extract<Snippet, { kind: 'policy' }>): void {
  const { policy, issues } = load(sources)
  assert.ok(policy, formatIssues(issues))
  assert.equal(issues.length > 0, block.words.includes('warns'), formatIssues(issues))
}

function runPolicyTests({ sources, text, block }: Extract<Snippet, { kind: 'tests' }>): void {
  const { policy, issues } = load(sources)
  assert.ok(policy, formatIssues(issues))
  const read = readTests({ file: placeOf(block), text })
  if (!read.ok) return assert.fail(formatIssues(read.issues))
  for (const result of runTests(policy, read.value.tests)) {
    assert.ok(result.kind === 'decided', `${result.name}: ${JSON.stringify(result)}`)
    assert.deepEqual(result.differences, [], result.name)
  }
}

function runSettings(text: string): void {
  const result = readSettings({}, () => Buffer.from(text))
  assert.ok(result.kind === 'settings', result.kind === 'issues' ? formatIssues(result.issues) : '')
}

function load(sources: readonly PolicySource[]) {
  return loadPolicy(sources, { ...SERVICE, readList })
}

function readList(_: string, path: string) {
  const text = lists.get(path)
  return text === undefined ? { problem: 'no document shows it' } : { text }
}
