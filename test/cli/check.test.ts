import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { folder, stepgate, TEAM } from './support.ts'

const GOOD = 'version: 1\nrules: [{ id: a, match: { paths: ["/a"] }, effect: allow }]\n'
const root = folder({
  'good.yaml': GOOD,
  'typo.yaml': 'version: 1\nrules:\n  - { id: a, mathc: {}, effect: allow }\n',
  'broken.yaml': 'version: 1\nrules: [\n',
  'latin1.yaml': Buffer.from('version: 1 # caf\xe9\n', 'latin1'),
  'lonely.yaml': 'version: 1\nassurance: [{ level: a, acr: { nobody: [x] } }]\n',
  'told.yaml': GOOD.replace('effect', 'when: "!session.revoked", effect'),
  'untold-settings.yaml':
    'issuers: { idp: { issuer: "https://idp.example.com", audiences: [a] } }\n',
  'mask.yaml': `version: 1
inputs: { body: { seats: number } }
variables: { large: request.body.seats > 9 }
rules: [{ id: a, match: { paths: ["/a"] }, unless: variables.large, effect: allow }]
`,
  'mask-settings.yaml': `issuers: { idp: { issuer: "https://idp.example.com", audiences: [a] } }
audit:
  to: audit.jsonl
  pseudonym_key: env:KEY
  mask:
    inputs: { "*": hash, request.body.saets: drop, request.body.seats: keep, variables.large: keep }
`,
  'two/a.yaml': GOOD,
  'two/b.yaml': GOOD.replace('id: a', 'id: b').replace('/a', '/b'),
  'two/b.test.yaml': 'not: [a policy]\n',
  'empty/readme.txt': '',
  'settings.yaml': 'issuers: {}\npolicys: x\n',
})
const at = (name: string) => join(root, name)

describe('stepgate check', () => {
  it('says how many rules it read when there is no mistake', async () => {
    const { code, out, err } = await stepgate('check', TEAM)
    assert.deepEqual(
      { code, out, err },
      { code: 0, out: `${TEAM}: 4 rules, no mistakes\n`, err: '' },
    )
  })

  it('checks the policy of the settings when none is named', async () => {
    const { code, out } = await stepgate('check')
    assert.equal(code, 0)
    assert.match(out, /^config\/policy\.yaml: \d+ rules, no mistakes\n$/)
  })

  it('shows a mistake with its place, a caret and the likely fix', async () => {
    const { code, out } = await stepgate('check', at('typo.yaml'))
    const file = at('typo.yaml')
    assert.equal(code, 1)
    assert.equal(
      out,
      [
        `${file}:3:14: error[unknown-key]: unknown key \`mathc\``,
        '  3 |   - { id: a, mathc: {}, effect: allow }',
        '    |              ^^^^^',
        '    = did you mean `match`?',
        '',
        `${file}: 1 error`,
        '',
      ].join('\n'),
    )
  })

  it('takes a directory as one policy, its tests aside', async () => {
    const { code, out } = await stepgate('check', at('two'))
    assert.equal(code, 0, out)
    assert.equal(out, `${at('two')} (2 files): 2 rules, no mistakes\n`)
  })

  it('takes what a shell makes of *.yaml', async () => {
    const paths = ['a.yaml', 'b.test.yaml', 'b.yaml'].map((name) => at(`two/${name}`))
    const { code, out } = await stepgate('check', ...paths)
    assert.equal(code, 0, out)
    assert.match(out, /: 2 rules, no mistakes\n$/)
  })

  it('warns of an issuer that the service lacks', async () => {
    const { code, out } = await stepgate('check', at('lonely.yaml'))
    assert.equal(code, 0)
    assert.match(out, /warning\[unknown-issuer\]: the service has no issuer `nobody`/)
    assert.match(out, /: 0 rules, 1 warning\n$/)
  })

  it('warns of what reads events that nobody tells the service of', async () => {
    const untold = await stepgate('check', '--config', at('untold-settings.yaml'), at('told.yaml'))
    assert.equal(untold.code, 0)
    assert.match(untold.out, /warning\[no-shared-signals\]: .*`session\.revoked` is unavailable/)
    const { code, out } = await stepgate('check', at('told.yaml'))
    assert.equal(code, 0)
    assert.match(out, /: 1 rule, no mistakes\n$/)
  })

  it('warns of a mask for what no condition reads', async () => {
    const { code, out } = await stepgate(
      'check',
      '--config',
      at('mask-settings.yaml'),
      at('mask.yaml'),
    )
    assert.equal(code, 0, out)
    const file = at('mask-settings.yaml')
    assert.equal(
      out,
      [
        `${file}:6:26: warning[unread-input]: no condition of the policy reads \`request.body.saets\``,
        '  6 |     inputs: { "*": hash, request.body.saets: drop, request.body.seats: keep, variables.large: keep }',
        '    |                          ^^^^^^^^^^^^^^^^^^',
        '    = did you mean `request.body.seats`?',
        '',
        `${at('mask.yaml')}: 1 rule, 1 warning`,
        '',
      ].join('\n'),
    )
  })

  it('finds mistakes in the settings as well', async () => {
    const { code, out } = await stepgate('check', '--config', at('settings.yaml'), TEAM)
    assert.equal(code, 1)
    assert.match(out, /did you mean `policy`\?/)
  })

  for (const [name, path, code, says] of [
    ['no such file', 'nope.yaml', 2, /cannot read the policy: it does not exist/],
    ['a directory without policies', 'empty', 2, /the directory has no \*\.yaml file/],
    ['broken YAML', 'broken.yaml', 1, /error\[bad-yaml\]/],
    ['no UTF-8', 'latin1.yaml', 1, /error\[invalid-utf8\]/],
  ] as const) {
    it(`ends with ${code} for ${name}`, async () => {
      const ran = await stepgate('check', at(path))
      assert.equal(ran.code, code)
      assert.match(ran.out, says)
    })
  }

  it('refuses tests in the place of a policy', async () => {
    const { code, err } = await stepgate('check', at('two/b.test.yaml'))
    assert.equal(code, 2)
    assert.match(err, /run them by `stepgate test`/)
  })

  it('answers in JSON', async () => {
    const good = JSON.parse((await stepgate('check', TEAM, '--format', 'json')).out)
    assert.deepEqual(good, { files: [TEAM], rules: 4, issues: [] })
    const bad = await stepgate('check', at('typo.yaml'), '--format', 'json')
    const { rules, issues } = JSON.parse(bad.out)
    assert.equal(bad.code, 1)
    assert.equal(rules, null)
    assert.deepEqual([issues[0].code, issues[0].line, issues[0].column], ['unknown-key', 3, 14])
  })
})
