import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { formatIssues } from '../../src/domain/issue.ts'
import { BIG, type Hostile, holdHostile, loadText, repeated, SMALL, V } from './support.ts'

const rules = (n: number, rule: (index: number) => string) => `${V}rules:\n${repeated(n, rule)}`
const variables = (n: number, body: (index: number) => string) =>
  `${V}variables:\n${repeated(n, (i) => `  v${i}: ${body(i)}\n`)}`
const when = (expression: string) =>
  `${V}rules:\n- id: a\n  effect: deny\n  when: >\n    ${expression}`
const matches = (pattern: string) => when(`subject.id.matches("${pattern}")`)
const chained = (first: string, next: (before: string) => string) => (i: number) =>
  i === 0 ? first : next(`variables.v${i - 1}`)
const aged = 'session.auth_age > duration("5m")'
const doubled = variables(
  32,
  chained(aged, (before) => `${before} || ${before}`),
)
const many = Array(200).fill('subject.workload').join(' || ')

const EXPRESSIONS: readonly Hostile[] = [
  ['5,000 variables', variables(5000, () => 'subject.workload'), null, BIG],
  [
    '2,000 variables in a chain',
    variables(
      2000,
      chained('subject.workload', (before) => before),
    ),
    'variables-too-deep',
    BIG,
  ],
  ['2,000 in a circle', variables(2000, (i) => `variables.v${(i + 1) % 2000}`), 'cycle', SMALL],
  [
    'variables that read each other twice',
    `${doubled}rules:\n- {id: r, effect: deny, when: variables.v31}`,
    null,
    SMALL,
  ],
  ['over 4,000 characters', when(`subject.id == "${'x'.repeat(4000)}"`), 'bad-value', SMALL],
  ['3,900 characters', when(`subject.id == "${'x'.repeat(3880)}"`), null, SMALL],
  [
    '1,900 parentheses',
    when(`${'('.repeat(1900)}true${')'.repeat(1900)}`),
    'cel-not-accepted',
    SMALL,
  ],
  ['3,900 times not', when(`${'!'.repeat(3900)}true`), 'cel-not-accepted', SMALL],
  [
    '1,900 lists in lists',
    when(`${'['.repeat(1900)}${']'.repeat(1900)} == []`),
    'cel-not-accepted',
    SMALL,
  ],
  ['280 choices', when(`${'true ? true : '.repeat(280)}true`), 'cel-not-accepted', SMALL],
  ['1,900 fields', when(`request${'.a'.repeat(1900)}`), 'cel-not-accepted', SMALL],
  ['over 500 parts', when(many), 'cel-not-accepted', SMALL],
  ['repeated repetitions', matches('(((a{0,99}){0,99}){0,99})'), 'bad-pattern', SMALL],
  ['300,000 repetitions', matches('a{0,1000}'.repeat(300)), 'bad-pattern', SMALL],
  ['1,500 instructions', matches('(a+)+'.repeat(300)), 'bad-pattern', SMALL],
  ['1,900 groups', matches(`${'('.repeat(1900)}${')'.repeat(1900)}`), 'bad-pattern', SMALL],
  ['what others backtrack on', matches('^(a+)+$'), null, SMALL],
]

suite('a hostile expression gives an error or a policy, soon', () => holdHostile(EXPRESSIONS))

suite('no more mistakes are shown than anybody reads', () => {
  const wrong = (i: number) => `- {id: r${i}, effect: deny, when: x}\n`
  const open = (i: number) => `- {id: open${i}, effect: allow}\n`

  test('200, errors first, and that there are more', () => {
    const { issues, policy } = loadText(rules(150, open) + repeated(300, wrong))
    assert.equal(policy, null)
    assert.equal(issues.length, 201)
    const codes = [...new Set(issues.map(({ code }) => code))]
    assert.deepEqual(codes, ['unknown-name', 'too-many-issues'])
    assert.equal(
      formatIssues(issues.slice(-1)),
      'policy.yaml: error[too-many-issues]: only 200 mistakes are shown\n' +
        '   = mend these, then look again',
    )
  })

  test('too many warnings are no reason to refuse', () => {
    const { issues, policy } = loadText(rules(300, open))
    assert.ok(policy)
    assert.equal(issues.length, 201)
    assert.ok(issues.every(({ severity }) => severity === 'warning'))
  })

  test('a line that is not for people has a place and no excerpt', () => {
    const { issues } = loadText(`${V}rules: [{id: a, ${'x'.repeat(20_000)}: 1, efect: deny}]`)
    const last = issues.at(-1)
    assert.deepEqual([last?.line, last?.source], [2, ''])
  })
})
