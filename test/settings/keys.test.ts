import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { EC, EC_OTHER, jwk, RSA, RSA_SHORT } from '../identity/tokens.ts'
import { codesOf, IDP, idpWith, mistakesOf, settingsOf } from './reading.ts'

const FILE = 'STEPGATE_ISSUERS_IDP_KEYS_FILE'

function inline(...keys: object[]): string {
  return idpWith(`keys: { static: ${JSON.stringify({ keys })} }`)
}

suite('where keys come from', () => {
  const uri = 'https://idp.example.com/keys?tenant=1'
  const [ec, rsa] = [jwk(EC), jwk(RSA, { x5c: ['AA=='] })]
  const cases: [string, string, object, Record<string, string>?][] = [
    ['the metadata, when nothing is said', IDP, { from: 'discovery' }],
    ['the metadata, when no place is named', idpWith('keys: {}'), { from: 'discovery' }],
    ['an address', idpWith(`keys: { jwks_uri: "${uri}" }`), { from: 'jwks_uri', uri }],
    [
      'an address on loopback',
      idpWith('keys: { jwks_uri: "http://127.0.0.1:9/k" }'),
      { from: 'jwks_uri', uri: 'http://127.0.0.1:9/k' },
    ],
    ['a file', idpWith('keys: { file: var/k.json }'), { from: 'file', file: 'var/k.json' }],
    ['a file by its variable', IDP, { from: 'file', file: '/k' }, { [FILE]: '/k' }],
    ['a list', inline(ec, rsa), { from: 'static', keys: [ec, rsa] }],
  ]
  for (const [name, yaml, expected, env = {}] of cases) {
    test(name, () => assert.deepEqual(settingsOf(yaml, env).issuers[0]?.keys, expected))
  }
})

suite('mistakes with keys', () => {
  const secret = EC.pair.privateKey.export({ format: 'jwk' })
  const cases: [string, string, RegExp][] = [
    [
      'two places',
      idpWith('keys: { file: k.json, jwks_uri: "https://x.example" }'),
      /:5:11: error\[bad-keys\]: `jwks_uri` and `file`: keys come from one place/,
    ],
    ['an unknown place', idpWith('keys: { url: x }'), /:5:13: error\[unknown-key\]: .*`url`/],
    ['a slip of the pen', idpWith('keys: { jwks_url: x }'), /did you mean `jwks_uri`\?/],
    ['no mapping', idpWith('keys: k.json'), /error\[wrong-type\]: .* must be a mapping, not text/],
    ['nothing', idpWith('keys:'), /error\[wrong-type\]: .* must be a mapping, not nothing/],
    ['an empty file name', idpWith('keys: { file: "" }'), /error\[empty\]/],
    ['http', idpWith('keys: { jwks_uri: "http://x.example" }'), /keys must come over https/],
    ['only looks local', idpWith('keys: { jwks_uri: "http://127.0.0.1.x" }'), /over https/],
    ['a path', idpWith('keys: { jwks_uri: /jwks }'), /`\/jwks` is not the URL of a key set/],
    ['a password', idpWith('keys: { jwks_uri: "https://u:p@x.example" }'), /is not the URL/],
    ['another scheme', idpWith('keys: { jwks_uri: "file:///k" }'), /over https/],
    ['no keys', inline(), /error\[empty\]: `issuers\.idp\.keys\.static\.keys` is empty/],
    [
      'no list',
      idpWith('keys: { static: {} }'),
      /error\[missing-key\]: .*static\.keys` is missing/,
    ],
    ['an unknown member of the set', idpWith('keys: { static: { kees: [] } }'), /mean `keys`\?/],
    [
      'a key that is text',
      idpWith('keys: { static: { keys: [x] } }'),
      /must be a mapping, not text/,
    ],
    ['a kid that is a number', inline(jwk(EC, { kid: 1 })), /kid` must be text, not a number/],
    [
      'a private key',
      inline({ ...secret, kid: 's' }),
      /private-key\]: `d` is part of a private key/,
    ],
    ['a symmetric key', inline({ kty: 'oct', k: 'AAAA' }), /private-key\]: a symmetric key: /],
    ['a key without type', inline({ n: 'AA' }), /error\[missing-key\]: .*kty` is missing/],
    ['an unknown kind', inline({ kty: 'AKP' }), /a kind of key that is not known here/],
    ['an unknown curve', inline({ kty: 'EC', crv: 'secp256k1' }), /a kind of key that is not/],
    ['an encryption key', inline(jwk(EC, { use: 'enc' })), /`use: enc` signs no tokens/],
    ['a damaged key', inline(jwk(EC, { x: 'AAAA' })), /this is not a valid public key/],
    ['a short key', inline(jwk(RSA_SHORT)), /an RSA key of 1024 bits is too short/],
    ['one kid twice', inline(jwk(EC), jwk(EC_OTHER, { kid: 'ec-1' })), /have the `kid` `ec-1`/],
  ]
  for (const [name, yaml, message] of cases) {
    test(name, () => assert.match(mistakesOf(yaml), message))
  }

  test('a place in the file and another in a variable', () => {
    const yaml = idpWith('keys: { jwks_uri: "https://x.example" }')
    assert.match(mistakesOf(yaml, { [FILE]: 'k' }), /bad-keys\]: `jwks_uri` and `file`/)
  })

  test('101 keys', () => {
    const keys = Array.from({ length: 101 }, (_, at) => jwk(EC, { kid: `k${at}` }))
    assert.deepEqual(codesOf(inline(...keys)), ['out-of-range'])
  })

  const [key, letters] = [{ d: secret.d, ...secret, kid: 's' }, String(secret.d).slice(0, 8)]
  const lines: [string, string][] = [
    ['by the mistake that it is', inline(key)],
    ['by another mistake in it', inline({ ...key, kid: 1 })],
    ['by a mistake beside it', inline(key).replace('keys: {', 'keys: { fiel: x,')],
    ['by broken YAML', inline(key).replace(/\n$/, ' ]')],
    [
      'in a block',
      idpWith(`keys:\n      static: { keys: [{\n        kty: 1, 'd' : ${secret.d} }] }`),
    ],
  ]
  for (const [name, yaml] of lines) {
    test(`no part of a private key is shown: ${name}`, () => {
      const shown = mistakesOf(yaml)
      assert.match(shown, /config\/stepgate\.yaml:\d+:\d+: error\[/)
      assert.ok(!shown.includes(letters), shown)
    })
  }
})
