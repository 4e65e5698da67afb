import { CompactEncrypt, FlattenedSign, GeneralSign } from 'jose'
import { ADA, claiming, claimingText, type TokenCase, tokenTable } from './token-table.ts'
import { CLAIMS, EC, type Json, part, RSA, signed, token } from './tokens.ts'

const good = token()
const [head = '', body = '', signature = ''] = good.split('.')
const header = { alg: EC.alg, kid: EC.kid, typ: 'at+jwt' }
const text = JSON.stringify(CLAIMS)
const bytes = new TextEncoder().encode(text)
const flattened = await new FlattenedSign(bytes).setProtectedHeader(header).sign(EC.pair.privateKey)
const general = await new GeneralSign(bytes)
  .addSignature(EC.pair.privateKey)
  .setProtectedHeader(header)
  .sign()
const encrypted = await new CompactEncrypt(bytes)
  .setProtectedHeader({ alg: 'RSA-OAEP-256', enc: 'A256GCM', typ: 'at+jwt' })
  .encrypt(RSA.pair.publicKey)

/** Signed as it should be, over parts that need not be JSON. */
function raw(headPart: Buffer | Json, bodyPart: Buffer | Json): string {
  return signed(`${part(headPart)}.${part(bodyPart)}`, EC)
}

/** The next letter stands for the same bytes with a stray bit at the end, which a lax decoder ignores. */
function stray(encoded: string): string {
  return encoded.slice(0, -1) + String.fromCharCode(encoded.charCodeAt(encoded.length - 1) + 1)
}

/** A payload whose encoding ends in bits that stand for nothing. */
const uneven = part(`${text}${' '.repeat((3 - (text.length % 3)) % 3)} `)

tokenTable('parts', [
  ['garbage', 'garbage', 'malformed'],
  ['a UUID, as opaque tokens are', 'c3a6dbd5-1c9e-4d8c-9a55-0d0c7a3a7d10', 'malformed'],
  ['one part', head, 'malformed'],
  ['two parts', `${head}.${body}`, 'malformed'],
  ['four parts', `${good}.x`, 'malformed'],
  ['only dots', '..', 'malformed'],
  ['a dot in front', `.${good}`, 'malformed'],
  ['an empty header', `.${body}.${signature}`, 'malformed'],
  ['an empty payload, as detached ones are', `${head}..${signature}`, 'malformed'],
  ['PASETO', `v4.public.${body}`, 'malformed'],
  ['JWE, compact', encrypted, 'malformed'],
  ['JWS, flattened JSON', JSON.stringify(flattened), 'several-credentials'],
  ['JWS, general JSON', JSON.stringify(general), 'several-credentials'],
  ['JWS, JSON of one member', JSON.stringify({ jws: good }), 'not-bearer'],
  ['JWS, JSON in base64url', part(JSON.stringify(flattened)), 'malformed'],
  ['a JWT in a JWT', raw({ ...header, cty: 'JWT' }, Buffer.from(good)), 'malformed'],
  ['a JWT as JSON text', raw({ ...header, cty: 'JWT' }, JSON.stringify(good)), 'malformed'],
  ['SD-JWT without disclosures', `${good}~`, 'malformed'],
  ['SD-JWT with one', `${good}~${part('["salt","roles",["admin"]]')}~`, 'malformed'],
  ['SD-JWT with a key binding', `${good}~${good}`, 'malformed'],
])

tokenTable('base64url', [
  ['the other alphabet', `${head}.${body}.${'+/'.repeat(43)}`, 'malformed'],
  ['padding at the end', `${good}==`, 'malformed'],
  ['padding of the header', `${head}=.${body}.${signature}`, 'not-bearer'],
  ['padding of the payload', `${head}.${body}=.${signature}`, 'not-bearer'],
  ['stray bits in the signature', stray(good), 'malformed'],
  ['stray bits in the payload', signed(`${head}.${stray(uneven)}`, EC), 'malformed'],
  ['the same without them', signed(`${head}.${uneven}`, EC), ADA],
  ['a single letter', `${head}.${body}.A`, 'malformed'],
  ['a blank in the payload', `${head}.${body.slice(0, 8)} ${body.slice(8)}.x`, 'not-bearer'],
  ['a line break in the payload', `${head}.${body}\n.${signature}`, 'not-bearer'],
  ['a tilde in the payload', `${head}.${body}~.${signature}`, 'malformed'],
])

tokenTable('JSON', [
  ['a header that is not', token(CLAIMS, '{"alg":'), 'malformed'],
  ['a header that is a list', token(CLAIMS, '["ES256"]'), 'malformed'],
  ['a header that is null', token(CLAIMS, 'null'), 'malformed'],
  ['a payload that is not', token('{"iss":'), 'malformed'],
  ['a payload with a comma too many', token(`${text.slice(0, -1)},}`), 'malformed'],
  ['a payload with something behind it', token(`${text}{}`), 'malformed'],
  ['a payload with a comment', token(`${text}// good`), 'malformed'],
  ['a payload with NUL behind it', token(`${text}\0`), 'malformed'],
  ['a payload that is a list', token('[]'), 'malformed'],
  ['a payload that is null', token('null'), 'malformed'],
  ['a payload that is text', token('"ada"'), 'malformed'],
  ['a payload that is a number', token('1'), 'malformed'],
  ['blanks around and inside', token(` \t\r\n${text.replaceAll(',', ' , ')}\n`), ADA],
  ['a form feed', token(`\f${text}`), 'malformed'],
  ['a BOM before the payload', raw(header, `\ufeff${text}`), 'malformed'],
  ['a BOM before the header', raw(`\ufeff${JSON.stringify(header)}`, text), 'malformed'],
  ['UTF-16', raw(header, Buffer.from(text, 'utf16le')), 'malformed'],
  ['a lone byte', raw(header, Buffer.of(0x22, 0xff, 0x22)), 'malformed'],
  ['an overlong slash', raw(header, withBytes(0xc0, 0xaf)), 'malformed'],
  ['a surrogate in UTF-8', raw(header, withBytes(0xed, 0xa0, 0x80)), 'malformed'],
  ['UTF-8 as it should be', claiming({ sub: 'Žofie 🦊' }), { id: 'Žofie 🦊' }],
  ['escapes for plain letters', token(text.replace('"ada"', '"\\u0061da"')), ADA],
  // RFC 7519 §4: the last of members with one name counts, for every check alike.
  ['two sub', claimingText('"sub":"eve"'), { id: 'eve' }],
  ['two exp, the last long ago', claimingText('"exp":1'), 'expired'],
  ['two exp, the first long ago', token(text.replace('{', '{"exp":1,')), ADA],
  ['two iss, the last of another', claimingText('"iss":"https://eve.example"'), 'unknown-issuer'],
  ['two aud, the last of another', claimingText('"aud":"payments"'), 'wrong-audience'],
  [
    'two alg, the last none',
    token(CLAIMS, `{"alg":"ES256","kid":"${EC.kid}","alg":"none"}`),
    'algorithm-not-allowed',
  ],
  ['two alg, the first none', token(CLAIMS, `{"alg":"none","alg":"ES256","kid":"${EC.kid}"}`), ADA],
])

const LIMIT = 8192

tokenTable('bounds', [
  ['16 deep', claiming({ x: nested(15) }), ADA],
  ['17 deep', claiming({ x: nested(16) }), 'claims-invalid'],
  ['800 deep', claimingText(`"x":${'[{"a":'.repeat(400)}1${'}]'.repeat(400)}`), 'claims-invalid'],
  ['1000 values', claiming({ x: filled(1000) }), ADA],
  ['1001 values', claiming({ x: filled(1001) }), 'claims-invalid'],
  [`${LIMIT} characters`, ofLength(LIMIT), ADA],
  [`${LIMIT + 1} characters, well signed`, ofLength(LIMIT + 1), 'too-large'],
  [`${LIMIT + 1} characters of nothing`, 'a'.repeat(LIMIT + 1), 'too-large'],
  ['a megabyte', 'a'.repeat(1_000_000), 'too-large'],
] satisfies TokenCase[])

function withBytes(...odd: number[]): Buffer {
  const [before = '', after = ''] = text.split('ada')
  return Buffer.concat([Buffer.from(before), Buffer.from(odd), Buffer.from(after)])
}

/** A list in a list and so on; the claims themselves and the innermost value are one level each. */
function nested(lists: number): unknown {
  return lists === 0 ? 1 : [nested(lists - 1)]
}

/** A list that brings the token to so many values: itself, the claims as a whole and the ordinary ones counted. */
function filled(values: number): number[] {
  return Array(values - 2 - Object.keys(CLAIMS).length).fill(0)
}

/** A well-signed token of exactly that length; unknown members of the header and of the claims fill it. */
function ofLength(length: number): string {
  const most = Math.floor(((length - good.length) * 3) / 4)
  for (let pad = 0; pad < 3; pad++) {
    for (let fill = most - 40; fill <= most; fill++) {
      const candidate = token({ ...CLAIMS, x: 'x'.repeat(fill) }, { x: 'x'.repeat(pad) })
      if (candidate.length === length) return candidate
    }
  }
  throw new Error(`no token has ${length} characters`)
}
