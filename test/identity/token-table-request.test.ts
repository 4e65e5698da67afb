import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { ADA, compare, type Expected } from './token-table.ts'
import { CLAIMS, EC, EC_OTHER, ISSUER, key, keySet, NOW, RSA, request, token } from './tokens.ts'
import { KEYS, shared, world } from './world.ts'

suite('the header', () => {
  const good = token()
  const cases: [string, string[], Expected][] = [
    ['none', [], 'anonymous'],
    ['Bearer', [`Bearer ${good}`], ADA],
    ['lower case', [`bearer ${good}`], ADA],
    ['upper case', [`BEARER ${good}`], ADA],
    ['several blanks', [`Bearer   ${good} `], ADA],
    ['two headers', [`Bearer ${good}`, `Bearer ${good}`], 'several-credentials'],
    ['two headers, one empty', [`Bearer ${good}`, ''], 'several-credentials'],
    ['two headers, Basic first', ['Basic YTpi', `Bearer ${good}`], 'several-credentials'],
    ['two headers joined', [`Bearer ${good},Bearer ${good}`], 'several-credentials'],
    ['joined with another scheme', [`Bearer ${good}, Basic YTpi`], 'several-credentials'],
    ['joined with nothing', [`Bearer ${good},`], 'several-credentials'],
    ['Basic', ['Basic YTpi'], 'not-bearer'],
    ['DPoP, without anything that checks proofs', [`DPoP ${good}`], 'key-bound'],
    ['Negotiate', ['Negotiate YIIZ'], 'not-bearer'],
    ['the token alone', [good], 'not-bearer'],
    ['a longer scheme', [`Bearers ${good}`], 'not-bearer'],
    ['empty', [''], 'not-bearer'],
    ['blanks', ['   '], 'not-bearer'],
    ['Bearer alone', ['Bearer'], 'not-bearer'],
    ['Bearer and a blank', ['Bearer '], 'not-bearer'],
    ['no blank', [`Bearer${good}`], 'not-bearer'],
    ['a colon', [`Bearer: ${good}`], 'not-bearer'],
    ['an equals sign', [`Bearer=${good}`], 'not-bearer'],
    ['a tab', [`Bearer\t${good}`], 'not-bearer'],
    ['a blank and a tab', [`Bearer \t${good}`], 'not-bearer'],
    ['a blank of another alphabet', [`Bearer\u00a0${good}`], 'not-bearer'],
    ['a parameter', [`Bearer token="${good}"`], 'not-bearer'],
    ['two tokens', [`Bearer ${good} ${good}`], 'not-bearer'],
    ['Bearer twice', [`Bearer Bearer ${good}`], 'not-bearer'],
    ['a token in quotes', [`Bearer "${good}"`], 'not-bearer'],
    ['a percent-encoded dot', [`Bearer ${good.replace('.', '%2E')}`], 'not-bearer'],
    ['a line break', [`Bearer ${good}\r\nx: y`], 'not-bearer'],
    ['NUL behind', [`Bearer ${good}\0`], 'not-bearer'],
    ['a header without end', [`Bearer${' '.repeat(9000)}${good}`], 'too-large'],
  ]
  for (const [name, values, expected] of cases) {
    test(`${name}: ${typeof expected === 'string' ? expected : 'authenticated'}`, async () => {
      compare(await shared.identify(request(...values)), expected)
    })
  }
})

/** The clock and keys at one moment, and what the same token comes to then. */
type Moment = readonly [what: string, change: { now?: number; keys?: typeof KEYS }, Expected]

suite('the same token again', () => {
  const rotated = keySet(RSA, key('ec-9', 'ES256'))
  const replaced = keySet({ ...EC_OTHER, kid: EC.kid })
  const { exp } = CLAIMS

  test('until it expires', async () => {
    await follow([
      ['at first', {}, ADA],
      ['a second before exp', { now: exp - 1 }, ADA],
      ['at exp', { now: exp }, ADA],
      ['in the last second of the leeway', { now: exp + ISSUER.leeway - 1 }, ADA],
      ['at the end of the leeway', { now: exp + ISSUER.leeway }, 'expired'],
      ['long after', { now: exp + 86_400 }, 'expired'],
      ['when the clock is set back', { now: NOW }, ADA],
    ])
  })

  test('before its key was there, after it was withdrawn, and when it is back', async () => {
    await follow([
      ['with another key', { keys: await rotated }, 'unknown-key'],
      ['with its key', { keys: KEYS }, ADA],
      ['withdrawn', { keys: await rotated }, 'unknown-key'],
      ['back', { keys: KEYS }, ADA],
    ])
  })

  test('when another key took over its name', async () => {
    await follow([
      ['with its key', {}, ADA],
      ['with the other', { keys: await replaced }, 'bad-signature'],
    ])
  })
})

/** Sends one token through a service on whose clock and keys time passes. */
async function follow(moments: readonly Moment[]): Promise<void> {
  const { identify, state } = world()
  const bearer = `Bearer ${token()}`
  for (const [what, { now, keys }, expected] of moments) {
    if (now !== undefined) state.now = now * 1000
    if (keys !== undefined) state.keys = keys
    try {
      compare(await identify(request(bearer)), expected)
    } catch (error) {
      assert.fail(`${what}: ${error}`)
    }
  }
}
