import { generateKeyPairSync, hash } from 'node:crypto'
import { offCurve, withKey } from './dpop-keys.ts'
import { type ProofCase, proofTable } from './dpop-table.ts'
import { BOUND, boundTo, HOLDER, proof, proofClaims, proofHeader, THIEF } from './dpop-world.ts'
import { CLAIMS, NOW, part, RSA, RSA_SHORT, signed, token } from './tokens.ts'

const good = proof()
const [head = '', body = '', signature = ''] = good.split('.')
const privateJwk = HOLDER.pair.privateKey.export({ format: 'jwk' })
const { jwk: publicJwk } = proofHeader()

proofTable('how it is sent', [
  ['as it should be', proof(), 'authenticated'],
  ['the scheme in lower case', proof(), 'authenticated', { authorization: `dpop ${BOUND}` }],
  ['no proof', [], 'proof-missing'],
  ['an empty proof', '', 'proof-malformed'],
  ['two proofs', [proof(), proof()], 'proof-doubled'],
  ['the same proof twice', [good, good], 'proof-doubled'],
  ['two proofs that a proxy joined', `${proof()},${proof()}`, 'proof-doubled'],
  ['as a bearer token, with its proof', proof(), 'key-bound', { authorization: `Bearer ${BOUND}` }],
  ['as a bearer token, without', [], 'key-bound', { authorization: `Bearer ${BOUND}` }],
  ['a token that is bound to nothing', proof(), 'not-bound', { authorization: `DPoP ${token()}` }],
  [
    'a token that is bound to a certificate alone',
    proof(),
    'key-bound',
    { authorization: `DPoP ${token({ ...CLAIMS, cnf: { 'x5t#S256': 'A'.repeat(43) } })}` },
  ],
  [
    'a token that is bound to something else as well',
    proof(),
    'key-bound',
    { authorization: `DPoP ${boundTo(HOLDER.pair.publicKey, { cnf: { jkt: 'A', ring: 1 } })}` },
  ],
  [
    'an expired token with a good proof',
    proof(),
    'expired',
    { authorization: `DPoP ${boundTo(HOLDER.pair.publicKey, { exp: NOW - 60 })}` },
  ],
])

proofTable('its form', [
  ['no JWT', 'proof', 'proof-malformed'],
  ['two parts', `${head}.${body}`, 'proof-malformed'],
  ['four parts', `${good}.x`, 'proof-malformed'],
  ['a blank behind', `${good} `, 'proof-malformed'],
  ['padding', `${good}==`, 'proof-malformed'],
  ['claims that are no JSON', proof('{'), 'proof-malformed'],
  ['claims that are a list', proof('[]'), 'proof-malformed'],
  ['an extension in `crit`', proof({}, { crit: ['b64'], b64: false }), 'proof-malformed'],
  ['claims that nest too deep', proof({ x: deep(20) }), 'proof-malformed'],
  ['oversized', proof({ x: 'x'.repeat(4000) }), 'proof-too-large'],
  ['unsigned', `${part({ ...proofHeader(), alg: 'none' })}.${body}.`, 'proof-algorithm'],
])

proofTable('its header', [
  ['no type', proof({}, { typ: undefined }), 'proof-wrong-type'],
  ['the type of a token', proof({}, { typ: 'at+jwt' }), 'proof-wrong-type'],
  ['the type of any JWT', proof({}, { typ: 'JWT' }), 'proof-wrong-type'],
  ['its type with the prefix', proof({}, { typ: 'application/dpop+jwt' }), 'authenticated'],
  ['a symmetric algorithm', proof({}, { alg: 'HS256' }), 'proof-algorithm'],
  ['an algorithm that is not accepted', proof({}, {}, RSA), 'proof-algorithm'],
  ['an algorithm in lower case', proof({}, { alg: 'es256' }), 'proof-algorithm'],
  ['no key', proof({}, { jwk: undefined }), 'proof-key'],
  ['a key as text', proof({}, { jwk: JSON.stringify(publicJwk) }), 'proof-key'],
  ['a symmetric key', proof({}, { jwk: { kty: 'oct', k: 'c2VjcmV0' } }), 'proof-key'],
  ['a key of a type called like a method', proof({}, { jwk: { kty: 'toString' } }), 'proof-key'],
  ['a private key', proof({}, { jwk: privateJwk }), 'proof-private-key'],
  ['half a key', proof({}, { jwk: { ...publicJwk, y: undefined } }), 'proof-key'],
  ['a key with a number in it', proof({}, { jwk: { ...publicJwk, x: 7 } }), 'proof-key'],
  [
    'a key by its address',
    proof({}, { jwk: undefined, jku: 'https://eve.example' }),
    'proof-remote-key',
  ],
  ['an address beside the key', proof({}, { jku: 'https://eve.example/jwks' }), 'proof-remote-key'],
  ['a certificate beside the key', proof({}, { x5c: ['MII='] }), 'proof-remote-key'],
  ['a certificate by its address', proof({}, { x5u: 'https://eve.example' }), 'proof-remote-key'],
  ['a name for the key', proof({}, { kid: 'k1' }), 'authenticated'],
  [
    'what else is said of the key',
    proof({}, { jwk: { ...publicJwk, use: 'sig' } }),
    'authenticated',
  ],
])

proofTable('its claims', [
  ...['jti', 'htm', 'htu', 'iat', 'ath'].flatMap((name): ProofCase[] => [
    [`no ${name}`, proof({ [name]: undefined }), 'proof-claims'],
    [`${name} null`, proof({ [name]: null }), 'proof-claims'],
    [`${name} a list`, proof({ [name]: ['x'] }), 'proof-claims'],
  ]),
  ['an empty jti', proof({ jti: '' }), 'proof-claims'],
  ['the longest jti', proof({ jti: 'j'.repeat(256) }), 'authenticated'],
  ['a longer jti', proof({ jti: 'j'.repeat(257) }), 'proof-claims'],
  ['iat as text', proof({ iat: String(NOW) }), 'proof-claims'],
  ['another method', proof({ htm: 'GET' }), 'proof-method'],
  ['the method in lower case', proof({ htm: 'put' }), 'proof-method'],
  ['just in time', proof({ iat: NOW - 59 }), 'authenticated'],
  ['old', proof({ iat: NOW - 60 }), 'proof-too-old'],
  ['as old as the epoch', proof({ iat: 0 }), 'proof-too-old'],
  ['a little ahead', proof({ iat: NOW + 10 }), 'authenticated'],
  ['from the future', proof({ iat: NOW + 11 }), 'proof-too-early'],
  ['in milliseconds', proof({ iat: NOW * 1000 }), 'proof-too-early'],
  [
    'endless',
    proof(JSON.stringify(proofClaims()).replace(/"iat":\d+/, '"iat":1e999')),
    'proof-too-early',
  ],
  ['for another token', proof({ ath: hash('sha256', token(), 'base64url') }), 'proof-other-token'],
  ['for no token', proof({ ath: '' }), 'proof-other-token'],
  ['the hash in hexadecimal', proof({ ath: hash('sha256', BOUND, 'hex') }), 'proof-other-token'],
  [
    'the hash with padding',
    proof({ ath: `${hash('sha256', BOUND, 'base64url')}=` }),
    'proof-other-token',
  ],
])

proofTable('who made it', [
  ['another key', proof({}, {}, THIEF), 'proof-other-key'],
  ['another key under the holder’s', signed(`${head}.${body}`, THIEF), 'proof-signature'],
  ['no signature', `${head}.${body}.`, 'proof-signature'],
  ['a signature that is cut off', `${head}.${body}.${signature.slice(0, 40)}`, 'proof-signature'],
  [
    'other claims under the signature',
    `${head}.${part(proofClaims())}.${signature}`,
    'proof-signature',
  ],
  ['a key off its curve', ...offCurve()],
  ['an RSA key', ...withKey('PS256', RSA.pair)],
  ['an RSA key that is too short', ...withKey('PS256', RSA_SHORT.pair, 'proof-key')],
  ['an Ed25519 key', ...withKey('EdDSA', generateKeyPairSync('ed25519'))],
  ['a key of another family than the algorithm', ...withKey('EdDSA', RSA.pair, 'proof-key')],
])

function deep(levels: number): unknown {
  return levels === 0 ? 1 : [deep(levels - 1)]
}
