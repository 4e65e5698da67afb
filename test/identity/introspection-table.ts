import { answer, json, type Reply } from './introspection-world.ts'
import { ISSUER, NOW, token } from './tokens.ts'

type Case = readonly [string, Reply]

/** Answers that make a token good. */
export const ACCEPTED: readonly Case[] = [
  ['a good token', json(answer())],
  ['no issuer', json(answer({ iss: undefined }))],
  ['several audiences', json(answer({ aud: ['other', 'licensing-api'] }))],
  ['a type in other case', json(answer({ token_type: 'bearer' }))],
  ['what is not asked for', json(answer({ username: 'eve', ext: { a: [1] } }))],
  ['an access token by its use', json(answer({ token_use: 'access_token' }))],
]

/** Answers by which it is refused, and why. */
export const REFUSED: readonly (readonly [...Case, string])[] = [
  ['inactive', json({ active: false }), 'inactive'],
  ['inactive, and more', json(answer({ active: false })), 'inactive'],
  ['no sub', json(answer({ sub: undefined })), 'claims-invalid'],
  [
    'a username in place of sub',
    json(answer({ sub: undefined, username: 'ada' })),
    'claims-invalid',
  ],
  ['a number as sub', json(answer({ sub: 7 })), 'claims-invalid'],
  ['a sub with a line break', json(answer({ sub: 'ada\n' })), 'claims-invalid'],
  ['another issuer', json(answer({ iss: 'https://evil.example.com' })), 'unknown-issuer'],
  ['its issuer with a slash', json(answer({ iss: `${ISSUER.issuer}/` })), 'unknown-issuer'],
  ['null as issuer', json(answer({ iss: null })), 'unknown-issuer'],
  ['no audience', json(answer({ aud: undefined })), 'wrong-audience'],
  ['another audience', json(answer({ aud: 'licensing' })), 'wrong-audience'],
  ['an empty list of audiences', json(answer({ aud: [] })), 'wrong-audience'],
  [
    'an audience within a list within a list',
    json(answer({ aud: [['licensing-api']] })),
    'wrong-audience',
  ],
  ['expired', json(answer({ exp: NOW - 60 })), 'expired'],
  ['no expiry', json(answer({ exp: undefined })), 'claims-invalid'],
  ['expiry as text', json(answer({ exp: String(NOW + 300) })), 'claims-invalid'],
  ['expiry in milliseconds', json(answer({ exp: (NOW + 300) * 1000 })), 'claims-invalid'],
  ['not valid yet', json(answer({ nbf: NOW + 60 })), 'not-yet-valid'],
  ['issued in the future', json(answer({ iat: NOW + 60 })), 'not-yet-valid'],
  ['a refresh token, by no type', json(answer({ token_type: undefined })), 'wrong-type'],
  ['a refresh token by its type', json(answer({ token_type: 'refresh_token' })), 'wrong-type'],
  ['a refresh token by its use', json(answer({ token_use: 'refresh_token' })), 'wrong-type'],
  ['a refresh token of Keycloak', json(answer({ typ: 'Refresh' })), 'wrong-type'],
  ['an ID token', json(answer({ token_use: 'id' })), 'wrong-type'],
  ['a security event', json(answer({ events: {} })), 'wrong-type'],
  ['a type that is a list', json(answer({ token_type: ['Bearer'] })), 'wrong-type'],
  ['bound to a key', json(answer({ cnf: { jkt: 'A'.repeat(43) } })), 'key-bound'],
  ['bound to a certificate', json(answer({ cnf: { 'x5t#S256': 'A'.repeat(43) } })), 'key-bound'],
  ['bound to nothing known', json(answer({ cnf: {} })), 'key-bound'],
  ['null as a bond', json(answer({ cnf: null })), 'key-bound'],
  ['a DPoP token, and no word of its key', json(answer({ token_type: 'DPoP' })), 'key-bound'],
]

/** What is no answer: whether the token is good is not known then. */
export const NO_ANSWER: readonly Case[] = [
  ['active as text', json(answer({ active: 'true' }))],
  ['active as a number', json(answer({ active: 1 }))],
  ['no active', json(answer({ active: undefined }))],
  ['null', json('null')],
  ['a list', json([answer()])],
  ['nothing', json('')],
  ['half an answer', json(JSON.stringify(answer()).slice(0, -1))],
  ['a page', json('<html>ok</html>')],
  ['a signed answer', json(token({ token_introspection: answer() }))],
  [
    'no UTF-8',
    json(
      Buffer.concat([
        Buffer.from('{"active":true,"sub":"'),
        Buffer.from([0xff]),
        Buffer.from('"}'),
      ]),
    ),
  ],
  ['more than 64 KiB', json(answer({ filler: 'x'.repeat(65_536) }))],
  ['more values than any token has', json(answer({ list: Array(1001).fill(0) }))],
  ['nested too deep', json(answer({ deep: nested(20) }))],
  ['status 201', json(answer(), 201)],
  ['status 401: our secret is wrong', json(answer(), 401)],
  ['status 404', json(answer(), 404)],
  ['status 500', json(answer(), 500)],
  ['a redirect', json(answer(), 302, { location: '/introspect' })],
  ['a redirect that keeps the method', json(answer(), 307, { location: '/elsewhere' })],
  ['the end of the connection', (response) => response.destroy()],
  [
    'the end in the middle',
    (response) => {
      response.writeHead(200, { 'content-length': '1000' }).write('{"active":true,')
      setImmediate(() => response.destroy())
    },
  ],
]

function nested(depth: number): object {
  return depth === 0 ? {} : { inner: nested(depth - 1) }
}
