import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { formatIssues } from '../../src/domain/issue.ts'
import { loadPolicy } from '../../src/policy/load.ts'
import { parseNetworkList } from '../../src/policy/match/network-list.ts'
import type { PolicySource } from '../../src/policy/text/source-file.ts'
import { readTests } from '../../src/scenario/read-tests.ts'
import { runTests } from '../../src/scenario/run-tests.ts'
import { readSettings } from '../../src/settings/read-settings.ts'
import { documents, fencedBlocks, placeOf, yamlFences } from './markdown.ts'
import { readFrame, readLists, readSnippets, type Snippet } from './snippets.ts'

/** The issuers of the service that the documents speak of, and a day on which none of their dates is over. */
const SERVICE = { issuers: ['idp', 'okta'], revision: 'docs', today: '2026-11-23' }

const lists = readLists()
const snippets = readSnippets(readFrame())

for (const file of documents()) {
  describe(file, () => {
    for (const snippet of snippets.filter(({ block }) => block.file === file)) {
      if (snippet.kind !== 'ignored')
        it(`${snippet.kind} on line ${snippet.block.line}`, () => run(snippet))
    }
    it('has no YAML that is overlooked', () => {
      const blocks = fencedBlocks(file).filter(({ language }) => /^ya?ml$/.test(language))
      assert.equal(blocks.length, yamlFences(file))
    })
  })
}

it('the documents show policies, settings and tests', () => {
  const kinds = new Set(snippets.map(({ kind }) => kind))
  for (const kind of ['policy', 'settings', 'tests'] as const) assert.ok(kinds.has(kind), kind)
})

function run(snippet: Exclude<Snippet, { kind: 'ignored' }>): void {
  switch (snippet.kind) {
    case 'policy':
      checkPolicy(snippet)
      break
    case 'tests':
      checkTests(snippet)
      break
    case 'settings':
      checkSettings(snippet.block.text)
      break
  }
}

/** Without errors; with warnings where the fence says so, and only there. */
function checkPolicy({ sources, block }: Extract<Snippet, { kind: 'policy' }>): void {
  const { policy, issues } = load(sources)
  assert.ok(policy, formatIssues(issues))
  assert.equal(issues.length > 0, block.mark === 'warns', formatIssues(issues))
}

function checkTests({ sources, text, block }: Extract<Snippet, { kind: 'tests' }>): void {
  const { policy, issues } = load(sources)
  assert.ok(policy, formatIssues(issues))
  const read = readTests({ file: placeOf(block), text })
  assert.ok(read.ok, read.ok ? '' : formatIssues(read.issues))
  for (const result of runTests(policy, read.value.tests)) {
    const differences = result.kind === 'decided' ? result.differences : result.message
    assert.deepEqual(differences, [], result.name)
  }
}

function checkSettings(text: string): void {
  const result = readSettings({}, () => Buffer.from(text))
  assert.ok(result.kind === 'settings', result.kind === 'issues' ? formatIssues(result.issues) : '')
}

function load(sources: readonly PolicySource[]) {
  return loadPolicy(sources, { ...SERVICE, readList })
}

function readList(_: string, path: string) {
  const text = lists.get(path)
  return text === undefined ? { problem: 'no document shows it' } : parseNetworkList(text)
}
