import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { suite, test } from 'node:test'
import { formatIssues } from '../../src/domain/issue.ts'
import { parseAddress, parseSocketAddress } from '../../src/settings/address.ts'
import { readSettings, type Settings } from '../../src/settings/read-settings.ts'
import { IDP, idpWith, settingsOf } from './reading.ts'

suite('settings that are good', () => {
  test('one issuer is enough; everything else has a default', () => {
    const { listen, admin, policy, client_address, issuers, challenge, telemetry } = settingsOf(IDP)
    assert.deepEqual(listen.grpc, { host: '127.0.0.1', port: 9191, text: '127.0.0.1:9191' })
    assert.deepEqual(admin.http, { host: '127.0.0.1', port: 9190, text: '127.0.0.1:9190' })
    assert.deepEqual([policy, client_address.trusted_hops], ['config/policy.yaml', 0])
    assert.deepEqual([challenge.realm, telemetry.traces.sample], ['stepgate', 1])
    assert.deepEqual(issuers, [
      {
        name: 'idp',
        issuer: 'https://idp.example.com',
        audiences: ['api'],
        algorithms: ['ES256', 'RS256'],
        keys: { from: 'discovery' },
        token: { from: 'authorization' },
        types: ['at+jwt', 'jwt'],
        proof: 'acr',
        claims: {
          roles: 'roles',
          groups: 'groups',
          scopes: 'scope',
          tenant: 'tenant',
          session: 'sid',
          acr: 'acr',
          amr: 'amr',
          auth_time: 'auth_time',
          client: ['client_id', 'azp', 'cid', 'appid'],
        },
        workloads: { clients: [] },
        leeway: 5,
        auth_time: { ahead: 10, leeway: 0 },
      },
    ])
  })

  test('the sample of the repository is good', () => {
    const result = readSettings({}, readFileSync)
    assert.equal(
      result.kind,
      'settings',
      result.kind === 'issues' ? formatIssues(result.issues) : '',
    )
  })

  test('STEPGATE_CONFIG names another file', () => {
    const asked: string[] = []
    const readFile = (path: string) => {
      asked.push(path)
      return Buffer.from(IDP)
    }
    const result = readSettings({ STEPGATE_CONFIG: '/etc/stepgate.yaml' }, readFile)
    assert.deepEqual([result.kind, asked], ['settings', ['/etc/stepgate.yaml']])
  })

  test('nobody can change them afterwards', () => {
    const settings = settingsOf(IDP)
    const parts = [settings, settings.listen.grpc, settings.issuers, settings.issuers[0]?.audiences]
    assert.deepEqual(parts.map(Object.isFrozen), [true, true, true, true])
  })

  const variables: [string, string, (settings: Settings) => unknown, unknown][] = [
    [
      'STEPGATE_LISTEN_GRPC',
      '[::1]:0',
      (s) => s.listen.grpc,
      { host: '::1', port: 0, text: '[::1]:0' },
    ],
    [
      'STEPGATE_LISTEN_GRPC',
      'unix:/run/stepgate.sock',
      (s) => s.listen.grpc,
      { path: '/run/stepgate.sock', text: 'unix:/run/stepgate.sock' },
    ],
    ['STEPGATE_ADMIN_HTTP', 'localhost:80', (s) => s.admin.http.port, 80],
    ['STEPGATE_POLICY', '/p.yaml', (s) => s.policy, '/p.yaml'],
    ['STEPGATE_POLICY', '', (s) => s.policy, 'config/policy.yaml'],
    ['STEPGATE_CLIENT_ADDRESS_TRUSTED_HOPS', '2', (s) => s.client_address.trusted_hops, 2],
    ['STEPGATE_TELEMETRY_TRACES_SAMPLE', '0.25', (s) => s.telemetry.traces.sample, 0.25],
    ['STEPGATE_CHALLENGE_REALM', 'x', (s) => s.challenge.realm, 'x'],
    [
      'STEPGATE_ISSUERS_IDP_ISSUER',
      'http://[::1]:1',
      (s) => s.issuers[0]?.issuer,
      'http://[::1]:1',
    ],
    ['STEPGATE_ISSUERS_IDP_AUDIENCES', 'a, b', (s) => s.issuers[0]?.audiences, ['a', 'b']],
    ['STEPGATE_ISSUERS_IDP_CLAIMS_ROLES', 'a.b', (s) => s.issuers[0]?.claims.roles, 'a.b'],
    [
      'STEPGATE_ISSUERS_IDP_WORKLOADS_CLIENTS',
      'ci',
      (s) => s.issuers[0]?.workloads.clients,
      ['ci'],
    ],
    ['STEPGATE_ISSUERS_IDP_CLAIMS_CLIENT', 'a, b', (s) => s.issuers[0]?.claims.client, ['a', 'b']],
    ['STEPGATE_ISSUERS_IDP_TYPES', 'JWT', (s) => s.issuers[0]?.types, ['jwt']],
    ['STEPGATE_ISSUERS_IDP_TOKEN_COOKIE', 'sid', (s) => s.issuers[0]?.token, { cookie: 'sid' }],
    [
      'STEPGATE_ISSUERS_IDP_TOKEN_FROM',
      'authorization',
      (s) => s.issuers[0]?.token,
      { from: 'authorization' },
    ],
    ['STEPGATE_ISSUERS_IDP_LEEWAY', '2m', (s) => s.issuers[0]?.leeway, 120],
    ['OTEL_SERVICE_NAME', 'x', (s) => s.otel, { OTEL_SERVICE_NAME: 'x' }],
    ['PATH', '/bin', (s) => s.otel, {}],
  ]
  for (const [name, value, pick, expected] of variables) {
    test(`${name}=${value} is taken from the environment`, () => {
      assert.deepEqual(pick(settingsOf(IDP, { [name]: value })), expected)
    })
  }

  const issuers: [string, string, object][] = [
    ['Authorization', 'token: { from: authorization }', { token: { from: 'authorization' } }],
    ['a header', 'token: { header: X-Token }', { token: { header: 'x-token' } }],
    ['a cookie', 'token: { cookie: __Host-Session }', { token: { cookie: '__Host-Session' } }],
    ['a filter', 'token: { metadata: my.filter }', { token: { metadata: 'my.filter' } }],
    ['types', 'types: [Application/AT+JWT, x]', { types: ['at+jwt', 'x'] }],
  ]
  for (const [name, yaml, expected] of issuers) {
    test(`an issuer with ${name}`, () => {
      assert.partialDeepStrictEqual(settingsOf(idpWith(yaml)).issuers[0], expected)
    })
  }

  test('a variable can give what the file lacks, also to an issuer with a dash in its name', () => {
    const env = { STEPGATE_ISSUERS_MY_IDP_ISSUER: 'https://x.example' }
    const settings = settingsOf('issuers: { my-idp: { audiences: [api] } }', env)
    assert.equal(settings.issuers[0]?.issuer, 'https://x.example')
  })
})

test('addresses', () => {
  const good = ['127.0.0.1:0', 'localhost:65535', '[::]:9191', 'a-b.example:1']
  const bad = ['', ':1', 'x', 'x:', '::1:1', '[::1]', 'x:99999', 'a b:1', 'x:1 ', 'x:-1']
  assert.deepEqual(
    good.filter((text) => parseAddress(text) === null),
    [],
  )
  assert.deepEqual(
    bad.filter((text) => parseAddress(text) !== null),
    [],
  )
})

test('paths of Unix sockets', () => {
  const longest = `unix:/${'x'.repeat(102)}`
  const good = ['unix:/x', 'unix:/run/a b.sock', longest]
  const bad = ['/x', 'unix:', 'unix:/', 'unix:x', 'unix://x', 'unix:/x/', 'unix:/\0', `${longest}x`]
  assert.deepEqual(
    good.filter((text) => parseSocketAddress(text) === null),
    [],
  )
  assert.deepEqual(
    bad.filter((text) => parseSocketAddress(text) !== null),
    [],
  )
})
