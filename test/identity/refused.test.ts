import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { TokenProblem } from '../../src/domain/identity.ts'
import { CLAIMS, confused, EC, EC_OTHER, jwk, NOW, part, RSA, RSA_SHORT, token } from './tokens.ts'
import { identityOf } from './world.ts'

suite('tokens that are refused', () => {
  const claims = (more: object) => token({ ...CLAIMS, ...more })
  const without = (name: keyof typeof CLAIMS) => {
    const { [name]: _, ...rest } = CLAIMS
    return token(rest)
  }
  const good = token()
  const [head = '', body = '', signature = ''] = good.split('.')
  const pem = EC.pair.publicKey.export({ format: 'pem', type: 'spki' })
  const deep = `${'[{"a":'.repeat(400)}1${'}]'.repeat(400)}`

  const cases: [string, string, TokenProblem][] = [
    ['garbage', 'garbage', 'malformed'],
    ['two parts', `${head}.${body}`, 'malformed'],
    ['four parts', `${good}.x`, 'malformed'],
    ['five parts, as encrypted tokens have', `${good}.x.y`, 'malformed'],
    ['only dots', '..', 'malformed'],
    ['an empty header', `.${body}.${signature}`, 'malformed'],
    ['an empty payload', `${head}..${signature}`, 'malformed'],
    ['a header that is not JSON', token(CLAIMS, '{"alg":'), 'malformed'],
    ['a header that is a list', token(CLAIMS, '["ES256"]'), 'malformed'],
    ['a payload that is not JSON', token('{"iss":'), 'malformed'],
    ['a payload that is a list', token('[]'), 'malformed'],
    ['a payload that is null', token('null'), 'malformed'],
    ['a payload that is text', token('"ada"'), 'malformed'],
    ['a payload that is not UTF-8', `${head}.${part(Buffer.of(0x22, 0xff, 0x22))}.x`, 'malformed'],
    ['base64 of the other alphabet', `${head}.${body}.${'+/'.repeat(43)}`, 'malformed'],
    ['padding', `${good}==`, 'malformed'],
    ['stray bits at the end', `${good.slice(0, -1)}${nextLetter(good.at(-1))}`, 'malformed'],
    ['no alg', token(CLAIMS, `{"kid":"${EC.kid}"}`), 'malformed'],
    ['an alg that is a number', token(CLAIMS, { alg: 256 }), 'malformed'],
    ['a kid that is a number', token(CLAIMS, { kid: 1 }), 'malformed'],
    ['a typ that is a list', token(CLAIMS, { typ: ['JWT'] }), 'malformed'],
    ['a critical extension', token(CLAIMS, { crit: ['b64'], b64: false }), 'malformed'],
    ['an empty list of critical extensions', token(CLAIMS, { crit: [] }), 'malformed'],
    ['alg none without signature', `${part({ alg: 'none' })}.${body}.`, 'algorithm-not-allowed'],
    ['alg none with a signature', token(CLAIMS, { alg: 'none' }), 'algorithm-not-allowed'],
    ['alg None', token(CLAIMS, { alg: 'None' }), 'algorithm-not-allowed'],
    ['HS256 with the public key', confused(pem, { kid: EC.kid }), 'algorithm-not-allowed'],
    ['HS256 with the JWK', confused(JSON.stringify(jwk(EC)), {}), 'algorithm-not-allowed'],
    [
      'an algorithm that is not listed',
      token(CLAIMS, { alg: 'PS256' }, RSA),
      'algorithm-not-allowed',
    ],
    ['an algorithm in lower case', token(CLAIMS, { alg: 'es256' }), 'algorithm-not-allowed'],
    ['an RSA key under an EC algorithm', token(CLAIMS, { kid: RSA.kid }), 'unknown-key'],
    ['the wrong algorithm for the key', token(CLAIMS, { alg: 'RS256' }), 'unknown-key'],
    ['no signature', `${head}.${body}.`, 'bad-signature'],
    ['a signature cut short', good.slice(0, -2), 'bad-signature'],
    ['a signature of zeros', `${head}.${body}.${part(Buffer.alloc(64))}`, 'bad-signature'],
    ['another payload', `${head}.${part({ ...CLAIMS, sub: 'eve' })}.${signature}`, 'bad-signature'],
    [
      'a header changed',
      `${part({ alg: 'ES256', kid: EC.kid })}.${body}.${signature}`,
      'bad-signature',
    ],
    [
      'somebody else’s key under our kid',
      token(CLAIMS, { kid: EC.kid }, EC_OTHER),
      'bad-signature',
    ],
    ['an unknown kid', token(CLAIMS, {}, EC_OTHER), 'unknown-key'],
    ['no kid where several keys fit', token(CLAIMS, '{"alg":"RS256"}', RSA), 'unknown-key'],
    ['an RSA key that is too short', token(CLAIMS, {}, RSA_SHORT), 'unknown-key'],
    [
      'a key that it brings along',
      token(CLAIMS, { kid: 'x', jwk: jwk(EC_OTHER) }, EC_OTHER),
      'unknown-key',
    ],
    [
      'a key that it links to',
      token(CLAIMS, { jku: 'https://eve.example' }, EC_OTHER),
      'unknown-key',
    ],
    ['an ID token', token(CLAIMS, { typ: 'id_token+jwt' }), 'wrong-type'],
    ['a logout token', token(CLAIMS, { typ: 'logout+jwt' }), 'wrong-type'],
    ['a security event', token(CLAIMS, { typ: 'secevent+jwt' }), 'wrong-type'],
    ['a DPoP proof', token(CLAIMS, { typ: 'dpop+jwt' }), 'wrong-type'],
    ['an empty typ', token(CLAIMS, { typ: '' }), 'wrong-type'],
    ['an ID token by its at_hash', claims({ at_hash: 'x' }), 'wrong-type'],
    ['an event by its claim', claims({ events: {} }), 'wrong-type'],
    ['an ID token of Keycloak', claims({ typ: 'ID' }), 'wrong-type'],
    ['a refresh token of Keycloak', claims({ typ: 'Refresh' }), 'wrong-type'],
    ['another issuer', claims({ iss: 'https://eve.example' }), 'unknown-issuer'],
    ['the issuer with a slash more', claims({ iss: `${CLAIMS.iss}/` }), 'unknown-issuer'],
    ['a list of issuers', claims({ iss: [CLAIMS.iss] }), 'unknown-issuer'],
    ['an issuer called like a method', claims({ iss: 'constructor' }), 'unknown-issuer'],
    ['no issuer', without('iss'), 'unknown-issuer'],
    ['another audience', claims({ aud: 'payments' }), 'wrong-audience'],
    ['a longer audience', claims({ aud: 'licensing-api-2' }), 'wrong-audience'],
    ['no audience in the list', claims({ aud: [] }), 'wrong-audience'],
    ['an audience that is an object', claims({ aud: { 0: 'licensing-api' } }), 'wrong-audience'],
    ['no audience', without('aud'), 'wrong-audience'],
    ['expired at the leeway', claims({ exp: NOW - 5 }), 'expired'],
    ['expired long ago', claims({ exp: 1 }), 'expired'],
    ['no exp', without('exp'), 'claims-invalid'],
    ['an exp that is text', claims({ exp: String(NOW + 300) }), 'claims-invalid'],
    [
      'an endless exp',
      token(JSON.stringify(CLAIMS).replace(/"exp":\d+/, '"exp":1e999')),
      'claims-invalid',
    ],
    ['an nbf in the future', claims({ nbf: NOW + 6 }), 'not-yet-valid'],
    ['an nbf that is text', claims({ nbf: 'now' }), 'claims-invalid'],
    ['an iat in the future', claims({ iat: NOW + 6 }), 'not-yet-valid'],
    ['an iat that is text', claims({ iat: 'now' }), 'claims-invalid'],
    ['no sub', without('sub'), 'claims-invalid'],
    ['an empty sub', claims({ sub: '' }), 'claims-invalid'],
    ['a sub that is a number', claims({ sub: 7 }), 'claims-invalid'],
    ['bound to a DPoP key', claims({ cnf: { jkt: 'x' } }), 'key-bound'],
    ['bound to nothing known', claims({ cnf: null }), 'key-bound'],
    ['claims nested 800 deep', token(`{"iss":"${CLAIMS.iss}","x":${deep}}`), 'claims-invalid'],
    ['a thousand claims', claims({ x: Array(1000).fill(0) }), 'claims-invalid'],
    ['8193 characters', 'a'.repeat(8193), 'too-large'],
    ['a megabyte', 'a'.repeat(1_000_000), 'too-large'],
  ]
  for (const [name, bearer, problem] of cases) {
    test(`${name}: ${problem}`, async () => {
      assert.deepEqual(await identityOf(bearer), { kind: 'rejected', problem })
    })
  }
})

/** The last of 86 letters for 64 bytes carries four bits that a lax decoder ignores. */
function nextLetter(letter = ''): string {
  return String.fromCharCode(letter.charCodeAt(0) + 1)
}
