import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { stepgate } from './support.ts'

describe('the command line', () => {
  for (const [name, argv, says] of [
    ['a command with a slip', ['chekc'], /unknown command 'chekc'\n\(Did you mean check\?\)/],
    ['an option with a slip', ['check', '--confg', 'x'], /\(Did you mean --config\?\)/],
    ['a format that there is not', ['check', '--format', 'xml'], /Allowed choices are text, json/],
    ['a percentage over 100', ['test', '--coverage', '101'], /a whole number from 0 to 100/],
    ['two things at once', ['schema', '--write', '--check'], /cannot be used with/],
    ['an argument too many', ['explain', 'GET'], /too many arguments/],
    ['half a decision id', ['explain', '4f6f2c1e'], /no decision id, which is a whole UUID/],
    [
      'a made-up request beside a decision',
      ['explain', '4f6f2c1e-6b0a-4d0e-9c58-0a4f0c6b7d11', '--auth-age', '3m'],
      /--auth-age is for a made-up request/,
    ],
    ['a token problem with a slip', ['explain', '--token', 'expird'], /Did you mean expired\?/],
    ['nothing at all', [], /Usage: stepgate/],
    ['settings that are not there', ['test', '--config', 'nope.yaml'], /mend the settings first/],
  ] as const) {
    it(`ends with 2 for ${name}`, async () => {
      const { code, out, err } = await stepgate(...argv)
      assert.equal(code, 2)
      assert.equal(out, '')
      assert.match(err, says)
    })
  }

  it('helps, and says what its exit codes mean', async () => {
    const { code, out } = await stepgate('--help')
    assert.equal(code, 0)
    assert.match(out, /Exit codes: 0 fine, 1 the thing checked is wrong, 2 usage or environment/)
    for (const command of ['serve', 'check', 'test', 'explain', 'schema'])
      assert.match(out, new RegExp(`^ {2}${command} `, 'm'))
  })

  it('knows its version', async () => {
    assert.match((await stepgate('--version')).out, /^\d+\.\d+\.\d+\n$/)
  })
})
