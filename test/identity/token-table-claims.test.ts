import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ADA, claiming, claimingText, type TokenCase, tokenTable } from './token-table.ts'
import { CLAIMS, ISSUER, NOW, request } from './tokens.ts'
import { shared } from './world.ts'

/** An issuer that keeps things elsewhere. */
const NESTED = {
  issuer: {
    proof: 'both' as const,
    claims: { ...ISSUER.claims, roles: 'realm_access.roles', tenant: 'https://ns.example/tenant' },
  },
}
const TO_PROTOTYPE = { issuer: { claims: { ...ISSUER.claims, roles: 'constructor.name' } } }

/** A `sub` that is no plain text names nobody, and two that read alike must not be one. */
const NOBODY: readonly (readonly [string, unknown])[] = [
  ['absent', undefined],
  ['null', null],
  ['empty', ''],
  ['a number', 7],
  ['a list', ['ada']],
  ['an object', { id: 'ada' }],
  ['256 characters', 'a'.repeat(256)],
  ['a line break inside', 'ada\r\nx-stepgate-level: gold'],
  ['NUL inside', 'ada\0'],
  ['DEL inside', 'ada\x7f'],
  ['a C1 control inside', 'ada\x85'],
]

tokenTable('sub', [
  ...NOBODY.map(([name, sub]): TokenCase => [name, claiming({ sub }), 'claims-invalid']),
  ['half a surrogate pair', claimingText('"sub":"ada\\ud800"'), 'claims-invalid'],
  ['255 characters', claiming({ sub: 'a'.repeat(255) }), { id: 'a'.repeat(255) }],
  ['a blank inside', claiming({ sub: 'ada lovelace' }), { id: 'ada lovelace' }],
  ['what looks like a header', claiming({ sub: 'a,b; x=y' }), { id: 'a,b; x=y' }],
  ['a name like a prototype', claiming({ sub: '__proto__' }), { id: '__proto__' }],
  ['the bare minimum', claiming({}), ADA],
])

tokenTable('client and workload', [
  ['client_id before azp', claiming({ client_id: 'web', azp: 'x' }), { clientId: 'web' }],
  ['azp', claiming({ azp: 'web' }), { clientId: 'web', workload: false }],
  ['cid', claiming({ cid: 'web' }), { clientId: 'web' }],
  ['appid', claiming({ appid: 'web' }), { clientId: 'web' }],
  ['an empty client_id', claiming({ client_id: '', azp: 'web' }), { clientId: 'web' }],
  ['a client_id that is a list', claiming({ client_id: ['ci-robot'] }), { workload: false }],
  ['no client', claiming({ auth_time: NOW }), { clientId: undefined, workload: false }],
  ['a listed workload', claiming({ client_id: 'ci-robot' }), { workload: true }],
  ['one listed, by azp', claiming({ azp: 'ci-robot', auth_time: NOW }), { workload: true }],
  ['one listed, in other case', claiming({ client_id: 'CI-robot' }), { workload: false }],
  ['a person called like it', claiming({ sub: 'ci-robot', azp: 'web' }), { workload: false }],
  ['an application at Entra', claiming({ azp: 'job', idtyp: 'app' }), { workload: true }],
  ['a person there', claiming({ azp: 'web', idtyp: 'user' }), { workload: false }],
  ['a client at Auth0', claiming({ azp: 'job', gty: 'client-credentials' }), { workload: true }],
  ['a client for itself', claiming({ sub: 'job', azp: 'job' }), { workload: true }],
  ['one with a login', claiming({ sub: 'job', azp: 'job', auth_time: NOW }), { workload: false }],
  [
    'one with an odd login',
    claiming({ sub: 'job', azp: 'job', auth_time: 'x' }),
    { workload: false },
  ],
  [
    'a person',
    claiming({ azp: 'web', auth_time: NOW - 9 }),
    { workload: false, authTime: NOW - 9 },
  ],
])

tokenTable('roles, groups and tenant', [
  ['roles', claiming({ roles: ['a', 'b'] }), { roles: ['a', 'b'] }],
  ['none are not an empty list', claiming({}), { roles: undefined, groups: undefined }],
  ['an empty list stays one', claiming({ roles: [] }), { roles: [] }],
  ['a single role is no list', claiming({ roles: 'admin' }), { roles: undefined }],
  ['a list with a number is no list', claiming({ roles: ['a', 1] }), { roles: undefined }],
  ['a list with null is no list', claiming({ groups: ['a', null] }), { groups: undefined }],
  ['a list in a list is no list', claiming({ roles: [['a']] }), { roles: undefined }],
  ['an object is no list', claiming({ groups: { 0: 'a', length: 1 } }), { groups: undefined }],
  [
    'nested roles',
    claiming({ realm_access: { roles: ['a'] } }),
    { roles: ['a'], proof: 'both' },
    NESTED,
  ],
  [
    'a name with dots wins',
    claiming({ 'realm_access.roles': ['b'], realm_access: { roles: ['a'] } }),
    { roles: ['b'] },
    NESTED,
  ],
  ['a URL as name', claiming({ 'https://ns.example/tenant': 't1' }), { tenant: 't1' }, NESTED],
  [
    'a path through a list',
    claiming({ realm_access: [{ roles: ['a'] }] }),
    { roles: undefined },
    NESTED,
  ],
  ['a path through text', claiming({ realm_access: 'roles' }), { roles: undefined }, NESTED],
  ['a path to a prototype', claiming({}), { roles: undefined }, TO_PROTOTYPE],
  ['tenant', claiming({ tenant: 'acme' }), { tenant: 'acme' }],
  ['tenant as number', claiming({ tenant: 5 }), { tenant: undefined }],
  ['an empty tenant', claiming({ tenant: '' }), { tenant: undefined }],
])

tokenTable('scope', [
  ['text', claiming({ scope: 'read  write ' }), { scopes: ['read', 'write'] }],
  ['a list', claiming({ scope: ['read'] }), { scopes: ['read'] }],
  ['empty', claiming({ scope: '' }), { scopes: [] }],
  ['absent', claiming({}), { scopes: undefined }],
  ['a number', claiming({ scope: 5 }), { scopes: undefined }],
  ['a list with a number', claiming({ scope: ['read', 5] }), { scopes: undefined }],
  ['a comma between', claiming({ scope: 'read,write' }), { scopes: ['read,write'] }],
  ['a tab between', claiming({ scope: 'read\twrite' }), { scopes: ['read\twrite'] }],
  [
    'a list whose text has a blank',
    claiming({ scope: ['read write'] }),
    { scopes: ['read write'] },
  ],
  ['scp as list', claiming({ scp: ['read'] }), { scopes: ['read'] }],
  ['scp as text', claiming({ scp: 'read write' }), { scopes: ['read', 'write'] }],
  ['scope before scp', claiming({ scope: 'a', scp: ['b'] }), { scopes: ['a'] }],
])

tokenTable('claims as they are', [
  ['an unknown one', claiming({ x: { y: [1] } }), { claims: copyOf({ x: copyOf({ y: [1] }) }) }],
  [
    '__proto__ is a name like any other',
    claimingText('"__proto__":{"roles":["admin"]}'),
    { roles: undefined },
  ],
])

test('claims cannot be changed', async () => {
  const identity = await shared.identify(
    request(`Bearer ${claiming({ x: { y: [1] }, amr: ['pwd'] })}`),
  )
  assert.ok(identity.kind === 'authenticated')
  const { subject, login } = identity
  const parts = [subject, login, login.amr, subject.claims, subject.claims.x]
  assert.ok(parts.every(Object.isFrozen))
  assert.equal(Object.getPrototypeOf(subject.claims), null)
})

/** The claims as they come back: objects without a prototype. */
function copyOf(more: object): object {
  return Object.assign(Object.create(null), 'y' in more ? more : { ...CLAIMS, ...more })
}
