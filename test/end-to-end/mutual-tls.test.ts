import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { after, before, describe, test } from 'node:test'
import { parse, stringify } from 'yaml'
import { startChild } from '../../demo/child.ts'
import { ENVOY_CONFIG, startEnvoy } from '../../demo/envoy.ts'
import { findEnvoy } from '../../demo/envoy-binary.ts'
import { parseAddress } from '../../demo/envoy-config.ts'
import { createJournal } from '../../demo/journal.ts'
import { startLicensingApi } from '../../examples/licensing-api/server.ts'
import { EC, jwk, token } from '../identity/tokens.ts'
import { type Certified, certificate } from '../support/certificate.ts'

const ROBOT = 'spiffe://prod.example.org/ns/licensing/sa/robot'
const ISSUER = 'https://idp.example.com'
const AUTHORITY = certificate({ authority: true })
const signed = (...uris: string[]) =>
  certificate({ names: uris.map((value) => ['URI', value] as const), by: AUTHORITY })

type Place = 'source' | 'x-forwarded-client-cert'
type Named = { readonly name: string }

const POLICY = `version: 1
assurance: [{ level: password, acr: { idp: ["1"] } }]
rules:
  - id: robot-reads
    match: { methods: [GET], paths: ["/v1/licenses/**"] }
    when: subject.issuer == "mesh" && subject.id == "${ROBOT}"
    effect: allow
  - id: people-delete
    match: { methods: [DELETE], paths: ["/v1/licenses/**"] }
    when: subject.authenticated
    effect: allow
    require: { level: password }
`

for (const place of ['source', 'x-forwarded-client-cert'] as const) workloads(place)

function workloads(place: Place): void {
  describe(`workloads with SVIDs, through Envoy with mutual TLS, by ${place}`, () => {
    const started = new AsyncDisposableStack()
    let port: number
    before(async () => {
      port = await start(started, place)
    })
    after(() => started.disposeAsync())

    const CALLS: readonly (readonly [string, Certified | null, string, string, string, string?])[] =
      [
        ['the robot reads', signed(ROBOT), 'GET', '', '200'],
        ['another workload', signed(`${ROBOT}-2`), 'GET', '', '403 no-rule'],
        ['a level is required', signed(ROBOT), 'DELETE', '', '403 step-up-impossible'],
        [
          'another trust domain',
          signed(ROBOT.replace('prod', 'test')),
          'GET',
          '',
          '401 invalid_token',
        ],
        ['two ids', signed(ROBOT, `${ROBOT}-2`), 'GET', '', '401 invalid_token'],
        ['an authority’s own', AUTHORITY, 'GET', '', '401 unauthenticated'],
        ['no certificate', null, 'GET', '', '401 unauthenticated'],
        ['a bad token beside it', signed(ROBOT), 'GET', 'Bearer x', '401 invalid_token'],
        ['a good token beside it', signed(ROBOT), 'GET', `Bearer ${ofAda()}`, '403 no-rule'],
        ['a header beside none', null, 'GET', '', '401 unauthenticated', `Hash=x;URI=${ROBOT}`],
      ]
    for (const [name, client, method, authorization, expected, forwarded] of CALLS) {
      test(`${name}: ${expected}`, async () => {
        const headers = {
          ...(authorization && { authorization }),
          ...(forwarded && { 'x-forwarded-client-cert': forwarded }),
        }
        assert.equal(await call(port, client, method, headers), expected)
      })
    }

    test('the API is told who calls', async () => {
      const { body } = await send(port, signed(ROBOT), 'GET', {})
      const { seen } = JSON.parse(body) as { seen: Record<string, string[]> }
      assert.deepEqual(seen['x-stepgate-subject'], [ROBOT])
    })

    test('a certificate of another authority gets no connection', async () => {
      const stranger = certificate({ names: [['URI', ROBOT]] })
      await assert.rejects(send(port, stranger, 'GET', {}))
    })
  })
}

async function call(...about: Parameters<typeof send>): Promise<string> {
  const { status, body } = await send(...about)
  if (status === 200) return '200'
  return `${status} ${(JSON.parse(body) as { reason: string }).reason}`
}

function send(
  port: number,
  client: Certified | null,
  method: string,
  headers: Record<string, string>,
): Promise<{ status: number; body: string }> {
  const shown = client && {
    cert: client.pem,
    key: client.key.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
  return new Promise((resolve, reject) => {
    const sent = request({
      ...{ host: '127.0.0.1', port, path: '/v1/licenses/L-1', method, agent: false },
      headers: { host: 'licensing.example.com', ...headers },
      rejectUnauthorized: false,
      ...shown,
    })
    sent.on('error', reject)
    sent.on('response', (response) => {
      const { statusCode: status = 0 } = response
      text(response).then((body) => resolve({ status, body }), reject)
    })
    sent.end()
  })
}

function ofAda(): string {
  const seconds = Math.floor(Date.now() / 1000)
  return token({ iss: ISSUER, aud: 'licensing-api', sub: 'ada', exp: seconds + 300 })
}

/** Stepgate, the API, and Envoy that asks for certificates; the port of Envoy. */
async function start(started: AsyncDisposableStack, place: Place): Promise<number> {
  const binary = await findEnvoy({ env: process.env, say: () => {}, signal: undefined })
  const api = started.adopt(await startLicensingApi({ port: 0 }), ({ stop }) => stop())
  const clusters = {
    stepgate: await startStepgate(started, place),
    'licensing-api': parseAddress(api.address),
  }
  const config = await envoyConfig(place)
  const envoy = started.adopt(await startEnvoy({ binary, clusters, config }), ({ stop }) => stop())
  return Number(new URL(envoy.url).port)
}

async function startStepgate(started: AsyncDisposableStack, place: Place) {
  const folder = await mkdtemp(join(tmpdir(), 'stepgate-mutual-tls-'))
  started.defer(() => rm(folder, { recursive: true, force: true }))
  const issuer = {
    issuer: ISSUER,
    audiences: ['licensing-api'],
    keys: { static: { keys: [jwk(EC)] } },
  }
  const settings = {
    listen: { grpc: '127.0.0.1:0' },
    admin: { http: '127.0.0.1:0' },
    policy: join(folder, 'policy.yaml'),
    issuers: { idp: issuer },
    bound_tokens: { certificate: place },
    spiffe: { trust_domains: { mesh: 'prod.example.org' } },
  }
  await writeFile(join(folder, 'policy.yaml'), POLICY)
  await writeFile(join(folder, 'stepgate.yaml'), stringify(settings))
  const journal = createJournal()
  const child = await startChild({
    command: process.execPath,
    args: [join(import.meta.dirname, '../../src/main.ts')],
    env: { PATH: process.env.PATH, STEPGATE_CONFIG: join(folder, 'stepgate.yaml') },
    onLine: journal.add,
  })
  started.defer(child.stop)
  const { grpc } = await journal.find(({ event }) => event === 'ready', { limit: 15_000 })
  return parseAddress(String(grpc))
}

/** The configuration of every day, with TLS for the listener; the certificates are checked against the authority. */
async function envoyConfig(place: Place): Promise<string> {
  const config = parse(await readFile(ENVOY_CONFIG, 'utf8'))
  const server = certificate({ names: [['DNS', 'licensing.example.com']], by: AUTHORITY })
  const key = server.key.export({ type: 'pkcs8', format: 'pem' })
  const [chain] = config.static_resources.listeners[0].filter_chains
  chain.transport_socket = {
    name: 'envoy.transport_sockets.tls',
    typed_config: {
      '@type': 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext',
      common_tls_context: {
        tls_certificates: [
          { certificate_chain: { inline_string: server.pem }, private_key: { inline_string: key } },
        ],
        validation_context: { trusted_ca: { inline_string: AUTHORITY.pem } },
      },
    },
  }
  const manager = chain.filters[0].typed_config
  const authz = manager.http_filters.find(({ name }: Named) => name.endsWith('ext_authz'))
  authz.typed_config.include_peer_certificate = place === 'source'
  if (place === 'x-forwarded-client-cert') {
    manager.forward_client_cert_details = 'SANITIZE_SET'
    manager.set_current_client_cert_details = { cert: true, uri: true }
  }
  return stringify(config)
}
