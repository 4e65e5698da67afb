import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import fc from 'fast-check'
import { parseDuration } from '../../src/domain/duration.ts'
import { formatIssue, formatIssues, type Issue } from '../../src/domain/issue.ts'
import { nearest } from '../../src/domain/nearest.ts'

const ISSUE: Issue = {
  severity: 'error',
  code: 'unknown-key',
  message: 'unknown key `mathc`',
  file: 'config/policy.yaml',
  line: 12,
  column: 5,
  source: '    mathc: { methods: [GET] }',
  length: 5,
  hint: 'did you mean `match`?',
}

suite('an issue as people see it', () => {
  test('place, code, line, mark and hint', () => {
    assert.equal(
      formatIssue(ISSUE),
      `config/policy.yaml:12:5: error[unknown-key]: unknown key \`mathc\`
  12 |     mathc: { methods: [GET] }
     |     ^^^^^
     = did you mean \`match\`?`,
    )
  })

  test('nothing but the first line without source and hint', () => {
    const bare: Issue = { ...ISSUE, severity: 'warning', line: 0, source: '', hint: null }
    assert.equal(formatIssue(bare), 'config/policy.yaml: warning[unknown-key]: unknown key `mathc`')
  })

  test('a tab takes one column, so that the mark stays under the culprit', () => {
    const shown = formatIssue({ ...ISSUE, source: '\t\tmathc: 1', column: 3 })
    assert.match(shown, / {2}12 \| {3}mathc: 1\n {5}\| {3}\^{5}\n/)
  })

  test('what could steer a terminal is masked', () => {
    const shown = formatIssue({ ...ISSUE, message: 'a\u001b[31m\u202e', source: 'x\u0007\u009b' })
    assert.match(shown, /a\?\[31m\?/)
    assert.match(shown, /x\?\?/)
  })

  test('they come in the order of their places', () => {
    const at = (file: string, line: number): Issue => ({
      ...ISSUE,
      file,
      line,
      source: '',
      hint: null,
    })
    const places = formatIssues([at('b', 1), at('a', 10), at('a', 9)]).match(/^\w:\d+/gm)
    assert.deepEqual(places, ['a:9', 'a:10', 'b:1'])
  })

  test('of a line of any length the marked part is shown, with the mark under it', () => {
    const culprit = '<culprit>'
    fc.assert(
      fc.property(fc.nat(400), fc.nat(400), (before, behind) => {
        const source = `${'a'.repeat(before)}${culprit}${'b'.repeat(behind)}`
        const shown = formatIssue({ ...ISSUE, source, column: before + 1, length: 9 }).split('\n')
        const [, line = '', mark = ''] = shown
        assert.ok(line.length < 120)
        assert.equal(line.slice(mark.indexOf('^'), mark.lastIndexOf('^') + 1), culprit)
      }),
    )
  })
})

test('durations', () => {
  const good = { '150ms': 0.15, '0s': 0, '5s': 5, '3m': 180, '8h': 28_800, '90d': 7_776_000 }
  for (const [text, seconds] of Object.entries(good)) assert.equal(parseDuration(text), seconds)
  for (const text of [
    '',
    '5',
    's',
    '5 s',
    ' 5s',
    '5s ',
    '-5s',
    '1.5h',
    '1h30m',
    '5S',
    '5w',
    '1e3s',
    '٣s',
  ]) {
    assert.equal(parseDuration(text), null, text)
  }
})

test('the nearest word', () => {
  const words = ['match', 'max_age', 'require', 'mode', 'id']
  const cases: [string, string | null][] = [
    ['mathc', 'match'],
    ['macth', 'match'],
    ['MATCH', 'match'],
    ['max-age', 'max_age'],
    ['maxAge', 'max_age'],
    ['requires', 'require'],
    ['mod', 'mode'],
    ['node', 'mode'],
    ['if', null],
    ['matching', null],
    ['', null],
    ['x'.repeat(100_000), null],
  ]
  for (const [word, expected] of cases) assert.equal(nearest(word, words), expected, word)
  assert.equal(nearest('mode', ['node', 'mode']), 'mode')
})
