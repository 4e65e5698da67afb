import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { decided } from '../support/random-policies.ts'
import { loadText, policyOf, V } from './support.ts'

/** Code, line and column of each error. */
function placesIn(text: string): readonly string[] {
  const errors = loadText(text).issues.filter(({ severity }) => severity === 'error')
  return errors.map(({ code, line, column }) => `${code} ${line}:${column}`)
}

const PROTOTYPE = Object.getOwnPropertyNames(Object.prototype).sort().join()

suite('names of the prototype are names like others, or refused', () => {
  const names = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf']
  /** Every place of the language where an author chooses a name. */
  const places: Record<string, (name: string) => string> = {
    root: (name) => `${name}: { x: 1 }`,
    networks: (name) => `networks: { ${name}: [10.0.0.0/8] }`,
    schedules: (name) =>
      `schedules: { ${name}: { timezone: UTC, days: mon, hours: "08:00-09:00" } }`,
    counters: (name) => `counters: { ${name}: { per: subject.id, window: 5m } }`,
    variables: (name) => `variables: { ${name}: subject.workload }`,
    'fields of a body': (name) => `inputs: { body: { ${name}: string } }`,
    claims: (name) => `inputs: { claims: { ${name}: string } }`,
    'levels of risk': (name) => `risk: { levels: { ${name}: 50 } }`,
    issuers: (name) => `assurance: [{ level: a, acr: { ${name}: [x] } }]`,
    levels: (name) => `assurance: [{ level: ${name}, amr: [[pwd]] }]`,
    ids: (name) => `rules: [{ id: ${name}, effect: deny }]`,
    headers: (name) => `rules: [{ id: a, effect: deny, match: { headers: { ${name}: x } } }]`,
    context: (name) => `rules: [{ id: a, effect: deny, match: { context: { ${name}: x } } }]`,
    captures: (name) => `rules: [{ id: a, effect: deny, match: { paths: ["/{${name}}"] } }]`,
    'keys of a rule': (name) => `rules: [{ id: a, effect: deny, ${name}: x }]`,
    'fields in expressions': (name) =>
      `rules: [{ id: a, effect: deny, when: request.${name} == "" }]`,
    'names in expressions': (name) => `rules: [{ id: a, effect: deny, when: ${name} == "" }]`,
    'computed fields': (name) =>
      `rules: [{ id: a, effect: deny, when: 'request.headers["${name}"] == [""]' }]`,
  }
  for (const [place, write] of Object.entries(places)) {
    test(place, () => {
      for (const name of names) {
        const { policy, issues } = loadText(V + write(name))
        assert.equal(
          policy === null,
          issues.some(({ severity }) => severity === 'error'),
        )
        if (policy) decided(policy, { request: { method: 'GET', path: `/${name}` } })
      }
      assert.equal(Object.getOwnPropertyNames(Object.prototype).sort().join(), PROTOTYPE)
      assert.equal(Reflect.get({}, 'x'), undefined)
    })
  }

  test('where a name is accepted it means what was written', () => {
    const policy = policyOf(`${V}rules:
  - id: constructor
    match: { paths: ["/{__proto__}/{constructor}"] }
    when: request.params.__proto__ == "a" && request.params["constructor"] == "b"
    effect: allow`)
    const at = (path: string) => decided(policy, { request: { method: 'GET', path } })
    assert.deepEqual([at('/a/b').outcome, at('/a/b').rule], ['allow', 'constructor'])
    assert.equal(at('/b/a').outcome, 'deny')
  })
})

suite('characters', () => {
  const RULE = 'rules:\n  - id: a\n    efect: allow\n'
  const cases: Record<string, [string, readonly string[]]> = {
    'a byte order mark counts for nothing': [`\ufeff${V}${RULE}`, ['unknown-key 4:5']],
    'a byte order mark within the file': [`${V}\ufeff${RULE}`, ['bad-character 2:1']],
    'lines that end as on Windows': [`${V}${RULE}`.replaceAll('\n', '\r\n'), ['unknown-key 4:5']],
    'lines that end as on old Macs': [`${V}${RULE}`.replaceAll('\n', '\r'), ['bad-character 1:11']],
    'tabs before keys': [`${V}rules:\n\t- id: a\n`, ['bad-yaml 3:1']],
    'tabs after keys': [`${V}rules:\n  - id:\ta\n    effect:\tdeny\t\n`, []],
    NUL: [`${V}rules:\n  - id: a\0\n    effect: deny\n`, ['bad-character 3:10']],
    'half a surrogate pair': [`${V}# \ud83d\n`, ['bad-character 2:3']],
    'the other half': [`${V}# x\ude00\n`, ['bad-character 2:4']],
    'a whole pair': [`${V}# 😀\n`, []],
    'a replacement of what was not UTF-8': [`${V}# \ufffd\n`, []],
    'an escaped NUL in a path': [
      `${V}rules: [{ id: a, effect: deny, match: { paths: ["/a\\0"] } }]`,
      ['bad-path-template 2:49'],
    ],
    'an escaped NUL in an id': [`${V}rules: [{ id: "a\\0", effect: deny }]`, ['bad-value 2:15']],
  }
  for (const [name, [text, places]] of Object.entries(cases)) {
    test(name, () => assert.deepEqual(placesIn(text), places))
  }
})

suite('positions inside an expression point into the text of the file', () => {
  const E = 'subject.id == "x" && subject.idd == ""'
  const head = `${V}rules:\n  - id: a\n    effect: deny\n`
  /** The mistake stands at the `idd` of each. */
  const scalars: Record<string, string> = {
    plain: `    when: ${E}`,
    'plain, on two lines': `    when: subject.id == "x" &&\n      subject.idd == ""`,
    'plain, with an empty line': `    when: subject.id == "x" &&\n\n\n      subject.idd == ""`,
    'plain, with an anchor': `    when: &here ${E}`,
    'on the line after the key': `    when:\n      ${E}`,
    'in single quotes': `    when: '${E}'`,
    'in single quotes that double quotes': `    when: 'subject.id == ''x'' && subject.idd == '''''`,
    'in double quotes': `    when: "${E.replaceAll('"', '\\"')}"`,
    'in double quotes with escapes': `    when: "subject.id == '\\x41\\u0042\\U00000043' &&\\tsubject.idd == ''"`,
    'in double quotes with a line that goes on': `    when: "subject.id == 'x' \\\n      && subject.idd == ''"`,
    'in double quotes over lines': `    when: "subject.id == 'x'\n\n      && subject.idd == ''"`,
    'in a literal block': `    when: |\n      subject.id == "x"\n        && subject.idd == ""`,
    'in a literal block with backslashes': `    when: |\n      subject.id == "\\\\n\\x41" && subject.idd == ""`,
    'in a block with an indentation of its own': `    when: |2-\n         subject.id == "x"\n      && subject.idd == ""`,
    'in a block after a comment': `    when: | # note\n      // a comment\n      ${E}`,
    'in a folded block': `    when: >-\n      subject.id == "x"\n\n      && subject.idd == ""`,
    'in a folded block with deeper lines': `    when: >\n      subject.id == "x"\n        &&\n      subject.idd == ""`,
    'after letters of two units': `    when: subject.id == "😀é" && subject.idd == ""`,
  }
  for (const [name, scalar] of Object.entries(scalars)) {
    for (const end of ['\n', '\r\n']) {
      test(`${name}${end === '\n' ? '' : ', with CRLF'}`, () => {
        const text = `${head}${scalar}\n`.replaceAll('\n', end)
        const [issue, ...more] = loadText(text).issues
        assert.ok(issue)
        assert.deepEqual([issue.code, more.length], ['unknown-name', 0])
        const marked = issue.source.slice(issue.column - 1, issue.column - 1 + issue.length)
        assert.deepEqual([marked, issue.line], ['idd', lineOf(text, 'idd')])
      })
    }
  }
})

function lineOf(text: string, word: string): number {
  return text.split('\n').findIndex((line) => line.includes(word)) + 1
}
