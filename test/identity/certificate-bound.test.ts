import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { suite, test } from 'node:test'
import type { AccessRequest } from '../../src/domain/access-request.ts'
import {
  asking,
  boundTo,
  dpopWorld,
  HOLDER,
  outcomeOf,
  proof,
  proofClaims,
  thumbprint,
} from './dpop-world.ts'
import { CLAIMS, token } from './tokens.ts'

/** Of a robot, signed by itself; its key is gone. */
const PEM = `-----BEGIN CERTIFICATE-----
MIIBdzCCAR2gAwIBAgIUUX59O3zNY83YLkYL1heTaCm+gsQwCgYIKoZIzj0EAwIw
EDEOMAwGA1UEAwwFcm9ib3QwIBcNMjYxMTI0MDAwNTEyWhgPMjEyNjEwMzEwMDA1
MTJaMBAxDjAMBgNVBAMMBXJvYm90MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE
umwYzcZqzZ3GHHNa3R4zjpKK8EuYX5WRz1n6Tb7ve0fm7hZuiaM8z7v2QFCIxuar
QMeTzuq1iKPV84hu8Zj+yaNTMFEwHQYDVR0OBBYEFEzIulZ0UE4xcIWUy0OcGQQ6
kXbdMB8GA1UdIwQYMBaAFEzIulZ0UE4xcIWUy0OcGQQ6kXbdMA8GA1UdEwEB/wQF
MAMBAf8wCgYIKoZIzj0EAwIDSAAwRQIhAMCTqTSSFpMM6HB3Bug25fPiePu9BZ6X
vM07kdCV2vsqAiAO0wmod1/EO39vog8TbCn5jELfDsO1AgApQBhRpPSZTA==
-----END CERTIFICATE-----
`
const HEX = new X509Certificate(PEM).fingerprint256.replaceAll(':', '').toLowerCase()
const DIGEST = Buffer.from(HEX, 'hex').toString('base64url')

const toCertificate = (digest: unknown, more: object = {}) =>
  token({ ...CLAIMS, cnf: { 'x5t#S256': digest, ...more } })

/** What Envoy says of the client's certificate. */
const shown = (pem: string): Partial<AccessRequest> => ({
  source: { ip: null, principal: '', certificate: encodeURIComponent(pem) },
})
const SHOWN = shown(PEM)

const SENT: readonly (readonly [string, string, Partial<AccessRequest>, string])[] = [
  ['its certificate', toCertificate(DIGEST), SHOWN, 'authenticated'],
  [
    'its certificate without the last line break',
    toCertificate(DIGEST),
    shown(PEM.trim()),
    'authenticated',
  ],
  ['another certificate', toCertificate('A'.repeat(43)), SHOWN, 'wrong-certificate'],
  [
    'the digest with a bit turned',
    toCertificate(DIGEST.replace(/^./, 'r')),
    SHOWN,
    'wrong-certificate',
  ],
  ['no certificate', toCertificate(DIGEST), {}, 'key-bound'],
  ['a chain', toCertificate(DIGEST), shown(PEM + PEM), 'key-bound'],
  ['text around it', toCertificate(DIGEST), shown(`x${PEM}`), 'key-bound'],
  ['a key', toCertificate(DIGEST), shown(PEM.replaceAll('CERTIFICATE', 'PUBLIC KEY')), 'key-bound'],
  ['an empty certificate', toCertificate(DIGEST), shown(PEM.replace(/\n[^-]+/, '\n')), 'key-bound'],
  [
    'a bad escape',
    toCertificate(DIGEST),
    { source: { ip: null, principal: '', certificate: '%' } },
    'key-bound',
  ],
  ['the digest in hexadecimal', toCertificate(HEX), SHOWN, 'key-bound'],
  ['the digest with padding', toCertificate(`${DIGEST}=`), SHOWN, 'key-bound'],
  ['the digest as a list', toCertificate([DIGEST]), SHOWN, 'key-bound'],
  ['an older digest beside it', toCertificate(DIGEST, { x5t: 'A' }), SHOWN, 'key-bound'],
  ['only the older digest', token({ ...CLAIMS, cnf: { x5t: DIGEST } }), SHOWN, 'key-bound'],
  ['no bond, and a certificate', token(), SHOWN, 'authenticated'],
]

const FORWARDED: readonly (readonly [string, string, string])[] = [
  ['as Envoy writes it', `By=spiffe://a;Hash=${HEX};Subject="CN=robot"`, 'authenticated'],
  ['in upper case', `Hash=${HEX.toUpperCase()}`, 'authenticated'],
  ['of another certificate', `Hash=${'0'.repeat(64)}`, 'wrong-certificate'],
  ['of two hops', `Hash=${HEX},Hash=${HEX}`, 'key-bound'],
  ['without a hash', 'By=spiffe://a', 'key-bound'],
  ['with the hash in quotes', `Subject="Hash=${HEX}"`, 'key-bound'],
]

suite('a token that is bound to a certificate, with', () => {
  for (const [name, bearer, request, expected] of SENT) {
    test(`${name}: ${expected}`, async () => {
      const { identify } = dpopWorld()
      // Twice: it is known the second time, and the certificate is compared all the same.
      for (const _ of [1, 2]) {
        const identity = await identify(asking(`Bearer ${bearer}`, [], request))
        assert.equal(outcomeOf(identity), expected)
      }
    })
  }

  test('its certificate once, and then without: it does not stay good', async () => {
    const { identify, results } = dpopWorld()
    const bearer = `Bearer ${toCertificate(DIGEST)}`
    for (const request of [SHOWN, {}, shown(PEM.replace('MIIB', 'MIIC'))])
      await identify(asking(bearer, [], request))
    assert.deepEqual(results, ['ok', 'key-bound', 'wrong-certificate'])
  })
})

suite('the certificate that a proxy forwards', () => {
  for (const [name, value, expected] of FORWARDED) {
    test(`${name}: ${expected}`, async () => {
      const { identify } = dpopWorld({}, 'x-forwarded-client-cert')
      assert.equal(outcomeOf(await identify(forwarding(value))), expected)
    })
  }

  test('is what counts then, and not that of the proxy’s own connection', async () => {
    const { identify, results } = dpopWorld({}, 'x-forwarded-client-cert')
    await identify(asking(`Bearer ${toCertificate(DIGEST)}`, [], SHOWN))
    assert.deepEqual(results, ['key-bound'])
  })

  test('is nothing where the settings do not say who sets the header', async () => {
    const { identify, results } = dpopWorld()
    await identify(forwarding(`Hash=${HEX}`))
    assert.deepEqual(results, ['key-bound'])
  })
})

suite('a token that is bound to a key and a certificate', () => {
  const both = boundTo(HOLDER.pair.publicKey, {
    cnf: { jkt: thumbprint(HOLDER.pair.publicKey), 'x5t#S256': DIGEST },
  })
  const cases: readonly (readonly [string, string, Partial<AccessRequest>, string])[] = [
    ['with neither', `Bearer ${both}`, {}, 'key-bound'],
    ['with the certificate', `Bearer ${both}`, SHOWN, 'key-bound'],
    ['with the key', `DPoP ${both}`, {}, 'key-bound'],
    [
      'with the key and another certificate',
      `DPoP ${both}`,
      shown(PEM.replace('MIIB', 'MIIC')),
      'wrong-certificate',
    ],
    ['with both, the proof for another token', `DPoP ${both}`, SHOWN, 'proof-other-token'],
  ]
  for (const [name, authorization, request, expected] of cases) {
    test(`${name}: ${expected}`, async () => {
      const { identify } = dpopWorld()
      assert.equal(outcomeOf(await identify(asking(authorization, [proof()], request))), expected)
    })
  }

  test('with both: authenticated', async () => {
    const { identify } = dpopWorld()
    const identity = await identify(asking(`DPoP ${both}`, [proof(proofClaims(both))], SHOWN))
    assert.equal(identity.kind, 'authenticated')
  })
})

function forwarding(value: string): AccessRequest {
  const plain = asking(`Bearer ${toCertificate(DIGEST)}`, [])
  return { ...plain, headers: new Map([...plain.headers, ['x-forwarded-client-cert', [value]]]) }
}
