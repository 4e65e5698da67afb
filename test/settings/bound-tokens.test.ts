import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { codesOf, IDP, settingsOf } from './reading.ts'

suite('bound tokens', () => {
  test('proofs are checked as a matter of course, by the origin that Envoy sees', () => {
    assert.deepEqual(settingsOf(IDP).bound_tokens, {
      certificate: 'source',
      dpop: {
        algorithms: ['ES256', 'PS256', 'EdDSA', 'Ed25519'],
        window: 60,
        ahead: 10,
        origins: [],
      },
    })
  })

  test('origins are normalised, also from the environment', () => {
    const env = { STEPGATE_BOUND_TOKENS_DPOP_ORIGINS: 'HTTPS://A.example.com.:443,http://[::1]:80' }
    assert.deepEqual(settingsOf(IDP, env).bound_tokens.dpop.origins, [
      { scheme: 'https', host: 'a.example.com', port: 443 },
      { scheme: 'http', host: '[::1]', port: 80 },
    ])
  })

  const mistakes: readonly (readonly [string, string])[] = [
    ['dpop: { algorithms: [HS256] }', 'bad-algorithm'],
    ['dpop: { algorithms: [none] }', 'bad-algorithm'],
    ['dpop: { window: 0s }', 'out-of-range'],
    ['dpop: { window: 11m }', 'out-of-range'],
    ['dpop: { ahead: 6m }', 'out-of-range'],
    ['dpop: { origins: [licensing.example.com] }', 'bad-value'],
    ['dpop: { origins: ["https://licensing.example.com/v1"] }', 'bad-value'],
    ['dpop: { origins: ["https://licensing.example.com?"] }', 'bad-value'],
    ['dpop: { origins: ["https://eve@licensing.example.com"] }', 'bad-value'],
    ['dpop: { origins: ["wss://licensing.example.com"] }', 'bad-value'],
    ['dpop: { nonce: { key: secret } }', 'bad-secret'],
    ['dpop: { nonce: { key: "env:K", life: 5s } }', 'out-of-range'],
    ['dpop: { windw: 5s }', 'unknown-key'],
  ]
  for (const [yaml, code] of mistakes) {
    test(`${yaml}: ${code}`, () => {
      assert.deepEqual(codesOf(`${IDP}\nbound_tokens: { ${yaml} }`), [code])
    })
  }

  test('a header for certificates has one name', () => {
    assert.equal(codesOf(`${IDP}\nbound_tokens: { certificate: x-client-cert }`).length, 1)
  })
})
