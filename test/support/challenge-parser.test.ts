import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { type ParsedChallenge, parseChallenges } from './challenge-parser.ts'

const bearer = (parameters: Record<string, string> = {}): ParsedChallenge => ({
  scheme: 'bearer',
  parameters,
})

describe('the parser of challenges', () => {
  const READ: [string, readonly ParsedChallenge[]][] = [
    ['Bearer', [bearer()]],
    ['Bearer a=b', [bearer({ a: 'b' })]],
    ['bEARER A=b', [bearer({ a: 'b' })]],
    ['Bearer   a="b"', [bearer({ a: 'b' })]],
    ['Bearer a = "b" ,\tc\t=\td', [bearer({ a: 'b', c: 'd' })]],
    ['Bearer a=""', [bearer({ a: '' })]],
    ['Bearer a="b, c=d"', [bearer({ a: 'b, c=d' })]],
    ['Bearer a="\\"\\\\\\b"', [bearer({ a: '"\\b' })]],
    ['Bearer a="\t\xff"', [bearer({ a: '\t\xff' })]],
    ['Bearer __proto__="a"', [bearer(JSON.parse('{"__proto__":"a"}'))]],
    ['Negotiate YWJj+/==', [{ scheme: 'negotiate', token68: 'YWJj+/==', parameters: {} }]],
    ['Negotiate a=', [{ scheme: 'negotiate', token68: 'a=', parameters: {} }]],
    ['Basic, Bearer', [{ scheme: 'basic', parameters: {} }, bearer()]],
    [
      'Newauth realm="apps", type=1, title="Login to \\"apps\\"", Basic realm="simple"',
      [
        { scheme: 'newauth', parameters: { realm: 'apps', type: '1', title: 'Login to "apps"' } },
        { scheme: 'basic', parameters: { realm: 'simple' } },
      ],
    ],
    [
      'Bearer a=b, Negotiate YQ==,DPoP algs="ES256"',
      [
        bearer({ a: 'b' }),
        { scheme: 'negotiate', token68: 'YQ==', parameters: {} },
        { scheme: 'dpop', parameters: { algs: 'ES256' } },
      ],
    ],
  ]
  for (const [text, challenges] of READ) {
    it(`reads ${JSON.stringify(text)}`, () => {
      assert.deepEqual(parseChallenges(text), challenges)
    })
  }

  const REFUSED = [
    '',
    ' ',
    ' Bearer',
    'Bearer ',
    'Bearer\ta=b',
    ',Bearer',
    'Bearer,',
    'Bearer, ,Basic',
    'Bearer a=b,',
    'Bearer ,a=b',
    'Bearer a=b c=d',
    'Bearer a=b; c=d',
    'Bearer a="b" "c"',
    'Bearer a="b"c',
    'Bearer a="b',
    'Bearer a="b\\',
    'Bearer a="b\\"',
    "Bearer a='b c'",
    'Bearer a=b/c',
    'Bearer "a"=b',
    'Bearer a(b)=c',
    'Bearer a=b, A=c',
    'Bearer YQ==, a=b c',
    'Bearer YQ==b',
    'Bearer="a"',
    'Béarer',
    'Bearer a="b\nc"',
    'Bearer a="b"\r\nX: y',
    'Bearer a="\0"',
    'Bearer a="\x7f"',
    'Bearer a="\u0100"',
  ]
  for (const text of REFUSED) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      assert.throws(() => parseChallenges(text), SyntaxError)
    })
  }

  it('reads back whatever quoted strings can hold', () => {
    const text = fc.string({ unit: fc.constantFrom(...'ab "\\,=;()\t\xff') })
    fc.assert(
      fc.property(text, text, (a, b) => {
        const quoted = [a, b].map((value) => `"${value.replace(/["\\]/g, '\\$&')}"`)
        const [challenge] = parseChallenges(`Bearer a=${quoted[0]}, b=${quoted[1]}`)
        assert.deepEqual(challenge, bearer({ a, b }))
      }),
    )
  })
})
