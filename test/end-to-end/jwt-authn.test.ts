import assert from 'node:assert/strict'
import { createPublicKey, type JsonWebKey } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { calculateJwkThumbprint, type JWK } from 'jose'
import { parse, stringify } from 'yaml'
import { type Child, startChild } from '../../demo/child.ts'
import { ENVOY_CONFIG, type Envoy, startEnvoy } from '../../demo/envoy.ts'
import { findEnvoy } from '../../demo/envoy-binary.ts'
import { parseAddress } from '../../demo/envoy-config.ts'
import { createJournal } from '../../demo/journal.ts'
import { type LicensingApi, startLicensingApi } from '../../examples/licensing-api/server.ts'
import { fencedBlocks } from '../docs/markdown.ts'
import { sendRaw } from './raw-request.ts'
import { createSigningKey, signToken } from './tokens.ts'

const READ = '/v1/licenses/L-1'
/** Nobody is there: whoever asked it for keys would never be ready. */
const ISSUER = 'https://idp.invalid'
const PORTAL = 'https://portal.invalid'
const AUDIENCE = 'https://licensing.example.com'
const signingKey = createSigningKey()

/** Next to the issuer behind jwt_authn one with cookies, whose keys stand here. */
const SETTINGS = `
listen: { grpc: 127.0.0.1:0 }
admin: { http: 127.0.0.1:0 }
issuers:
  idp:
    issuer: ${ISSUER}
    audiences: [${AUDIENCE}]
    token: { metadata: envoy.filters.http.jwt_authn }
  portal:
    issuer: ${PORTAL}
    audiences: [${AUDIENCE}]
    token: { cookie: __Host-session }
    keys: { static: ${JSON.stringify({ keys: [await publicKey(signingKey)] })} }
`

const POLICY = `
version: 1
assurance: [{ level: password, acr: { idp: [&a "urn:example:acr:password"], portal: [*a] } }]
rules:
  - id: read
    match: { methods: [GET], paths: ["/v1/licenses/**"] }
    when: subject.authenticated
    effect: allow
    require: { level: password, max_age: 1h }
`

/** The filters as docs/tokens.md shows them, for our issuer; Envoy itself looks at no audience, so that we must. */
async function envoyConfig(): Promise<string> {
  const config = parse(await readFile(ENVOY_CONFIG, 'utf8'))
  const shown = fencedBlocks('docs/tokens.md').find(({ text }) => text.startsWith('http_filters:'))
  const [jwtAuthn, extAuthz] = parse(shown?.text ?? '').http_filters
  const { remote_jwks, audiences, ...provider } = jwtAuthn.typed_config.providers.idp
  assert.ok(remote_jwks && audiences)
  const keys = { inline_string: JSON.stringify({ keys: [await publicKey(signingKey)] }) }
  jwtAuthn.typed_config.providers.idp = { ...provider, issuer: ISSUER, local_jwks: keys }
  const manager = config.static_resources.listeners[0].filter_chains[0].filters[0].typed_config
  const at = manager.http_filters.findIndex(({ name }: { name: string }) => name === extAuthz.name)
  Object.assign(manager.http_filters[at].typed_config, extAuthz.typed_config)
  manager.http_filters.splice(at, 0, jwtAuthn)
  return stringify(config)
}

async function publicKey(key: JsonWebKey): Promise<object> {
  const kid = await calculateJwkThumbprint(key as JWK)
  return { ...createPublicKey({ key, format: 'jwk' }).export({ format: 'jwk' }), kid, alg: 'ES256' }
}

describe('behind Envoy, with its jwt_authn', () => {
  const started = new AsyncDisposableStack()
  let api: LicensingApi
  let envoy: Envoy
  let bearer: (claims?: Readonly<Record<string, unknown>>) => Promise<readonly string[]>
  before(async () => {
    const binary = await findEnvoy({ env: process.env, say: () => {} })
    api = started.adopt(await startLicensingApi({ port: 0 }), ({ stop }) => stop())
    const stepgate = await startStepgate()
    const clusters = { stepgate, 'licensing-api': parseAddress(api.address) }
    const config = await envoyConfig()
    envoy = started.adopt(await startEnvoy({ binary, clusters, config }), ({ stop }) => stop())
    bearer = async (claims = {}) => {
      const token = await signToken(signingKey, ISSUER, { claims })
      return ['authorization', `Bearer ${token}`]
    }
  })
  after(() => started.disposeAsync())

  async function startStepgate() {
    const folder = await mkdtemp(join(tmpdir(), 'stepgate-jwt-authn-'))
    started.defer(() => rm(folder, { recursive: true, force: true }))
    await writeFile(join(folder, 'stepgate.yaml'), SETTINGS)
    await writeFile(join(folder, 'policy.yaml'), POLICY)
    const env = {
      PATH: process.env.PATH,
      STEPGATE_CONFIG: join(folder, 'stepgate.yaml'),
      STEPGATE_POLICY: join(folder, 'policy.yaml'),
    }
    const journal = createJournal()
    const main = join(import.meta.dirname, '../../src/main.ts')
    const options = { command: process.execPath, args: [main], env, onLine: journal.add }
    const child: Child = started.adopt(await startChild(options), ({ stop }) => stop())
    const ready = journal.find(({ event }) => event === 'ready', { limit: 15_000 })
    const { grpc } = await ready.catch(() => assert.fail(child.tail().join('\n')))
    return parseAddress(String(grpc))
  }

  test('the payload is the caller, and the token is gone: it would be a second credential', async () => {
    const { status, body } = await sendRaw(envoy.url, READ, await bearer())
    assert.equal(status, 200, JSON.stringify(body))
    assert.deepEqual((body.seen as Record<string, string[]>)['x-stepgate-subject'], ['ada'])
  })

  const refusals: [string, Readonly<Record<string, unknown>>, RegExp][] = [
    ['a login that is too old', { auth_time: 1_700_000_000 }, /insufficient_user_authentication/],
    ['a level that is not proven', { acr: 'x' }, /insufficient_user_authentication/],
    ['another audience', { aud: 'payments' }, /invalid_token.*another audience/],
    ['a key that it is bound to', { cnf: { jkt: 'x' } }, /invalid_token.*bound to a key/],
    ['a time past our leeway, within Envoy’s', { exp: now() - 20 }, /invalid_token.*expired/],
  ]
  for (const [name, claims, challenge] of refusals) {
    test(`we refuse ${name}, which Envoy does not`, async () => {
      const { status, headers } = await sendRaw(envoy.url, READ, await bearer(claims))
      assert.equal(status, 401)
      assert.match(headers['www-authenticate'] ?? '', challenge)
      assert.ok(headers['x-stepgate-decision-id'])
    })
  }

  test('a cookie is found among others, and refused when it is not alone', async () => {
    const cookie = ['cookie', `__Host-session=${await signToken(signingKey, PORTAL)}`]
    const others = ['cookie', 'theme=dark; a="b,c"']
    const cases: [readonly string[], number, RegExp][] = [
      [[...others, ...cookie], 200, /^$/],
      [[...cookie, ...cookie], 401, /invalid_token.*more than one credential/],
      [[...cookie, ...(await bearer())], 401, /invalid_token.*more than one credential/],
      [['cookie', '__Host-session=x'], 401, /invalid_token.*not a well-formed/],
    ]
    for (const [sent, expected, challenge] of cases) {
      const { status, headers } = await sendRaw(envoy.url, READ, sent)
      assert.equal(status, expected)
      assert.match(headers['www-authenticate'] ?? '', challenge)
    }
  })

  test('without a token the caller is anonymous', async () => {
    const { status, headers } = await sendRaw(envoy.url, READ)
    assert.deepEqual([status, headers['www-authenticate']], [401, 'Bearer realm="stepgate"'])
  })

  test('a bad signature and a token in the query never get past Envoy as a login', async () => {
    const before = api.requests()
    const [name = '', value = ''] = await bearer()
    const forged = await sendRaw(envoy.url, READ, [name, `${value.slice(0, -8)}AAAAAAAA`])
    assert.deepEqual([forged.status, forged.headers['x-stepgate-decision-id']], [401, undefined])
    const query = `${READ}?access_token=${value.slice('Bearer '.length)}`
    assert.equal((await sendRaw(envoy.url, query)).status, 401)
    assert.equal(api.requests(), before)
  })
})

function now(): number {
  return Math.floor(Date.now() / 1000)
}
