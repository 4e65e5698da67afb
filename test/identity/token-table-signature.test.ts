import { constants, createHmac } from 'node:crypto'
import {
  by,
  ED25519,
  mirrored,
  OPEN_RSA,
  P384,
  PSYCHIC,
  resigned,
  SECP256K1,
  signedBy,
  WIDE,
  WIDE_KEYS,
} from './forgeries.ts'
import { ADA, claiming, type TokenCase, tokenTable } from './token-table.ts'
import { CLAIMS, EC, EC_OTHER, jwk, part, RSA, RSA_SHORT, token } from './tokens.ts'

const good = token()
const [head = '', body = '', signature = ''] = good.split('.')
const NONE = ['none', 'None', 'NONE', 'nOnE', 'none ', ' none', 'none\0', 'n\u043ene', '']
const ec = EC.pair
const rsa = RSA.pair
const pss = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }

tokenTable('alg none', [
  ...NONE.flatMap((alg): TokenCase[] => [
    [
      `${JSON.stringify(alg)} without signature`,
      `${part({ alg })}.${body}.`,
      'algorithm-not-allowed',
    ],
    [`${JSON.stringify(alg)} signed`, token(CLAIMS, { alg }), 'algorithm-not-allowed'],
  ]),
  ['none where the issuer lists it', `${part({ alg: 'none' })}.${body}.`, 'unknown-key', none()],
  ['null', token(CLAIMS, { alg: null }), 'malformed'],
  ['absent', token(CLAIMS, { alg: undefined }), 'malformed'],
  ['a list', token(CLAIMS, { alg: ['ES256'] }), 'malformed'],
  ['a number', token(CLAIMS, { alg: 256 }), 'malformed'],
  ['in the payload', token({ ...CLAIMS, alg: 'none' }), ADA],
])

/** The public key is no secret: whoever takes it for one accepts what anybody signs (RFC 8725 §2.1). */
const SECRETS: readonly (readonly [string, string | Buffer])[] = [
  ['PEM', ec.publicKey.export({ format: 'pem', type: 'spki' })],
  ['PEM without the last line break', pemOf(ec.publicKey).trim()],
  ['DER', ec.publicKey.export({ format: 'der', type: 'spki' })],
  ['JWK', JSON.stringify(jwk(EC))],
  ['PEM of an RSA key', pemOf(rsa.publicKey)],
  ['PKCS #1 of an RSA key', rsa.publicKey.export({ format: 'pem', type: 'pkcs1' })],
  ['modulus of an RSA key', Buffer.from(rsa.publicKey.export({ format: 'jwk' }).n ?? '')],
  ['nothing', ''],
]

tokenTable('a public key as shared secret', [
  ...SECRETS.map(([name, secret]): TokenCase => [name, hmac(secret), 'algorithm-not-allowed']),
  ['HS512', hmac(pemOf(ec.publicKey), 512), 'algorithm-not-allowed'],
  ['HS256 called ES256', hmac(pemOf(ec.publicKey), 256, 'ES256'), 'bad-signature'],
  [
    'HS256 where the issuer lists it',
    hmac(pemOf(ec.publicKey)),
    'unknown-key',
    { issuer: { algorithms: ['ES256', 'HS256'] } },
  ],
])

tokenTable('another algorithm than that of the key', [
  ['PS256, not listed', token(CLAIMS, { alg: 'PS256' }, RSA), 'algorithm-not-allowed'],
  ['ES256K, not listed', signed256k(), 'algorithm-not-allowed'],
  ['ES256 in lower case', token(CLAIMS, { alg: 'es256' }), 'algorithm-not-allowed'],
  ['a name like a method', token(CLAIMS, { alg: 'constructor' }), 'algorithm-not-allowed'],
  ['RS256 with the EC key', token(CLAIMS, { alg: 'RS256' }), 'unknown-key'],
  ['ES256 with the RSA key', token(CLAIMS, { kid: RSA.kid }), 'unknown-key'],
  ['ES256 by an RSA key', rs('ES256', EC.kid), 'bad-signature'],
  ['RS256 by an EC key', signedBy({ alg: 'RS256', kid: RSA.kid }, es256), 'bad-signature'],
  ['PS256 called RS256', signedBy({ alg: 'RS256', kid: RSA.kid }, ps256), 'bad-signature'],
  ['PS256 with a key for RS256', ps('PS256', RSA.kid), 'unknown-key', WIDE],
  ['RS256 called PS256', rs('PS256', 'open-rsa', OPEN_RSA), 'bad-signature', WIDE],
  ['RS256 with SHA-1', signedBy({ alg: 'RS256', kid: RSA.kid }, sha1), 'bad-signature'],
  ['RS256 called RS384', rs('RS384', 'open-rsa', OPEN_RSA), 'bad-signature', WIDE],
  ['ES256 called EdDSA', signedBy({ alg: 'EdDSA', kid: EC.kid }, es256), 'unknown-key', WIDE],
  ['EdDSA called ES256', eddsa('ES256', EC.kid), 'bad-signature', WIDE],
  ['EdDSA, not listed', eddsa('EdDSA', 'ed'), 'algorithm-not-allowed', { keys: WIDE_KEYS }],
  ['ES384 with a P-256 key', signedBy({ alg: 'ES384', kid: EC.kid }, es256), 'unknown-key', WIDE],
  ['ES256 with a P-384 key', p384('ES256', 'sha256'), 'unknown-key', WIDE],
  ['EdDSA', eddsa('EdDSA', 'ed'), ADA, WIDE],
  ['ES384', p384('ES384', 'sha384'), ADA, WIDE],
  ['PS256 with a key for any', ps('PS256', 'open-rsa', OPEN_RSA), ADA, WIDE],
  ['RS256 with a key for any', rs('RS256', 'open-rsa', OPEN_RSA), ADA, WIDE],
  ['ES256 signed as ever', signedBy({ alg: 'ES256', kid: EC.kid }, es256), ADA],
  ['RS256 signed as ever', token(CLAIMS, {}, RSA), ADA],
  ['an RSA key of 1024 bits', token(CLAIMS, {}, RSA_SHORT), 'unknown-key'],
])

tokenTable('the signature itself', [
  ...PSYCHIC.map(
    ([name, bytes]): TokenCase => [`r and s ${name}`, resigned(() => bytes), 'bad-signature'],
  ),
  ['none', `${head}.${body}.`, 'bad-signature'],
  ['a byte less', resigned((bytes) => bytes.subarray(0, 63)), 'bad-signature'],
  ['a byte more', resigned((bytes) => Buffer.concat([bytes, Buffer.of(0)])), 'bad-signature'],
  ['a half', resigned((bytes) => bytes.subarray(0, 32)), 'bad-signature'],
  ['twice', resigned((bytes) => Buffer.concat([bytes, bytes])), 'bad-signature'],
  ['its halves swapped', resigned(swapped), 'bad-signature'],
  ['a bit changed', resigned(bitChanged), 'bad-signature'],
  ['in DER', signedBy({ alg: 'ES256', kid: EC.kid }, der), 'bad-signature'],
  [
    'RSA, all zero',
    signedBy({ alg: 'RS256', kid: RSA.kid }, () => Buffer.alloc(256)),
    'bad-signature',
  ],
  [
    'of another payload',
    `${head}.${part({ ...CLAIMS, sub: 'eve' })}.${signature}`,
    'bad-signature',
  ],
  [
    'of another header',
    `${part({ alg: 'ES256', kid: EC.kid })}.${body}.${signature}`,
    'bad-signature',
  ],
  [
    'of another token',
    `${head}.${body}.${claiming({ sub: 'eve' }).split('.')[2]}`,
    'bad-signature',
  ],
  ['somebody else’s under our kid', token(CLAIMS, { kid: EC.kid }, EC_OTHER), 'bad-signature'],
  // The same bytes are signed, so nothing is forged by the mirror image of an ECDSA signature.
  ['its mirror image', resigned(mirrored), ADA],
])

function none() {
  return { issuer: { algorithms: ['none'] } }
}

function pemOf(key: typeof ec.publicKey): string {
  return key.export({ format: 'pem', type: 'spki' }).toString()
}

function hmac(secret: string | Buffer, bits = 256, alg = `HS${bits}`): string {
  return signedBy({ alg, kid: EC.kid }, (input) =>
    createHmac(`sha${bits}`, secret).update(input).digest(),
  )
}

function es256(input: Buffer): Buffer {
  return by(ec.privateKey, 'sha256')(input)
}

function der(input: Buffer): Buffer {
  return by(ec.privateKey, 'sha256', { dsaEncoding: 'der' })(input)
}

function ps256(input: Buffer): Buffer {
  return by(rsa.privateKey, 'sha256', pss)(input)
}

function sha1(input: Buffer): Buffer {
  return by(rsa.privateKey, 'sha1')(input)
}

function rs(alg: string, kid: string, { privateKey } = rsa): string {
  return signedBy({ alg, kid }, by(privateKey, 'sha256'))
}

function ps(alg: string, kid: string, { privateKey } = rsa): string {
  return signedBy({ alg, kid }, by(privateKey, 'sha256', pss))
}

function eddsa(alg: string, kid: string): string {
  return signedBy({ alg, kid }, by(ED25519.privateKey, null))
}

function p384(alg: string, digest: string): string {
  return signedBy({ alg, kid: 'p384' }, by(P384.privateKey, digest))
}

function signed256k(): string {
  return signedBy({ alg: 'ES256K', kid: EC.kid }, by(SECP256K1.privateKey, 'sha256'))
}

function swapped(bytes: Buffer): Buffer {
  return Buffer.concat([bytes.subarray(32), bytes.subarray(0, 32)])
}

function bitChanged(bytes: Buffer): Buffer {
  return Buffer.from(bytes.map((byte, at) => (at === 40 ? byte ^ 1 : byte)))
}
