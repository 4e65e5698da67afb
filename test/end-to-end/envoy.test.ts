import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { after, before, beforeEach, describe, test } from 'node:test'
import { promisify } from 'node:util'
import { ENVOY_CONFIG, type Envoy, startEnvoy } from '../../demo/envoy.ts'
import { findEnvoy } from '../../demo/envoy-binary.ts'
import { parseAddress, renderEnvoyConfig } from '../../demo/envoy-config.ts'
import { type LicensingApi, startLicensingApi } from '../../examples/licensing-api/server.ts'
import { type FakeAuthorizer, OK, startFakeAuthorizer } from './fake-authorizer.ts'
import { sendRaw } from './raw-request.ts'

const READ = '/v1/licenses/L-1'

/** What `envoy/envoy.yaml` itself promises, with an authorization server that does as it is told. */
describe('envoy.yaml', () => {
  let binary: string
  let api: LicensingApi
  let authorizer: FakeAuthorizer
  let envoy: Envoy
  before(async () => {
    binary = await findEnvoy({ env: process.env, say: () => {} })
    api = await startLicensingApi({ port: 0 })
    authorizer = await startFakeAuthorizer()
    const stepgate = { host: '127.0.0.1', port: authorizer.port }
    const clusters = { stepgate, 'licensing-api': parseAddress(api.address) }
    envoy = await startEnvoy({ binary, clusters })
  })
  beforeEach(() => {
    authorizer.reply = OK
    authorizer.asked.length = 0
  })
  after(async () => {
    await envoy?.stop()
    authorizer?.stop()
    await api?.stop()
  })

  test('is valid as it stands', async () => {
    await promisify(execFile)(binary, ['--mode', 'validate', '-c', ENVOY_CONFIG])
  })

  test('other addresses change nothing else', async () => {
    const text = await readFile(ENVOY_CONFIG, 'utf8')
    const place = (port: number) => ({ host: '127.0.0.1', port })
    const same = renderEnvoyConfig(text, {
      listener: place(8080),
      admin: place(9901),
      clusters: { stepgate: place(9191) },
    })
    const other = renderEnvoyConfig(text, {
      listener: { host: '0.0.0.0', port: 80 },
      admin: place(9901),
      clusters: { stepgate: { host: 'stepgate', port: 7 } },
    })
    const changed = other.split('\n').filter((line, index) => line !== same.split('\n')[index])
    assert.deepEqual(
      changed.map((line) => line.trim()),
      [
        'socket_address: { address: 0.0.0.0, port_value: 80 }',
        'socket_address: { address: stepgate, port_value: 7 }',
      ],
    )
    assert.throws(
      () =>
        renderEnvoyConfig(text, { listener: place(1), admin: place(1), clusters: { x: place(1) } }),
      /no cluster "x"/,
    )
  })

  test('a request passes only on the word of the authorizer', async () => {
    const before = api.requests()
    assert.equal((await fetch(envoy.url + READ)).status, 200)
    authorizer.reply = { status: { code: 7 }, deniedResponse: { status: { code: 403 } } }
    assert.equal((await fetch(envoy.url + READ)).status, 403)
    assert.equal(api.requests(), before + 1)
  })

  const failures = [
    ['an RPC error', Object.assign(new Error('broken'), { code: 13 })],
    ['no answer within 250 ms', 'silence'],
  ] as const
  for (const [name, reply] of failures) {
    test(`fails closed on ${name}`, async () => {
      const before = api.requests()
      authorizer.reply = reply
      assert.equal((await fetch(envoy.url + READ)).status, 503)
      assert.equal(api.requests(), before)
    })
  }

  test('never lets an answer split the response', async () => {
    const header = { key: 'x-reason', value: 'a\r\nset-cookie: stolen=1' }
    authorizer.reply = {
      status: { code: 16 },
      deniedResponse: { status: { code: 401 }, headers: [{ header }] },
    }
    const response = await fetch(envoy.url + READ)
    assert.equal(response.status, 500)
    assert.equal(response.headers.get('set-cookie'), null)
  })

  test('shows the authorizer the canonical path, raw headers, the body and the address', async () => {
    const body = JSON.stringify({ tier: 'team', note: 'ü' })
    const headers = { 'content-type': 'application/json', 'x-forwarded-for': '198.51.100.7' }
    await fetch(`${envoy.url}/v1//licenses/../licenses/L-1/tier?a=%20`, {
      method: 'PUT',
      body,
      headers,
    })
    const [asked] = authorizer.asked
    assert.ok(asked)
    const { http } = asked.request
    assert.equal(http.path, '/v1/licenses/L-1/tier?a=%20')
    assert.equal(http.rawBody.toString(), body)
    assert.equal(asked.source.address.socketAddress.address, '127.0.0.1')
    const raw = new Map(
      http.headerMap.headers.map(({ key, rawValue }) => [key, rawValue.toString()]),
    )
    // One address is appended: the peer's, or Envoy's own when the peer is 127.0.0.1.
    assert.match(raw.get('x-forwarded-for') ?? '', /^198\.51\.100\.7,[\d.]+$/)
    assert.equal(raw.get('x-envoy-auth-partial-body'), 'false')
  })

  test('cuts a long body off at 8 KiB, says so, and forwards all of it', async () => {
    const body = JSON.stringify({ tier: 'team', note: 'x'.repeat(10_000) })
    const headers = { 'content-type': 'application/json' }
    const response = await fetch(`${envoy.url}${READ}/tier`, { method: 'PUT', body, headers })
    assert.equal(response.status, 400, 'the API read it and did not like it')
    const http = authorizer.asked[0]?.request.http
    assert.equal(http?.rawBody.length, 8192)
    const partial = http.headerMap.headers.find(({ key }) => key === 'x-envoy-auth-partial-body')
    assert.equal(partial?.rawValue.toString(), 'true')
  })

  const EXPOSED = { key: 'access-control-expose-headers', value: 'WWW-Authenticate' }
  /** What a browser would see of a preflight and of a request that is refused. */
  const callFrom = async (origin: string) => {
    const denied = { status: { code: 401 }, headers: [{ header: EXPOSED }] }
    authorizer.reply = { status: { code: 16 }, deniedResponse: denied }
    const asks = ['origin', origin, 'access-control-request-method', 'PUT']
    const preflight = await sendRaw(envoy.url, READ, asks, 'OPTIONS')
    const refused = await sendRaw(envoy.url, READ, ['origin', origin])
    return [preflight, refused].map(({ status, headers }) => ({
      status,
      origin: headers['access-control-allow-origin'],
      credentials: headers['access-control-allow-credentials'],
      exposed: headers['access-control-expose-headers'],
    }))
  }

  const own = [
    'http://localhost',
    'http://localhost:5173',
    'http://127.0.0.1:80',
    'http://[::1]:80',
  ]
  for (const origin of own) {
    test(`a page of ${origin} is let through the preflight, and can read refusals`, async () => {
      const common = { origin, credentials: undefined }
      assert.deepEqual(await callFrom(origin), [
        { ...common, status: 200, exposed: undefined },
        { ...common, status: 401, exposed: EXPOSED.value },
      ])
      assert.equal(authorizer.asked.length, 1, 'Envoy answers the preflight itself')
    })
  }

  const foreign = [
    'https://portal.example.com',
    'http://localhost.example.com',
    'http://localhost:80.example.com',
    'http://127.0.0.10',
    'null',
  ]
  for (const origin of foreign) {
    test(`a page of ${origin} is not, and cannot`, async () => {
      const plain = { status: 401, origin: undefined, credentials: undefined }
      const refused = { ...plain, exposed: EXPOSED.value }
      assert.deepEqual(await callFrom(origin), [refused, refused])
    })
  }

  const refused: readonly (readonly [name: string, path: string, headers: readonly string[]])[] = [
    ['an encoded slash', '/v1/licenses%2FL-1', []],
    ['an encoded backslash', '/v1/licenses%5CL-1', []],
    ['an underscore in a header name', READ, ['x_stepgate_subject', 'root']],
  ]
  for (const [name, path, headers] of refused) {
    test(`refuses ${name} by itself`, async () => {
      assert.equal((await sendRaw(envoy.url, path, headers)).status, 400)
      assert.equal(authorizer.asked.length, 0)
    })
  }
})
