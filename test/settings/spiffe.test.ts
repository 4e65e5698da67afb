import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { codesOf, IDP, idpWith, settingsOf } from './reading.ts'

suite('trust domains', () => {
  test('are none unless they are named', () => {
    assert.deepEqual(settingsOf(IDP).spiffe, { trust_domains: {} })
    const named = settingsOf(`${IDP}\nspiffe: { trust_domains: { mesh: prod.example.org } }`)
    assert.deepEqual(named.spiffe, { trust_domains: { mesh: 'prod.example.org' } })
  })

  const mistakes: readonly (readonly [string, readonly string[]])[] = [
    ['mesh: "spiffe://prod.example.org"', ['bad-value']],
    ['mesh: Prod.example.org', ['bad-value']],
    ['mesh: "prod.example.org:443"', ['bad-value']],
    ['mesh: prod.example.org/ns', ['bad-value']],
    ['mesh: ""', ['bad-value']],
    [`mesh: ${'a'.repeat(256)}`, ['bad-value']],
    ['mesh: [a]', ['wrong-type']],
    ['Mesh: a', ['bad-name']],
    ['"mesh x": a', ['bad-name']],
    ['idp: prod.example.org', ['duplicate-issuer']],
    ['mesh: a, other: a', ['duplicate-issuer']],
  ]
  for (const [yaml, codes] of mistakes) {
    test(`${yaml}: ${codes}`, () => {
      assert.deepEqual(codesOf(`${IDP}\nspiffe: { trust_domains: { ${yaml} } }`), codes)
    })
  }

  test('what is no mapping is one mistake', () => {
    for (const yaml of [
      'spiffe: x',
      'spiffe: { trust_domains: [a] }',
      'spiffe: { trust_domains: 1 }',
    ])
      assert.deepEqual(codesOf(`${IDP}\n${yaml}`), ['wrong-type'])
  })

  test('one of an issuer’s own is named as such', () => {
    const [issuer] = settingsOf(idpWith('workloads: { trust_domain: prod.example.org }')).issuers
    assert.deepEqual(issuer?.workloads, { clients: [], trust_domain: 'prod.example.org' })
    assert.deepEqual(codesOf(idpWith('workloads: { trust_domain: "spiffe://a" }')), ['bad-value'])
  })
})
