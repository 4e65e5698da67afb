import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { Client, credentials } from '@grpc/grpc-js'
import { readVisit } from '../../examples/client/step-up-page.ts'
import { AUTHORIZATION } from '../../src/envoy/codec.ts'
import { decodeOfficial, encodeOfficial, PLAIN } from '../envoy/support.ts'
import { token } from '../identity/tokens.ts'
import { valueIn } from '../telemetry/exposition.ts'
import { ISSUER } from './asking.ts'
import { type AuditWorld, startAuditWorld } from './audit-world.ts'

const POLICY = `version: 1
assurance: [{ level: password, acr: { idp: ["1"] } }, { level: mfa, acr: { idp: ["2"] } }]
rules:
  - { id: all, match: { paths: ["/**"] }, when: subject.authenticated, effect: allow, require: { level: mfa } }
`
const SETTINGS = `
challenge:
  realm: licensing
  dialects:
    - { when_header: { X-Client: phone }, dialect: okta }
    - { when_issuer: idp, when_host: Api.example.com, dialect: entra }
    - { when_host: portal.example.com, dialect: redirect }
  redirect:
    to: https://portal.example.com/step-up
    hosts: [portal.example.com]
    key: env:TOKEN
    lasts: 5m
`

type Headers = Readonly<Record<string, string>>

/** From settings to bytes: one policy, one caller, and whatever client it uses. */
describe('the service speaks the dialects of its settings', () => {
  let world: AuditWorld
  let client: Client
  before(async () => {
    world = await startAuditWorld(POLICY, { audit: SETTINGS })
    client = new Client(String((await world.logged('ready')).grpc), credentials.createInsecure())
  })
  after(async () => {
    client?.close()
    await world?.[Symbol.asyncDispose]()
  })

  const counted = async (dialect: string) =>
    valueIn(await world.samples(), 'stepgate_challenges_total', { level: 'mfa', dialect })

  const cases: [string, string, string, Headers, number, RegExp][] = [
    ['the default', 'rfc9470', 'licensing.example.com', bearer(), 401, /error="insufficient_user/],
    [
      'a header',
      'okta',
      'licensing.example.com',
      { ...bearer(), 'x-client': 'phone' },
      403,
      /"insufficient_authentication_context", .*acr_values="2"/,
    ],
    [
      'an issuer and a host',
      'entra',
      'api.example.com',
      bearer(['CP1']),
      401,
      /"insufficient_claims", claims="eyJ/,
    ],
    ['a client that declares nothing', 'none', 'api.example.com', bearer(), 403, /^$/],
    [
      'gRPC',
      'grpc',
      'api.example.com',
      { ...bearer(), 'content-type': 'application/grpc' },
      401,
      /error="insufficient_user/,
    ],
  ]
  for (const [name, dialect, host, headers, http, challenge] of cases) {
    test(`${name}: ${dialect}`, async () => {
      const before = (await counted(dialect)) ?? 0
      const answer = await ask(client, host, headers)
      assert.equal(answer.http, http)
      assert.match(answer.headers['www-authenticate'] ?? '', challenge)
      assert.equal('grpc-status-details-bin' in answer.headers, dialect === 'grpc')
      assert.equal(await counted(dialect), before + 1)
    })
  }

  test('a browser without a login is sent to the page, which reads where to go back to', async () => {
    const navigation = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }
    const { http, headers } = await ask(client, 'portal.example.com', navigation)
    assert.equal(http, 302)
    const { searchParams } = new URL(headers.location ?? '')
    const page = { key: 'an-admin-token-of-tests', origins: ['https://portal.example.com'] }
    const { wish, returnTo } = readVisit(searchParams, page, Date.now()) ?? assert.fail()
    assert.deepEqual([wish, returnTo.href], [{}, 'https://portal.example.com/v1/licenses'])
    assert.equal(readVisit(searchParams, page, Date.now() + 301_000), null, 'five minutes are over')
  })
})

function bearer(xms_cc?: readonly string[]): Headers {
  const seconds = Math.floor(Date.now() / 1000)
  const times = { auth_time: seconds - 60, iat: seconds - 60, exp: seconds + 300 }
  const claims = { iss: ISSUER, aud: 'licensing-api', sub: 'ada', acr: '1', ...times }
  return { authorization: `Bearer ${token({ ...claims, ...(xms_cc && { xms_cc }) })}` }
}

/** Asks as Envoy does; the refusal. */
function ask(client: Client, host: string, given: Headers) {
  const headers = Object.entries(given).map(([key, value]) => ({
    key,
    raw_value: Buffer.from(value),
  }))
  const http = { ...PLAIN, host, header_map: { headers } }
  const request = encodeOfficial({ attributes: { request: { http } } })
  const pass = (buffer: Buffer) => buffer
  return new Promise<{ http: number; headers: Headers }>((resolve, reject) => {
    client.makeUnaryRequest(AUTHORIZATION.Check.path, pass, pass, request, (error, bytes) => {
      const denied = bytes && decodeOfficial(bytes).denied_response
      if (!denied) return reject(error ?? new Error('it passed'))
      const pairs = denied.headers.map(({ header }) => [header.key, header.value])
      resolve({ http: denied.status.code, headers: Object.fromEntries(pairs) })
    })
  })
}
