import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { FORWARDED_CERTIFICATE } from '../../src/domain/forwarded-certificate.ts'
import type { CertificatePlace } from '../../src/identity/peer-certificate.ts'
import { outcomeOf } from './dpop-world.ts'
import { ID, pem, shown, uri, world } from './svid-world.ts'
import { request } from './tokens.ts'

suite('a certificate that a proxy forwards', () => {
  const cert = `Cert="${pem(uri(ID))}"`
  const HEADERS: readonly (readonly [string, readonly string[], string])[] = [
    [
      'as Envoy writes it',
      [`By=spiffe://a/b;Hash=${'a'.repeat(64)};${cert};URI=${ID}`],
      'authenticated',
    ],
    ['alone', [cert], 'authenticated'],
    ['of two hops', [`${cert},${cert};URI=${ID}`], 'svid-invalid'],
    ['of two hops that name no id', [`${cert},${cert}`], 'anonymous'],
    ['in two headers', [`${cert};URI=${ID}`, cert], 'svid-invalid'],
    ['twice in one element', [`${cert};${cert};URI=${ID}`], 'svid-invalid'],
    ['by its id alone', [`URI=${ID}`], 'svid-invalid'],
    ['by its id in quotes', [`Subject="";URI="${ID}"`], 'svid-invalid'],
    ['with half a quote', [`${cert.slice(0, -1)};URI=${ID}`], 'svid-invalid'],
    ['with another id', [`${`Cert="${pem({})}"`};URI=${ID}`], 'svid-invalid'],
    ['with another id than its own', [`${cert};URI=${ID}2`], 'svid-invalid'],
    ['with its id and another', [`${cert};URI=${ID};URI=urn:x`], 'svid-invalid'],
    ['within the subject', [`Subject="Cert=${pem(uri(ID))}"`], 'anonymous'],
    ['not at all, with the id of the proxy', [`By=${ID};Hash=${'a'.repeat(64)}`], 'anonymous'],
    ['not at all', [], 'anonymous'],
  ]
  for (const [name, values, expected] of HEADERS) {
    test(`${name}: ${expected}`, async () => {
      assert.equal(await forwarded('x-forwarded-client-cert', values), expected)
    })
  }

  test('keeps nobody busy, whatever it is', async () => {
    const blanks = ' '.repeat(5000)
    const hostile = [
      `Cert="-----BEGIN CERTIFICATE-----${blanks}!"`,
      `Cert="-----BEGIN CERTIFICATE-----\nA=${blanks}-----END CERTIFICATE-----${blanks}!"`,
      `URI=${blanks.repeat(12)}`,
      `${';'.repeat(30_000)}URI="${blanks}`,
    ]
    const begun = performance.now()
    for (const value of hostile) await forwarded('x-forwarded-client-cert', [value])
    assert.ok(performance.now() - begun < 1000)
  })

  test('is nothing where the settings do not say who sets the header', async () => {
    assert.equal(await forwarded('source', [`${cert};URI=${ID}`]), 'anonymous')
  })

  test('is what counts then, and not that of the proxy’s own connection', async () => {
    const identity = await world('x-forwarded-client-cert').identify(shown(uri(ID)))
    assert.equal(identity.kind, 'anonymous')
  })
})

async function forwarded(place: CertificatePlace, values: readonly string[]): Promise<string> {
  const headers = new Map(values.length > 0 ? [[FORWARDED_CERTIFICATE, values]] : [])
  const identity = await world(place).identify({ ...request(), headers })
  return outcomeOf(identity)
}
