import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { folder, stepgate, TEAM } from './support.ts'

const root = folder({ 'odd.yaml': 'reqest: {}\n', 'broken.yaml': 'version: 2\n' })
const at = (name: string) => join(root, name)
const explain = (...argv: readonly string[]) => stepgate('explain', '--policy', TEAM, ...argv)

describe('stepgate explain, asked for what cannot be', () => {
  for (const [name, argv, code, says] of [
    ['no request', [], 2, /name the request/],
    ['no such level', ['--path', '/', '--level', 'mfaa'], 2, /did you mean `mfa`\?/],
    ['no time', ['--path', '/', '--now', 'yesterday'], 2, /now: a date and time has a zone/],
    ['no such day', ['--path', '/', '--now', '2026-02-31T25:00:00Z'], 2, /no date and time/],
    ['no address', ['--path', '/', '--ip', '10.0.0.0/8'], 2, /is no address/],
    ['a body that is no JSON', ['--path', '/', '--body', '{'], 2, /--body is not JSON/],
    ['a body that is not there', ['--path', '/', '--body', '@nope'], 2, /cannot read nope/],
    ['a header without a name', ['--path', '/', '--header', 'x'], 2, /write NAME:VALUE/],
    ['a claim without a name', ['--path', '/', '--claim', 'x'], 2, /write NAME=VALUE/],
    [
      'an age that is none',
      ['--path', '/', '--auth-age', 'old', '--level', 'mfa'],
      2,
      /auth_age: a duration/,
    ],
    ['a file that is no request', ['--request', at('odd.yaml')], 2, /did you mean `request`\?/],
    ['a file that is not there', ['--request', 'nope.yaml'], 2, /cannot read nope\.yaml/],
  ] as const) {
    it(`ends with ${code} for ${name}`, async () => {
      const ran = await explain(...argv)
      assert.equal(ran.code, code)
      assert.equal(ran.out, '')
      assert.match(ran.err, says)
    })
  }

  it('explains nothing by a policy with mistakes', async () => {
    const { code, err } = await stepgate('explain', '--policy', at('broken.yaml'), '--path', '/')
    assert.equal(code, 1)
    assert.match(err, /broken\.yaml:1:10: error/)
    assert.equal((await stepgate('explain', '--policy', 'nope', '--path', '/')).code, 2)
  })
})
