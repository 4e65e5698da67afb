import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import fc from 'fast-check'
import { stringify } from 'yaml'
import { formatIssues } from '../../src/domain/issue.ts'
import { decided, situation } from '../support/random-policies.ts'
import { anything, document, KEYS, SCRAPS } from './any-document.ts'
import { loadText } from './support.ts'

suite('loading never throws', () => {
  test('on documents near the schema; a policy that it gives decides', () => {
    let policies = 0
    fc.assert(
      fc.property(document, situation, (data, now) => {
        policies += holds(stringify(data), now) ? 1 : 0
      }),
      { numRuns: 1000 },
    )
    assert.ok(policies > 5, 'some of them are sound')
  })

  test('on any data as YAML', () => {
    fc.assert(
      fc.property(anything, situation, (data, now) => void holds(stringify(data) ?? '', now)),
      { numRuns: 500 },
    )
  })

  test('on any text', () => {
    const piece = fc.oneof(
      fc.constantFrom(...SCRAPS, ...KEYS.map((key) => `${key}: `)),
      fc.constantFrom(
        '\n',
        '  ',
        '- ',
        ': ',
        '{',
        '}',
        '[',
        ']',
        '"',
        "'",
        '|',
        '>',
        '&a',
        '*a',
        '!t',
      ),
      fc.constantFrom('---\n', '...\n', '? ', '#', '%YAML 1.1\n', '\t', '\r', ',', '\\', '<<: '),
    )
    const text = fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join(''))
    fc.assert(
      fc.property(text, situation, (some, now) => void holds(`version: 1\n${some}`, now)),
      { numRuns: 2000 },
    )
  })
})

/** True for a policy; whatever comes of a text, it must come without an exception, and shown without one. */
function holds(text: string, now: Parameters<typeof decided>[1]): boolean {
  const { policy, issues } = loadText(text)
  formatIssues(issues)
  assert.equal(
    policy === null,
    issues.some(({ severity }) => severity === 'error'),
  )
  for (const { line, column, length, source } of issues) {
    assert.ok(line >= 0 && column >= 1 && length >= 1 && column <= source.length + 1)
  }
  if (policy) assert.notEqual(decided(policy, { ...now, session: {} }).outcome, 'fault')
  return policy !== null
}
