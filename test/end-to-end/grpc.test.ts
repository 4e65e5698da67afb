import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, describe, test } from 'node:test'
import { type ServiceError, status } from '@grpc/grpc-js'
import { parse, parseDocument, type YAMLSeq } from 'yaml'
import { ENVOY_CONFIG, startEnvoy } from '../../demo/envoy.ts'
import { findEnvoy } from '../../demo/envoy-binary.ts'
import { parseAddress } from '../../demo/envoy-config.ts'
import type { LoginWish } from '../../examples/client/step-up.ts'
import {
  callWithStepUp,
  readGrpcChallenge,
  readRefusalInfo,
} from '../../examples/client/step-up-grpc.ts'
import { fencedBlocks } from '../docs/markdown.ts'
import { createGrpcClient, type License, readDetails, startGrpcLicenses } from './grpc-licenses.ts'
import { startWorld, type World } from './step-up-world.ts'

const CHANGE = { license: 'L-1', tier: 'business' }
const MFA = { acrValues: 'urn:example:acr:mfa', maxAge: 28_800 }

describe('a gRPC client and a gRPC service, with Envoy between them', () => {
  const started = new AsyncDisposableStack()
  let world: World
  let upstream: Awaited<ReturnType<typeof startGrpcLicenses>>
  let client: ReturnType<typeof createGrpcClient>
  before(async () => {
    world = await startWorld()
    started.adopt(world.stack, ({ stop }) => stop())
    upstream = started.adopt(await startGrpcLicenses(), ({ stop }) => stop())
    const binary = await findEnvoy({ env: process.env, say: () => {}, signal: undefined })
    const clusters = {
      stepgate: world.stack.service.grpc,
      'licensing-api': parseAddress(upstream.address),
    }
    const config = forGrpc(await readFile(ENVOY_CONFIG, 'utf8'))
    const envoy = started.adopt(await startEnvoy({ binary, clusters, config }), ({ stop }) =>
      stop(),
    )
    client = started.adopt(createGrpcClient(envoy.url), ({ close }) => close())
  })
  after(() => started.disposeAsync())

  const change = (method: string) => (token: string) => client.call(method, CHANGE, token)

  async function asAda(method: string): Promise<{ wishes: LoginWish[]; license: License }> {
    const { person, token } = await world.loggedIn('ada')
    const wishes: LoginWish[] = []
    const login = (wish: LoginWish) => {
      wishes.push(wish)
      return person.login(wish)
    }
    const license = await callWithStepUp({ token, login }, change(method))
    return { wishes, license }
  }

  test('a second factor is asked for, given, and the call passes', async () => {
    const { wishes, license } = await asAda('ChangeTier')
    assert.deepEqual(wishes, [MFA])
    assert.deepEqual(license, { ...CHANGE, by: 'ada', level: 'mfa' })
  })

  test('a scope is asked for, got, and the call passes', async () => {
    const { wishes, license } = await asAda('Renew')
    assert.deepEqual(wishes, [{ scope: 'billing' }])
    assert.equal(license.by, 'ada')
  })

  test('the challenge is in the status, its details and the metadata, and nothing reaches the service', async () => {
    const { token } = await world.loggedIn('bob')
    const before = upstream.seen.length
    const mfa = { acr_values: MFA.acrValues, max_age: '28800' }
    const challenges = [
      ['ChangeTier', status.UNAUTHENTICATED, 'insufficient_user_authentication', mfa],
      ['Renew', status.PERMISSION_DENIED, 'insufficient_scope', { scope: 'billing' }],
    ] as const
    for (const [method, code, reason, metadata] of challenges) {
      const error = await refusal(change(method)(token))
      assert.deepEqual([error.code, error.details.split(':')[0]], [code, reason])
      const header = String(error.metadata.get('www-authenticate'))
      for (const [name, value] of Object.entries({ error: reason, ...metadata }))
        assert.ok(header.includes(`${name}="${value}"`), header)
      const info = { reason: reason.toUpperCase(), domain: 'stepgate', metadata }
      assert.deepEqual(readDetails(error), { code, info }, 'by the official messages')
      assert.deepEqual(readRefusalInfo(error), { reason: info.reason, metadata }, 'by the example')
    }
    assert.equal(upstream.seen.length, before)
  })

  test('a login that is still too weak is challenged once more, and that is the end of it', async () => {
    const { token } = await world.loggedIn('bob')
    let logins = 0
    const login = async () => {
      logins++
      return token
    }
    const error = await refusal(callWithStepUp({ token, login }, change('ChangeTier')))
    assert.deepEqual([logins, error.code], [1, status.UNAUTHENTICATED])
  })

  test('no is PERMISSION_DENIED, with a reason and without a challenge', async () => {
    const robot = await world.robotToken()
    const { token } = await world.loggedIn('bob')
    const cases = [
      ['ChangeTier', robot, 'STEP_UP_IMPOSSIBLE', /^step-up-impossible: No login of this caller /],
      ['Purge', token, 'NO_RULE', /^no-rule: No rule permits this request$/],
    ] as const
    for (const [method, token, reason, message] of cases) {
      const login = () => assert.fail('nobody is sent to log in')
      const error = await refusal(callWithStepUp({ token, login }, change(method)))
      assert.equal(error.code, status.PERMISSION_DENIED)
      assert.deepEqual(readRefusalInfo(error), { reason, metadata: {} })
      assert.match(error.details, message)
      assert.deepEqual(error.metadata.get('www-authenticate'), [])
      const [id] = error.metadata.get('x-stepgate-decision-id')
      const line = await world.stack.service.journal.find((line) => line.decision_id === id)
      assert.equal(line.outcome, 'deny')
    }
    assert.ok(!upstream.seen.includes('/licensing.v1.Licenses/Purge'))
  })

  test('a stream is let through before it has ended, on the route that the guide shows', async () => {
    const { token } = await world.loggedIn('ada')
    const license = await client.follow(CHANGE, token)
    assert.deepEqual(license, { ...CHANGE, by: '', level: '' })
    const error = await refusal(client.follow(CHANGE, 'no token'))
    assert.equal(readRefusalInfo(error)?.reason, 'INVALID_TOKEN')
  })

  test('errors of the service itself, and of nobody, are no challenge', () => {
    for (const error of [new Error('x'), { code: 5 }, {}]) {
      assert.equal(readRefusalInfo(error), null)
      assert.equal(readGrpcChallenge(error), null)
    }
  })
})

async function refusal(call: Promise<unknown>): Promise<ServiceError> {
  return await call.then(
    () => assert.fail('it passed'),
    (error) => error,
  )
}

/** The configuration for a gRPC upstream, which speaks HTTP/2 only, with the guide's route for streams. */
function forGrpc(text: string): string {
  const document = parseDocument(text)
  const { clusters } = document.toJS().static_resources as { clusters: { name: string }[] }
  const cluster = clusters.findIndex(({ name }) => name === 'licensing-api')
  document.setIn(['static_resources', 'clusters', cluster, 'typed_extension_protocol_options'], {
    'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': {
      '@type': 'type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions',
      explicit_http_config: { http2_protocol_options: {} },
    },
  })
  const [shown] = fencedBlocks('docs/clients.md').filter(({ text }) => text.includes('grpc: {}'))
  const manager = ['static_resources', 'listeners', 0, 'filter_chains', 0, 'filters', 0]
  const host = [...manager, 'typed_config', 'route_config', 'virtual_hosts', 0, 'routes']
  const routes = document.getIn(host) as YAMLSeq
  routes.items.unshift(
    ...parse(shown?.text ?? '').map((route: unknown) => document.createNode(route)),
  )
  return document.toString()
}
