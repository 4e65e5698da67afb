import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { suite, test } from 'node:test'
import { formatIssues } from '../src/domain/issue.ts'
import type { ReadList } from '../src/policy/compile-definitions.ts'
import { loadPolicy } from '../src/policy/load.ts'
import { parseNetworkList } from '../src/policy/match/network-list.ts'
import { issueCodes } from './support/issue-codes.ts'

const ERRORS = join(import.meta.dirname, 'errors')

/** Codes that no small file can show, and where they are held. */
const ELSEWHERE: ReadonlyMap<string, string> = new Map([
  ['too-many-issues', 'test/policy/hostile-rules.test.ts'],
])

/** Write what is said today, to be read and committed: UPDATE_ERRORS=1. */
const isUpdate = process.env.UPDATE_ERRORS === '1'

suite('each mistake is told with its place, its mark and what to do', () => {
  for (const code of readdirSync(ERRORS)) {
    test(code, () => {
      const { policy, issues } = loadFolder(join(ERRORS, code))
      const said = `${formatIssues(issues)}\n`
      const expected = join(ERRORS, code, 'expected.txt')
      if (isUpdate) writeFileSync(expected, said)
      assert.equal(said, readFileSync(expected, 'utf8'))
      assert.ok(issues.some((issue) => issue.code === code))
      assert.equal(
        policy === null,
        issues.some(({ severity }) => severity === 'error'),
      )
      for (const { message, hint } of issues) {
        assert.match(message, /^[^A-Z].*[^.]$/, 'lower case, no full stop')
        assert.doesNotMatch(hint ?? '', /^[A-Z]|\.$/, 'lower case, no full stop')
      }
    })
  }
})

test('each code that the sources can give has a folder, and each folder a code', () => {
  const codes = issueCodes('policy').filter((code) => !ELSEWHERE.has(code))
  assert.deepEqual(readdirSync(ERRORS), codes)
})

/** `policy.yaml`, or all of `policy/*.yaml` together, with lists beside them. */
function loadFolder(folder: string) {
  const isOne = existsSync(join(folder, 'policy.yaml'))
  const files = isOne
    ? ['policy.yaml']
    : readdirSync(join(folder, 'policy')).map((name) => `policy/${name}`)
  const sources = files.map((file) => ({ file, text: readFileSync(join(folder, file), 'utf8') }))
  const readList: ReadList = (policyFile, path) => {
    const file = join(folder, dirname(policyFile), path)
    return existsSync(file)
      ? parseNetworkList(readFileSync(file, 'utf8'))
      : { problem: 'it does not exist' }
  }
  const known = { issuers: ['idp'], sharedSignals: false, today: '2026-11-23' }
  return loadPolicy(sources, { ...known, revision: 'r', readList })
}
