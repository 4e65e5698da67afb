import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { formatIssues } from '../../src/domain/issue.ts'
import { readSettings } from '../../src/settings/read-settings.ts'
import { codesOf, IDP, idpWith, mistakesOf } from './reading.ts'

const FROM_ENVOY = 'token: { metadata: envoy.filters.http.jwt_authn }'

suite('mistakes', () => {
  test('all of them are shown at once, each with its place, its mark and a hint', () => {
    const text = [
      'lisetn: { grpc: 127.0.0.1:1 }',
      'limits: { in_flight: 5 }',
      'issuers:',
      '  idp:',
      '    issuer: http://idp.example.com',
      '    audiences: api',
      '\t',
      '    algorithms: [HS256]',
      '    leeway: 5 s',
    ]
    const shown = mistakesOf(text.filter((line) => line !== '\t').join('\n'), {
      STEPGATE_ADMIN_HTTP: 'nowhere',
      STEPGATE_POLCY: 'secret',
    })
    assert.equal(
      shown,
      `config/stepgate.yaml:1:1: error[unknown-key]: unknown key \`lisetn\`
  1 | lisetn: { grpc: 127.0.0.1:1 }
    | ^^^^^^
    = did you mean \`listen\`?

config/stepgate.yaml:2:1: error[not-supported]: \`limits\` is not supported by this version
  2 | limits: { in_flight: 5 }
    | ^^^^^^
    = remove it

config/stepgate.yaml:5:13: error[bad-issuer]: an issuer must be https: whoever sits on the way could replace its keys
  5 |     issuer: http://idp.example.com
    |             ^^^^^^^^^^^^^^^^^^^^^^
    = http is for loopback addresses only

config/stepgate.yaml:6:16: error[wrong-type]: \`issuers.idp.audiences\` must be a list, not text
  6 |     audiences: api
    |                ^^^

config/stepgate.yaml:7:18: error[bad-algorithm]: \`HS256\` is symmetric: whoever can check a token could also make one
  7 |     algorithms: [HS256]
    |                  ^^^^^
    = use one of ES256, ES384, ES512, RS256, RS384, RS512, PS256, PS384, PS512, EdDSA, Ed25519

config/stepgate.yaml:8:13: error[bad-duration]: \`5 s\` is not a duration
  8 |     leeway: 5 s
    |             ^^^
    = write a number and a unit, such as 5s or 2m

environment: error[unknown-variable]: unknown variable \`STEPGATE_POLCY\`
   = did you mean \`STEPGATE_POLICY\`?

environment: error[bad-address]: \`nowhere\` is not an address
   | STEPGATE_ADMIN_HTTP=nowhere
   |                     ^^^^^^^
   = write host:port, such as 127.0.0.1:9191`,
    )
  })

  const cases: [string, string | Uint8Array, string[]][] = [
    ['an empty file', '', ['missing-key']],
    ['a list', '[1]', ['wrong-type']],
    ['no issuer', 'issuers: {}', ['empty']],
    ['broken YAML', 'issuers: {', ['bad-yaml']],
    ['a key twice', `${IDP}\n${IDP}`, ['duplicate-key']],
    ['bytes that are not UTF-8', Uint8Array.of(0xff, 0xfe, 0x41), ['not-utf8']],
    ['aliases that explode', bomb(), ['file-too-large']],
    ['an issuer called __proto__', `${IDP.slice(0, -1)}, __proto__: {} }`, ['bad-name']],
    ['the key __proto__', `${IDP}\n__proto__: {}`, ['unknown-key']],
    ['an issuer in upper case', IDP.replace('idp:', 'IDP:'), ['bad-name']],
    ['two names for one issuer', twice(), ['duplicate-issuer']],
    ['an address without port', `${IDP}\nadmin: { http: localhost }`, ['bad-address']],
    ['a port that is none', `${IDP}\nadmin: { http: "localhost:65536" }`, ['bad-address']],
    ['a socket with a relative path', `${IDP}\nlisten: { grpc: "unix:run/x" }`, ['bad-address']],
    ['a socket for people', `${IDP}\nadmin: { http: "unix:/run/x" }`, ['bad-address']],
    ['TLS', `${IDP}\nlisten: { tls: null }`, ['not-supported']],
    ['limits', `${IDP}\nlimits: {}`, ['not-supported']],
    ['limits', `${IDP}\nlimits: { in_flight: 5 }`, ['not-supported']],
    ['no attempts', `${IDP}\nchallenge: { loop: { attempts: 0 } }`, ['out-of-range']],
    ['a window of days', `${IDP}\nchallenge: { loop: { window: 2d } }`, ['out-of-range']],
    ['a token from elsewhere', idpWith('token: { from: cookie }'), ['bad-value']],
    ['two places', idpWith('token: { header: x-token, cookie: x }'), ['bad-place']],
    [
      'a place and the default',
      idpWith('token: { from: authorization, cookie: x }'),
      ['bad-place'],
    ],
    ['a place for each', idpWith('token: [authorization]'), ['wrong-type']],
    ['a header without name', idpWith('token: { header: "" }'), ['bad-place']],
    ['a header with a blank', idpWith('token: { header: x token }'), ['bad-place']],
    ['a header with an underscore', idpWith('token: { header: x_token }'), ['bad-place']],
    ['a pseudo header', idpWith('token: { header: ":path" }'), ['bad-place']],
    ['the header Authorization', idpWith('token: { header: Authorization }'), ['bad-place']],
    ['the header Cookie', idpWith('token: { header: Cookie }'), ['bad-place']],
    ['the header Host', idpWith('token: { header: Host }'), ['bad-place']],
    ['a header of ours', idpWith('token: { header: X-Stepgate-Token }'), ['bad-place']],
    ['a header of Envoy', idpWith('token: { header: x-envoy-token }'), ['bad-place']],
    ['a header of proxies', idpWith('token: { header: x-forwarded-for }'), ['bad-place']],
    ['a long header', idpWith(`token: { header: ${'x'.repeat(101)} }`), ['bad-place']],
    ['a cookie without name', idpWith('token: { cookie: "" }'), ['bad-place']],
    ['a cookie with an equals sign', idpWith('token: { cookie: a=b }'), ['bad-place']],
    ['a cookie with a semicolon', idpWith('token: { cookie: "a;b" }'), ['bad-place']],
    ['a cookie with a comma', idpWith('token: { cookie: "a,b" }'), ['bad-place']],
    ['a cookie with an umlaut', idpWith('token: { cookie: ä }'), ['bad-place']],
    ['a filter without name', idpWith('token: { metadata: "" }'), ['bad-place']],
    ['a filter with a blank', idpWith('token: { metadata: a b }'), ['bad-place']],
    ['no type', idpWith('types: []'), ['empty']],
    ['an empty type', idpWith('types: [""]'), ['bad-value']],
    ['a media type of another kind', idpWith('types: [text/plain]'), ['bad-value']],
    ['no claim for the client', idpWith('claims: { client: [] }'), ['empty']],
    ['one claim for the client as text', idpWith('claims: { client: azp }'), ['wrong-type']],
    ['a claim without a name', idpWith('claims: { acr: "" }'), ['empty']],
    ['types that nobody checks', idpWith(`types: [jwt]\n    ${FROM_ENVOY}`), ['without-effect']],
    [
      'algorithms that nobody checks',
      idpWith(`algorithms: [ES256]\n    ${FROM_ENVOY}`),
      ['without-effect'],
    ],
    ['a realm with a quote', `${IDP}\nchallenge: { realm: 'a"b' }`, ['bad-value']],
    ['too many hops', `${IDP}\nclient_address: { trusted_hops: 17 }`, ['out-of-range']],
    ['half a hop', `${IDP}\nclient_address: { trusted_hops: 0.5 }`, ['wrong-type']],
    ['a share above one', `${IDP}\ntelemetry: { traces: { sample: 1.1 } }`, ['out-of-range']],
    ['a share that is text', `${IDP}\ntelemetry: { traces: { sample: all } }`, ['wrong-type']],
    ['a policy that is empty', `${IDP}\npolicy:`, ['wrong-type']],
    ['no audience', idpWith('audiences: []'), ['empty']],
    ['an empty audience', idpWith('audiences: [""]'), ['empty']],
    ['no algorithm', idpWith('algorithms: []'), ['empty']],
    ['an unsigned algorithm', idpWith('algorithms: [None]'), ['bad-algorithm']],
    ['an unknown algorithm', idpWith('algorithms: [RS265]'), ['bad-algorithm']],
    ['an unknown proof', idpWith('proof: bth'), ['bad-value']],
    ['a leeway without unit', idpWith('leeway: 5'), ['wrong-type']],
    ['a leeway of hours', idpWith('leeway: 2h'), ['out-of-range']],
    ['an unknown claim', idpWith('claims: { rolles: x }'), ['unknown-key']],
    ['an issuer that is no URL', idpWith('issuer: idp'), ['bad-issuer']],
    ['an issuer with a query', idpWith('issuer: https://idp.example.com?x'), ['bad-issuer']],
    ['an issuer with a password', idpWith('issuer: https://u:p@idp.example.com'), ['bad-issuer']],
    [
      'an issuer that only looks local',
      idpWith('issuer: http://127.0.0.1.example.com'),
      ['bad-issuer'],
    ],
  ]
  for (const [name, text, codes] of cases) {
    test(`${name}: ${codes.join(', ')}`, () => assert.deepEqual(codesOf(text), codes))
  }

  test('a variable that names a second place is shown with the first', () => {
    const env = { STEPGATE_ISSUERS_IDP_TOKEN_COOKIE: 'session' }
    assert.equal(
      mistakesOf(idpWith('token: { header: x-token }'), env),
      `config/stepgate.yaml:5:12: error[bad-place]: \`header\` and \`cookie\`: the tokens of an issuer arrive in one place
  5 |     token: { header: x-token }
    |            ^^^^^^^^^^^^^^^^^^^
    = keep one of them: a token elsewhere is refused`,
    )
    const header = { STEPGATE_ISSUERS_IDP_TOKEN_HEADER: 'x' }
    assert.match(mistakesOf(IDP, { ...env, ...header }), /:1:\d+: error\[bad-place\]/)
    const types = { STEPGATE_ISSUERS_IDP_TYPES: 'jwt' }
    assert.match(mistakesOf(idpWith(FROM_ENVOY), types), /:\d+:\d+: error\[without-effect\]/)
    const bad = { STEPGATE_ISSUERS_IDP_TOKEN_HEADER: 'cookie' }
    assert.match(mistakesOf(IDP, bad), /STEPGATE_ISSUERS_IDP_TOKEN_HEADER=cookie\n *\| +\^{6}\n/)
  })

  test('a file that cannot be read', () => {
    const result = readSettings({}, () => {
      throw new Error('no such file')
    })
    assert.equal(
      result.kind === 'issues' && formatIssues(result.issues),
      'config/stepgate.yaml: error[unreadable]: the settings cannot be read: no such file\n' +
        '   = run in the folder that has `config/stepgate.yaml`, or name the file by STEPGATE_CONFIG',
    )
  })

  test('the value of an unknown variable is not shown: it may be a secret', () => {
    assert.doesNotMatch(mistakesOf(IDP, { STEPGATE_TOKEN: 'hunter2' }), /hunter2/)
  })
})

function bomb(): string {
  const rows = ['a0: &a0 [x, x, x, x, x, x, x, x, x]']
  for (let i = 1; i < 9; i++)
    rows.push(
      `a${i}: &a${i} [${Array(9)
        .fill(`*a${i - 1}`)
        .join(', ')}]`,
    )
  return rows.join('\n')
}

function twice(): string {
  const idp = '{ issuer: "https://idp.example.com", audiences: [api] }'
  return `issuers: { a: ${idp}, b: ${idp} }`
}
