import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, suite, test } from 'node:test'
import { Provider } from 'oidc-provider'
import { createMemoryAdapter } from 'oidc-provider/lib/adapters/memory_adapter.js'
import { type ServiceWorld, startServiceWorld } from './service-world.ts'
import { EC } from './tokens.ts'

const SECRET = 'canary-introspection-secret'
const CLIENTS = ['portal', 'robot', 'stepgate'].map((client_id) => ({
  client_id,
  client_secret: client_id === 'stepgate' ? SECRET : 'a secret of its own',
  grant_types: ['client_credentials'],
  response_types: [],
  redirect_uris: [],
}))

/** The parts of the library that make tokens without a login. */
type Tokens = {
  readonly Client: { find(id: string): Promise<object> }
  readonly AccessToken: Kind
  readonly ClientCredentials: Kind
  readonly RefreshToken: Kind
}
type Kind = new (claims: object) => Token
type Token = { save(lifetime: number): Promise<string>; destroy(): Promise<void> }

suite('opaque tokens of a real provider', () => {
  const started = new AsyncDisposableStack()
  let tokens: Tokens
  let w: ServiceWorld
  before(async () => {
    const provider = await startProvider(started)
    tokens = provider.tokens
    const introspection = { client_id: 'stepgate', client_secret: 'env:SECRET', deadline: '1s' }
    w = started.use(
      await startServiceWorld({
        issuer: provider.issuer,
        more: { introspection },
        secrets: { introspection: new Map([['idp', SECRET]]) },
      }),
    )
    await w.ready
  })
  after(() => started.disposeAsync())

  async function made(
    Kind: keyof Tokens & ('AccessToken' | 'ClientCredentials' | 'RefreshToken'),
    claims = {},
  ) {
    const client = await tokens.Client.find('portal')
    const all = { accountId: 'ada', client, scope: 'licenses', aud: 'licensing-api', ...claims }
    const token = new tokens[Kind](all)
    return { token, value: await token.save(300) }
  }

  test('an access token passes, and is asked about once', async () => {
    const before = await asked('ok')
    const { value } = await made('AccessToken')
    assert.doesNotMatch(value, /\./)
    assert.equal(await w.ask(`Bearer ${value}`), 'allow')
    assert.equal(await w.ask(`Bearer ${value}`), 'allow')
    assert.equal((await asked('ok')) - before, 1)
  })

  test('one for another audience, and one for none, are refused', async () => {
    for (const aud of ['another-api', undefined]) {
      const { value } = await made('AccessToken', { aud })
      assert.equal(await w.ask(`Bearer ${value}`), 'invalid_token')
    }
    assert.equal(
      await w.counted('stepgate_token_verifications_total', { result: 'wrong-audience' }),
      2,
    )
  })

  test('one that was revoked before, and one that never was, are refused', async () => {
    const { token, value } = await made('AccessToken')
    await token.destroy()
    assert.equal(await w.ask(`Bearer ${value}`), 'invalid_token')
    assert.equal(await w.ask('Bearer never-was'), 'invalid_token')
    assert.equal(await w.counted('stepgate_token_verifications_total', { result: 'inactive' }), 2)
  })

  test('one that is bound to a key is no bearer token', async () => {
    const { value } = await made('AccessToken', { jkt: 'A'.repeat(43) })
    assert.equal(await w.ask(`Bearer ${value}`), 'invalid_token')
    assert.equal(await w.counted('stepgate_token_verifications_total', { result: 'key-bound' }), 1)
  })

  test('a refresh token is refused', async () => {
    const { value } = await made('RefreshToken', { resource: 'licensing-api' })
    assert.equal(await w.ask(`Bearer ${value}`), 'invalid_token')
  })

  test('one of a client by itself has no subject, and is refused', async () => {
    const { value } = await made('ClientCredentials', { accountId: undefined })
    assert.equal(await w.ask(`Bearer ${value}`), 'invalid_token')
    assert.equal(
      await w.counted('stepgate_token_verifications_total', { result: 'claims-invalid' }),
      1,
    )
  })

  test('a JWT of the same provider is judged by its keys', async () => {
    const before = await asked('ok')
    assert.equal(await w.ask(w.bearer(EC)), 'invalid_token')
    assert.equal(
      await w.counted('stepgate_token_verifications_total', { result: 'unknown-key' }),
      1,
    )
    assert.equal(await asked('ok'), before)
  })

  test('no log line has the secret', () => {
    assert.doesNotMatch(JSON.stringify(w.lines()), /canary/)
  })

  function asked(result: 'ok' | 'failed'): Promise<number> {
    return w.counted('stepgate_fact_fetches_total', { source: 'introspection', result })
  }
})

test('a provider whom we know by another secret: 503, said once, without the secret', async () => {
  await using started = new AsyncDisposableStack()
  const { issuer } = await startProvider(started)
  const introspection = { client_id: 'stepgate', client_secret: 'env:SECRET', deadline: '1s' }
  const w = started.use(
    await startServiceWorld({
      issuer,
      more: { introspection },
      secrets: { introspection: new Map([['idp', 'canary-wrong']]) },
    }),
  )
  await w.ready
  for (const bearer of ['Bearer a', 'Bearer b']) {
    assert.equal(await w.ask(bearer), 'source-unavailable')
  }
  const failures = { source: 'introspection', result: 'failed' }
  assert.equal(await w.counted('stepgate_fact_fetches_total', failures), 2)
  assert.equal(await w.counted('stepgate_token_verifications_total', { result: 'unavailable' }), 2)
  const said = w.lines().filter(({ event }) => event === 'introspection-failed')
  assert.deepEqual(
    said.map(({ level, issuer, reason }) => [level, issuer, reason]),
    [['warn', 'idp', `${issuer}/token/introspection answered 401`]],
  )
  assert.doesNotMatch(JSON.stringify(w.lines()), /canary/)
})

async function startProvider(started: AsyncDisposableStack) {
  const server = createServer()
  await once(server.listen(0, '127.0.0.1'), 'listening')
  started.defer(async () => {
    server.closeAllConnections()
    await new Promise((done) => server.close(done))
  })
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const signing = EC.pair.privateKey.export({ format: 'jwk' })
  const provider = new Provider(issuer, {
    adapter: createMemoryAdapter(),
    clients: CLIENTS,
    clientDefaults: { id_token_signed_response_alg: 'ES256' },
    cookies: { keys: ['of the test'] },
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      introspection: { enabled: true, allowedPolicy: () => true },
    },
    ttl: { AccessToken: 300, ClientCredentials: 300, RefreshToken: 300 },
    jwks: { keys: [{ ...signing, kid: 'provider', use: 'sig', alg: 'ES256' }] },
  })
  server.on('request', provider.callback())
  return { issuer, tokens: provider as unknown as Tokens }
}
