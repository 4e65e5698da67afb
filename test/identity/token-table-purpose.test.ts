import { ADA, claiming, type TokenCase, tokenTable } from './token-table.ts'
import { CLAIMS, ISSUER, token } from './tokens.ts'

/** The type of a token in its header (RFC 8725 §3.11): one for something else is no access token. */
const FOREIGN_TYPES = [
  'id_token+jwt',
  'logout+jwt',
  'secevent+jwt',
  'dpop+jwt',
  'kb+jwt',
  'vc+sd-jwt',
  'oauth-authz-req+jwt',
  'token-introspection+jwt',
  'text/jwt',
  'at+jwt;v=1',
  'at+jwt ',
  'JOSE',
  '',
]

tokenTable('typ', [
  ...FOREIGN_TYPES.map(
    (typ): TokenCase => [JSON.stringify(typ), token(CLAIMS, { typ }), 'wrong-type'],
  ),
  ['a list', token(CLAIMS, { typ: ['at+jwt'] }), 'malformed'],
  ['null', token(CLAIMS, { typ: null }), 'malformed'],
  ['at+jwt', token(CLAIMS, { typ: 'at+jwt' }), ADA],
  ['in odd case', token(CLAIMS, { typ: 'AT+JWT' }), ADA],
  ['JWT', token(CLAIMS, { typ: 'JWT' }), ADA],
  ['absent', token(CLAIMS, { typ: undefined }), ADA],
  ['with its prefix', token(CLAIMS, { typ: 'Application/AT+jwt' }), ADA],
])

const EVENT = { events: { 'http://schemas.openid.net/event/backchannel-logout': {} } }

tokenTable('tokens for another purpose', [
  ['an ID token by at_hash', claiming({ at_hash: 'x' }), 'wrong-type'],
  ['an ID token by c_hash', claiming({ c_hash: 'x' }), 'wrong-type'],
  ['an ID token by s_hash', claiming({ s_hash: null }), 'wrong-type'],
  ['an ID token of Keycloak', claiming({ typ: 'ID' }), 'wrong-type'],
  ['an ID token of Cognito', claiming({ token_use: 'id' }), 'wrong-type'],
  ['an access token of Cognito', claiming({ token_use: 'access' }), ADA],
  [
    'an ID token for its client',
    claiming({ aud: 'web', azp: 'web', nonce: 'n' }),
    'wrong-audience',
  ],
  ['a refresh token of Keycloak', claiming({ typ: 'Refresh' }), 'wrong-type'],
  ['an offline token of Keycloak', claiming({ typ: 'Offline' }), 'wrong-type'],
  ['a logout token', token({ ...CLAIMS, ...EVENT, sid: 's' }, { typ: 'logout+jwt' }), 'wrong-type'],
  ['a logout token without its type', claiming({ ...EVENT, sid: 's' }), 'wrong-type'],
  ['a logout token of Keycloak', claiming({ typ: 'Logout' }), 'wrong-type'],
  ['an event that never expires', claiming({ events: {}, exp: undefined }), 'claims-invalid'],
  ['an access token of Keycloak', claiming({ typ: 'Bearer' }), ADA],
])

/** Possession of the key is the point of such a token: as a plain bearer token it is a downgrade (RFC 9449 §7.1). */
const BINDINGS: readonly (readonly [string, unknown])[] = [
  ['a DPoP key', { jkt: 'A'.repeat(43) }],
  ['a certificate', { 'x5t#S256': 'A'.repeat(43) }],
  ['a key', { jwk: { kty: 'EC' } }],
  ['something unknown', { ring: 'gold' }],
  ['nothing', {}],
  ['null', null],
  ['false', false],
  ['text', 'jkt'],
]

tokenTable('a token bound to', [
  ...BINDINGS.map(([name, cnf]): TokenCase => [name, claiming({ cnf }), 'key-bound']),
])

const iss = CLAIMS.iss
const ISSUERS: readonly (readonly [string, unknown])[] = [
  ['another', 'https://eve.example'],
  ['a slash more', `${iss}/`],
  ['a path more', `${iss}/x`],
  ['a part less', iss.slice(0, -1)],
  ['upper case', iss.toUpperCase()],
  ['http', iss.replace('https', 'http')],
  ['its port', iss.replace('.com', '.com:443')],
  ['a user in front', iss.replace('//', '//eve@')],
  ['a query', `${iss}?`],
  ['a dot behind the host', iss.replace('.com', '.com.')],
  ['a blank behind', `${iss} `],
  ['NUL behind', `${iss}\0`],
  ['a letter that looks the same', iss.replace('a', '\u0430')],
  ['our name for it', ISSUER.name],
  ['a list', [iss]],
  ['an object', { iss }],
  ['a number', 7],
  ['null', null],
  ['nothing', undefined],
  ['empty', ''],
  ['called like a method', 'constructor'],
]

tokenTable('iss', [
  ...ISSUERS.map(([name, value]): TokenCase => [name, claiming({ iss: value }), 'unknown-issuer']),
])

const AUDIENCES: readonly (readonly [string, unknown])[] = [
  ['another', 'payments'],
  ['a longer one', 'licensing-api-2'],
  ['a shorter one', 'licensing'],
  ['upper case', 'LICENSING-API'],
  ['a blank behind', 'licensing-api '],
  ['two in one text', 'licensing-api payments'],
  ['a slash more', 'https://licensing.example.com/'],
  ['a list of others', ['payments', 'web']],
  ['a list of parts', [...'licensing-api']],
  ['a list in a list', [['licensing-api']]],
  ['an empty list', []],
  ['empty', ''],
  ['a star', '*'],
  ['an object', { 0: 'licensing-api' }],
  ['a number', 0],
  ['true', true],
  ['null', null],
  ['nothing', undefined],
]

tokenTable('aud', [
  ...AUDIENCES.map(([name, aud]): TokenCase => [name, claiming({ aud }), 'wrong-audience']),
  ['one of ours', claiming({ aud: 'https://licensing.example.com' }), ADA],
  ['ours among others', claiming({ aud: ['x', 'licensing-api'] }), ADA],
  ['ours among what is no audience', claiming({ aud: [null, 7, 'licensing-api'] }), ADA],
])
