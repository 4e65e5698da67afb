import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, mock } from 'node:test'
import { readKeySet } from '../../src/identity/key-set.ts'
import { under } from './forgeries.ts'
import { ADA, type TokenCase, tokenTable } from './token-table.ts'
import { CLAIMS, EC, EC_OTHER, jwk, key, keySet, RSA, token } from './tokens.ts'

/** Answers with the forger's keys; nobody may come. */
const trap = createServer((_, response) => {
  response.end(JSON.stringify({ keys: [jwk(EC_OTHER)] }))
})
let visitors = 0
trap.on('connection', () => visitors++)
await once(trap.listen(0, '127.0.0.1'), 'listening')
const address = `http://127.0.0.1:${(trap.address() as AddressInfo).port}/jwks`
const fetched = mock.method(globalThis, 'fetch', () => assert.fail('fetched because of a token'))

after(async () => {
  assert.equal(visitors, 0, 'a token led to a connection')
  assert.equal(fetched.mock.callCount(), 0)
  trap.closeAllConnections()
  trap.close()
  await once(trap, 'close')
})

const theirs = jwk(EC_OTHER)
const der = EC_OTHER.pair.publicKey.export({ format: 'der', type: 'spki' }).toString('base64')
const ways: readonly (readonly [string, Readonly<Record<string, unknown>>])[] = [
  ['jwk', { jwk: theirs }],
  ['jwk with our kid in it', { jwk: jwk({ ...EC_OTHER, kid: EC.kid }) }],
  ['jku', { jku: address }],
  ['jku without a scheme', { jku: address.slice('http:'.length) }],
  ['jku of a file', { jku: 'file:///etc/passwd' }],
  ['jku that is a key set', { jku: { keys: [theirs] } }],
  ['x5u', { x5u: address }],
  ['x5c', { x5c: [der] }],
  ['x5c that is text', { x5c: der }],
  ['x5t', { x5t: 'AAAAAAAAAAAAAAAAAAAAAAAAAAA' }],
  ['x5t#S256', { 'x5t#S256': 'A'.repeat(43) }],
  ['all at once', { jwk: theirs, jku: address, x5u: address, x5c: [der] }],
]

tokenTable('a key that the token names or brings', [
  ...ways.flatMap(([name, more]): TokenCase[] => [
    [`${name}, with the forger’s kid`, token(CLAIMS, more, EC_OTHER), 'unknown-key'],
    [`${name}, with our kid`, token(CLAIMS, { ...more, kid: EC.kid }, EC_OTHER), 'bad-signature'],
    [`${name}, beside a good signature, looked at by nobody`, token(CLAIMS, more), ADA],
  ]),
  ['jku in the payload', token({ ...CLAIMS, jku: address }, {}, EC_OTHER), 'unknown-key'],
])

const STRANGE: readonly (readonly [string, string])[] = [
  ['an unknown one', 'ec-2'],
  ['the empty one', ''],
  ['of another case', EC.kid.toUpperCase()],
  ['with a blank behind', `${EC.kid} `],
  ['a path', '../../../../dev/null'],
  ['a URL', 'https://eve.example/jwks.json'],
  ['SQL', `' UNION SELECT 'key' --`],
  ['a command', '$(id)|id;id'],
  ['a name like a prototype', '__proto__'],
  ['a name like a method', 'constructor'],
  ['NUL inside', `${EC.kid}\0`],
  ['very long', 'k'.repeat(5000)],
  ['of every script', 'ключ🔑'],
]
const twins = await keySet(EC, { ...EC_OTHER, kid: EC.kid })
const other = key('ec-1', 'ES256')
const strangers = await keySet(other)
const unnamed = await readKeySet(
  JSON.parse(JSON.stringify({ keys: [jwk(EC, { kid: undefined })] })),
)

tokenTable('kid', [
  ...STRANGE.map(([name, kid]): TokenCase => [name, token(CLAIMS, { kid }), 'unknown-key']),
  ['a number', token(CLAIMS, { kid: 1 }), 'malformed'],
  ['null', token(CLAIMS, { kid: null }), 'malformed'],
  ['a list', token(CLAIMS, { kid: [EC.kid] }), 'malformed'],
  ['absent where one key fits', under({ alg: 'ES256' }), ADA],
  ['absent where several fit', token(CLAIMS, { kid: undefined }, RSA), 'unknown-key'],
  ['that of two keys', token(), 'unknown-key', { keys: twins }],
  ['that of another issuer’s key', token(), 'bad-signature', { keys: strangers }],
  ['a key without one', token(), 'unknown-key', { keys: unnamed }],
  ['a key without one, for a token without one', under({ alg: 'ES256' }), ADA, { keys: unnamed }],
])

tokenTable('other members of the header', [
  ['crit', token(CLAIMS, { crit: ['exp'] }), 'malformed'],
  ['crit of b64', token(CLAIMS, { crit: ['b64'], b64: false }), 'malformed'],
  ['crit of what is not there', token(CLAIMS, { crit: ['https://x.example/ext'] }), 'malformed'],
  ['an empty crit', token(CLAIMS, { crit: [] }), 'malformed'],
  ['a crit that is null', token(CLAIMS, { crit: null }), 'malformed'],
  // Without `crit` these say nothing, and the payload is read as it always is (RFC 7515 §4, RFC 7797 §6).
  ['b64: false alone', token(CLAIMS, { b64: false }), ADA],
  ['zip', token(CLAIMS, { zip: 'DEF' }), ADA],
  ['cty', token(CLAIMS, { cty: 'application/json' }), ADA],
  ['claims of a payload', token(CLAIMS, { iss: 'https://eve.example', sub: 'eve', exp: 1 }), ADA],
  ['__proto__', under(`{"alg":"ES256","kid":"${EC.kid}","__proto__":{"crit":["x"]}}`), ADA],
])
