import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { folder, stepgate, TEAM } from './support.ts'

const POLICY = readFileSync(TEAM, 'utf8')
const TESTS = TEAM.replace('.yaml', '.test.yaml')
const HEAD = 'defaults: { now: "2026-11-23T10:00:00Z", source: { ip: 10.1.1.1 } }\ntests:\n'
const FAILING = `${HEAD}  - name: "<pay> & 'go'\\e"
    request: { method: POST, path: /bills/7/pay }
    subject: { id: ada, roles: [clerk] }
    session: { level: mfa, auth_age: 6m }
    expect: { step_up: { level: password, max_age: 1h }, rules: [pay], indeterminate: {} }
  - { name: no such level, subject: {}, session: { level: mfaa }, expect: allow }
  - { name: nobody reads, request: { path: /bills }, expect: { unauthenticated: unauthenticated } }
`
const root = folder({
  'failing/policy.yaml': POLICY,
  'failing/policy.test.yaml': FAILING,
  'broken/policy.yaml': POLICY.replace('effect: deny', 'effect: denied'),
  'broken/policy.test.yaml': FAILING,
  'odd.yaml': POLICY,
  'odd.test.yaml': `defaults: { device: { known: true }, reqest: {} }
tests:
  - { name: a, travel: { speed_kmh: 0 }, expect: alow }
  - { name: b, session: { auth_age: 3 minutes }, expect: { stepup: {} } }
  - { expect: { allow: true, deny: x } }
`,
  'whole/a.yaml': POLICY,
  'whole/b.yaml':
    'version: 1\nrules: [{ id: health, match: { paths: ["/healthz"] }, effect: allow }]\n',
  'whole/b.test.yaml': `${HEAD}  - { name: probe, request: { path: /healthz }, expect: allow }\n`,
  'none/policy.yaml': POLICY,
  'lost.test.yaml': FAILING,
})
const at = (name: string) => join(root, name)

describe('stepgate test', () => {
  it('runs the tests beside a policy, and says what they never saw', async () => {
    const ran = await stepgate('test', TEAM)
    assert.equal(
      ran.out,
      [
        `${TEAM}: 2 tests passed`,
        'coverage: 50 % (6 of 12)',
        '  big: no test saw it met',
        '  from-outside: no test saw it apply',
        '  pay: no test saw it not apply, not met',
        '  read: no test saw it apply, not apply',
        '',
      ].join('\n'),
    )
    assert.equal(ran.code, 0)
  })

  it('takes the tests, or their directory, for the policy', async () => {
    for (const path of [TESTS, TESTS.replace('/policy.test.yaml', '')]) {
      const { code, out } = await stepgate('test', path)
      assert.equal(code, 0, out)
      assert.match(out, /: 2 tests passed\n/)
    }
  })

  it('tests a directory as one policy, and any policy that is named', async () => {
    assert.match((await stepgate('test', at('whole'))).out, /whole: 1 test passed\n/)
    const named = await stepgate('test', TESTS, '--policy', at('whole/a.yaml'))
    assert.match(named.out, /whole\/a\.yaml: 2 tests passed\n/)
  })

  it('covers every rule of the sample policy', async () => {
    const { code, out } = await stepgate('test', '--coverage', '100')
    assert.equal(code, 0, out)
    assert.match(out, /^config\/policy\.yaml: \d+ tests passed\ncoverage: 100 % \(\d+ of \d+\)\n$/)
  })

  it('ends with 1 below the coverage asked for', async () => {
    assert.equal((await stepgate('test', TEAM, '--coverage', '50')).code, 0)
    const { code, out } = await stepgate('test', TEAM, '--coverage', '51')
    assert.equal(code, 1)
    assert.match(out, /coverage: 50 % \(6 of 12\), less than the 51 % asked for/)
  })

  it('runs only the tests with a text in their name', async () => {
    const { code, out } = await stepgate('test', TEAM, '--filter', 'clerk', '--coverage', '100')
    assert.deepEqual({ code, out }, { code: 0, out: `${TEAM}: 1 test passed\n` })
    assert.equal((await stepgate('test', TEAM, '--filter', 'nothing')).code, 2)
  })

  it('shows failures as a diff, with the rules behind them', async () => {
    const { code, out } = await stepgate('test', at('failing'))
    const file = at('failing/policy.test.yaml')
    assert.equal(code, 1)
    assert.ok(
      out.startsWith(
        [
          `${file}:3: failed: <pay> & 'go'?`,
          '    step_up.level',
          '      - password',
          '      + mfa',
          '    step_up.max_age',
          '      - 1h',
          '      + 300s',
          '    rules',
          '      - ["pay"]',
          '      + ["big","pay"]',
          '    indeterminate',
          '      - {}',
          '      + {"big":"request.body"}',
          '    applied: big, pay',
          '    undecided: big (no request.body)',
          '',
          `${file}:8: failed: no such level`,
          '    there is no level `mfaa`; did you mean `mfa`?',
          '',
          `${at('failing')}: 1 test passed, 2 failed`,
          '',
        ].join('\n'),
      ),
      out,
    )
  })

  it('shows every mistake in a file of tests with its place', async () => {
    const { code, out } = await stepgate('test', at('odd.yaml'))
    const places = [...out.matchAll(/test\.yaml:(\d+):\d+: error\[([a-z-]+)\]/g)]
    assert.equal(code, 1)
    assert.deepEqual(
      places.map(([, place, what]) => `${place} ${what}`),
      [
        '1 unknown-key',
        '3 bad-value',
        '4 bad-value',
        '4 unknown-key',
        '5 missing-key',
        '5 bad-value',
      ],
    )
    for (const hint of ['request', 'allow', 'step_up'])
      assert.ok(out.includes(`did you mean \`${hint}\`?`), hint)
    assert.match(out, /odd\.yaml: 6 errors, no test was run\n$/)
  })

  for (const [name, argv, code, says] of [
    ['a policy with mistakes', ['broken'], 1, /1 error, no test was run/],
    ['no such file', ['nope.yaml'], 2, /does not exist/],
    [
      'a policy without tests',
      ['none/policy.yaml'],
      2,
      /they stand beside it in .*policy\.test\.yaml/,
    ],
    ['a directory without tests', ['none'], 2, /has no \*\.test\.yaml/],
    ['tests beside no policy', ['lost.test.yaml'], 2, /name what it tests by --policy/],
  ] as const) {
    it(`ends with ${code} for ${name}`, async () => {
      const ran = await stepgate('test', ...argv.map(at))
      assert.equal(ran.code, code)
      assert.match(ran.out + ran.err, says)
    })
  }

  it('answers in JSON', async () => {
    const { out } = await stepgate('test', at('failing'), '--format', 'json')
    const { passed, failed, suites } = JSON.parse(out)
    const [{ policy, tests, coverage }] = suites
    assert.deepEqual({ passed, failed, policy }, { passed: 1, failed: 2, policy: at('failing') })
    assert.equal(tests[0].differences[0].what, 'step_up.level')
    assert.deepEqual(tests[0].rules, ['big', 'pay'])
    assert.deepEqual(tests[0].indeterminate, [{ rule: 'big', missing: 'request.body' }])
    assert.equal(tests[1].mistake, 'there is no level `mfaa`; did you mean `mfa`?')
    assert.equal(tests[2].passed, true)
    assert.equal(
      coverage.rules.find(({ rule }: { rule: string }) => rule === 'pay').seen[0],
      'applies',
    )
  })

  it('answers in JUnit XML, well formed whatever the names have in them', async () => {
    const { code, out } = await stepgate('test', at('failing'), '--format', 'junit')
    assert.equal(code, 1)
    assert.match(out, /<testsuites name="stepgate" tests="3" failures="2" errors="0">/)
    assert.match(out, /name="&#60;pay&#62; &#38; &#39;go&#39;\ufffd"/)
    assert.match(out, /<failure message="step_up\.level: expected password, got mfa">/)
    assertWellFormed(out)
    const broken = await stepgate('test', at('broken'), '--format', 'junit')
    assert.match(broken.out, /<testsuites name="stepgate" tests="1" failures="0" errors="1">/)
    assertWellFormed(broken.out)
  })
})

/** Tags nest, and neither text nor attributes have a bare `<`, `&` or quote in them. */
function assertWellFormed(xml: string): void {
  const open: string[] = []
  const body = xml.replace(/^<\?xml [^?]*\?>\s*/, '')
  const token = /<(\/?)([a-z]+)((?: [a-z]+="(?:[^<&"]|&#\d+;)*")*)>|((?:[^<&"]|&#\d+;)+)/y
  for (let at = 0; at < body.length; at = token.lastIndex) {
    token.lastIndex = at
    const found = token.exec(body)
    assert.ok(found, `not XML: ${body.slice(at, at + 40)}`)
    const [, closing, name] = found
    if (name === undefined) continue
    if (closing === '') open.push(name)
    else assert.equal(open.pop(), name)
  }
  assert.deepEqual(open, [])
}
