import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { Issuer } from '../../src/identity/issuer.ts'
import { CLAIMS, ISSUER, NOW, RSA, request, token } from './tokens.ts'
import { identityOf, shared } from './world.ts'

suite('the header', () => {
  const good = token()
  const ok = 'authenticated'
  const cases: [string, string[], string][] = [
    ['none', [], 'anonymous'],
    ['lower case', [`bearer ${good}`], ok],
    ['upper case', [`BEARER ${good}`], ok],
    ['several blanks', [`Bearer   ${good} `], ok],
    ['two headers', [`Bearer ${good}`, `Bearer ${good}`], 'several-credentials'],
    ['two headers joined', [`Bearer ${good},Bearer ${good}`], 'several-credentials'],
    ['joined with another scheme', [`Bearer ${good}, Basic YTpi`], 'several-credentials'],
    ['Basic', ['Basic YTpi'], 'not-bearer'],
    ['DPoP', [`DPoP ${good}`], 'not-bearer'],
    ['empty', [''], 'not-bearer'],
    ['Bearer alone', ['Bearer'], 'not-bearer'],
    ['no blank', [`Bearer${good}`], 'not-bearer'],
    ['a tab', [`Bearer\t${good}`], 'not-bearer'],
    ['two tokens', [`Bearer ${good} ${good}`], 'not-bearer'],
    ['a token in quotes', [`Bearer "${good}"`], 'not-bearer'],
    ['a line break', [`Bearer ${good}\r\nx: y`], 'not-bearer'],
  ]
  for (const [name, values, expected] of cases) {
    test(`${name}: ${expected}`, async () => {
      const identity = await shared.identify(request(...values))
      assert.equal(identity.kind === 'rejected' ? identity.problem : identity.kind, expected)
    })
  }
})

suite('tokens that are accepted', () => {
  const at = (more: object) => token({ ...CLAIMS, ...more })
  const cases: [string, string][] = [
    ['ES256', token()],
    ['RS256', token(CLAIMS, {}, RSA)],
    ['no kid where one key fits', token(CLAIMS, '{"alg":"ES256"}')],
    ['typ JWT', token(CLAIMS, { typ: 'JWT' })],
    ['typ application/at+jwt in odd case', token(CLAIMS, { typ: 'Application/AT+jwt' })],
    ['no typ', token(CLAIMS, { typ: undefined })],
    ['a link to keys, which nobody follows', token(CLAIMS, { jku: 'https://eve.example' })],
    ['one audience of several', at({ aud: ['x', 'https://licensing.example.com'] })],
    ['expired within the leeway', at({ exp: NOW - 4 })],
    ['nbf within the leeway', at({ nbf: NOW + 5 })],
    ['iat within the leeway', at({ iat: NOW + 5 })],
    ['no iat', at({ iat: undefined })],
    ['typ Bearer as Keycloak claims it', at({ typ: 'Bearer' })],
  ]
  for (const [name, bearer] of cases) {
    test(name, async () => assert.equal((await identityOf(bearer)).kind, 'authenticated'))
  }
})

suite('claims', () => {
  const nested: Issuer = {
    ...ISSUER,
    proof: 'both',
    claims: { ...ISSUER.claims, roles: 'realm_access.roles', tenant: 'https://ns.example/tenant' },
  }
  const cases: [string, object, Record<string, unknown>, Issuer?][] = [
    ['the bare minimum', {}, { id: 'ada', issuer: 'idp', workload: false, proof: 'acr' }],
    ['roles', { roles: ['a', 'b'] }, { roles: ['a', 'b'] }],
    ['no roles are not an empty list', {}, { roles: undefined, groups: undefined }],
    ['an empty list stays one', { roles: [] }, { roles: [] }],
    ['a single role is no list', { roles: 'admin' }, { roles: undefined }],
    ['a list with a number is no list', { roles: ['a', 1] }, { roles: undefined }],
    ['an object is no list', { groups: { 0: 'a' } }, { groups: undefined }],
    ['nested roles', { realm_access: { roles: ['a'] } }, { roles: ['a'], proof: 'both' }, nested],
    [
      'a name with dots wins',
      { 'realm_access.roles': ['b'], realm_access: { roles: ['a'] } },
      { roles: ['b'] },
      nested,
    ],
    ['a URL as name', { 'https://ns.example/tenant': 't1' }, { tenant: 't1' }, nested],
    ['a path through a list', { realm_access: [{ roles: ['a'] }] }, { roles: undefined }, nested],
    ['a path to a prototype', {}, { roles: undefined }, pathTo('constructor.name')],
    ['scope as text', { scope: 'read  write ' }, { scopes: ['read', 'write'] }],
    ['scope as list', { scope: ['read'] }, { scopes: ['read'] }],
    ['an empty scope', { scope: '' }, { scopes: [] }],
    ['scp as list', { scp: ['read'] }, { scopes: ['read'] }],
    ['scp as text', { scp: 'read write' }, { scopes: ['read', 'write'] }],
    ['scope before scp', { scope: 'a', scp: ['b'] }, { scopes: ['a'] }],
    ['scope as number', { scope: 5 }, { scopes: undefined }],
    ['tenant', { tenant: 'acme' }, { tenant: 'acme' }],
    ['tenant as number', { tenant: 5 }, { tenant: undefined }],
    ['session', { sid: 's-1' }, { sessionId: 's-1' }],
    ['client_id', { client_id: 'web', azp: 'x' }, { clientId: 'web' }],
    ['azp', { azp: 'web' }, { clientId: 'web' }],
    ['cid', { cid: 'web' }, { clientId: 'web' }],
    ['appid', { appid: 'web' }, { clientId: 'web' }],
    ['an empty client id', { client_id: '', azp: 'web' }, { clientId: 'web' }],
    ['a listed workload', { client_id: 'ci-robot' }, { workload: true }],
    ['a client for itself', { sub: 'job', azp: 'job' }, { workload: true }],
    ['a client with a login', { sub: 'job', azp: 'job', auth_time: NOW }, { workload: false }],
    ['a client with an odd login', { sub: 'job', azp: 'job', auth_time: 'x' }, { workload: false }],
    ['a person', { client_id: 'web', auth_time: NOW - 9 }, { workload: false, authTime: NOW - 9 }],
    ['acr', { acr: 'urn:example:mfa' }, { acr: 'urn:example:mfa' }],
    ['acr 0 as it is', { acr: '0' }, { acr: '0' }],
    ['acr as number', { acr: 2 }, { acr: undefined }],
    ['acr as list', { acr: ['2'] }, { acr: undefined }],
    ['amr', { amr: ['pwd', 'otp'] }, { amr: ['pwd', 'otp'] }],
    ['amr as text', { amr: 'otp' }, { amr: undefined }],
    ['amr with a number', { amr: ['otp', 1] }, { amr: undefined }],
    ['auth_time with a fraction', { auth_time: NOW - 0.5 }, { authTime: NOW - 1 }],
    ['auth_time in milliseconds', { auth_time: NOW * 1000 }, { authTime: undefined }],
    ['auth_time as text', { auth_time: String(NOW) }, { authTime: undefined }],
    ['auth_time zero', { auth_time: 0 }, { authTime: undefined }],
    ['auth_time negative', { auth_time: -1 }, { authTime: undefined }],
    ['auth_time null', { auth_time: null }, { authTime: undefined }],
    ['auth_time in the future as it is', { auth_time: NOW + 99 }, { authTime: NOW + 99 }],
  ]
  for (const [name, more, expected, issuer] of cases) {
    test(name, async () => {
      const identity = await identityOf(token({ ...CLAIMS, ...more }), issuer)
      assert.equal(identity.kind, 'authenticated')
      if (identity.kind !== 'authenticated') return
      const seen: Record<string, unknown> = { ...identity.subject, ...identity.login }
      for (const [key, value] of Object.entries(expected)) assert.deepEqual(seen[key], value, key)
    })
  }

  test('they cannot be changed, and __proto__ is a name like any other', async () => {
    const text = JSON.stringify({ ...CLAIMS, x: { y: [1] } }).replace('{', '{"__proto__":{"z":1},')
    const identity = await identityOf(token(text))
    assert.equal(identity.kind, 'authenticated')
    if (identity.kind !== 'authenticated') return
    const { claims } = identity.subject
    assert.equal(Object.getPrototypeOf(claims), null)
    assert.equal(claims.z, undefined)
    assert.ok(Object.hasOwn(claims, '__proto__'))
    assert.ok([claims, claims.x, identity.subject, identity.login].every(Object.isFrozen))
  })
})

function pathTo(roles: string): Issuer {
  return { ...ISSUER, claims: { ...ISSUER.claims, roles } }
}
