import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AccessRequest } from '../../src/domain/access-request.ts'
import { decodeCheckRequest } from '../../src/envoy/codec.ts'
import { readRequest } from '../../src/envoy/read.ts'
import type { HttpRequest } from '../../src/envoy/wire.ts'
import { accepted, lines, NOW, reading, SETTINGS } from './read-support.ts'
import { encodeOfficial, PLAIN } from './support.ts'

const WHOLE = { 'x-envoy-auth-partial-body': 'false' }
const bytes = Buffer.from('{"seats":600}')

test('a request in Envoy’s own bytes arrives whole', () => {
  const check = encodeOfficial({
    attributes: {
      source: {
        address: { socket_address: { address: '::ffff:10.1.2.3' } },
        principal: 'spiffe://a',
        certificate: '-----BEGIN%20CERTIFICATE-----',
      },
      destination: { principal: 'spiffe://b' },
      request: {
        time: { seconds: 1_795_000_001, nanos: 250_999_999 },
        http: {
          id: '12345678901234567890',
          method: 'PUT',
          headers: { ':path': '/x', 'x-client': 'portal', ['__proto__']: 'p', constructor: 'c' },
          path: '/v1/licenses/L%2d1/tier?dry=1&dry=2',
          host: 'Licensing.Example.COM.:8443',
          scheme: 'https',
          protocol: 'HTTP/2',
          size: 13,
          body: 'ignored',
        },
      },
      context_extensions: { tenant: 'acme', ['__proto__']: 'q' },
      metadata_context: { filter_metadata: { jwt: { fields: { a: { stringValue: 'b' } } } } },
      tls_session: { sni: 'licensing.example.com' },
    },
  })
  assert.deepEqual(readRequest(decodeCheckRequest(check), SETTINGS), {
    kind: 'request',
    grpc: false,
    request: {
      id: '12345678901234567890',
      time: 1_795_000_001_250,
      method: 'PUT',
      host: 'licensing.example.com',
      port: 8443,
      path: { text: '/v1/licenses/L-1/tier', segments: ['v1', 'licenses', 'L-1', 'tier'] },
      scheme: 'https',
      protocol: 'HTTP/2',
      query: new Map([['dry', ['1', '2']]]),
      headers: new Map([
        ['x-client', ['portal']],
        ['__proto__', ['p']],
        ['constructor', ['c']],
      ]),
      headerNames: ['x-client', '__proto__', 'constructor'],
      body: { kind: 'missing' },
      context: new Map([
        ['tenant', 'acme'],
        ['__proto__', 'q'],
      ]),
      metadata: new Map(),
      source: {
        ip: '10.1.2.3',
        principal: 'spiffe://a',
        certificate: '-----BEGIN%20CERTIFICATE-----',
      },
    },
  })
})

test('header lines keep order and spelling, and are found in lower case', () => {
  const request = accepted({
    ...lines(['X-A', '1'], [':authority', 'h'], ['x-a', '2'], ['x_a', '3'], ['X-A', '4']),
    headers: { 'x-a': '0' },
  })
  assert.deepEqual(request.headers.get('x-a'), ['0', '1', '2', '4'])
  assert.deepEqual(request.headerNames, ['x-a', 'X-A', 'x_a'])
  const value = { headerMap: { headers: [{ key: 'x-b', value: 'text' }, {}] } }
  assert.deepEqual(
    [...accepted(value).headers],
    [
      ['x-b', ['text']],
      ['', ['']],
    ],
  )
})

test('a request without a time takes the clock’s', () => assert.equal(accepted({}).time, NOW))

test('a body counts only when Envoy vouches for the whole of it', () => {
  const cases: [HttpRequest, AccessRequest['body']][] = [
    [
      { rawBody: bytes, headers: WHOLE },
      { kind: 'complete', bytes },
    ],
    [
      { rawBody: bytes, ...lines(['X-Envoy-Auth-Partial-Body', 'false']) },
      { kind: 'complete', bytes },
    ],
    [{ rawBody: bytes, headers: { 'x-envoy-auth-partial-body': 'true' } }, { kind: 'truncated' }],
    [{ rawBody: bytes, headers: { 'x-envoy-auth-partial-body': 'False' } }, { kind: 'truncated' }],
    [
      { rawBody: bytes, headers: { 'x-envoy-auth-partial-body': 'false,false' } },
      { kind: 'truncated' },
    ],
    [
      { rawBody: bytes, headers: WHOLE, ...lines(['x-envoy-auth-partial-body', 'true']) },
      { kind: 'truncated' },
    ],
    [{ rawBody: bytes }, { kind: 'truncated' }],
    [{ body: 'text', headers: WHOLE }, { kind: 'missing' }],
    [{ headers: WHOLE }, { kind: 'missing' }],
    [{ headers: { 'x-envoy-auth-partial-body': 'true' } }, { kind: 'truncated' }],
    [{}, { kind: 'missing' }],
  ]
  for (const [http, body] of cases)
    assert.deepEqual(accepted(http).body, body, JSON.stringify(http))
})

test('gRPC is told apart from gRPC-Web and the rest', () => {
  for (const [type, grpc] of [
    ['application/grpc', true],
    ['application/grpc+proto', true],
    ['application/grpc;x', true],
    ['application/grpc-web', false],
    ['application/grpcx', false],
    ['application/json', false],
  ] as const) {
    assert.equal(reading({ headers: { 'content-type': type } }).grpc, grpc, type)
    assert.equal(reading({ path: '//', headers: { 'content-type': type } }).grpc, grpc, type)
  }
})

test('strings that are no UTF-8 on the wire never turn into other characters of ASCII', () => {
  const check = encodeOfficial({ attributes: { request: { http: { ...PLAIN, path: '/aXXb' } } } })
  check.set([0xc0, 0xaf], check.indexOf('XX'))
  const result = readRequest(decodeCheckRequest(check), SETTINGS)
  assert.deepEqual(result, { kind: 'refused', reason: 'ambiguous-path', grpc: false })
})
