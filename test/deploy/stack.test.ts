import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { startEnvoy } from '../../demo/envoy.ts'
import { findEnvoy } from '../../demo/envoy-binary.ts'
import { formatIssues } from '../../src/domain/issue.ts'
import { readSecrets } from '../../src/settings/read-secrets.ts'
import { readSettings } from '../../src/settings/read-settings.ts'
import { readTracingSettings } from '../../src/telemetry/tracing-settings.ts'
import { publishedPorts, ROOT, readCompose, readYaml, serviceOf } from './files.ts'
import { clusterAddresses, runPrepare } from './prepared.ts'

const compose = readCompose()
const stepgate = serviceOf(compose, 'stepgate')
const prepared = runPrepare()
after(prepared.remove)

describe('Stepgate', () => {
  const env = stepgate.environment ?? {}
  /** A file as the container sees it: its folder is /app, and the keys are mounted. */
  const readFile = (path: string) =>
    readFileSync(
      path.startsWith('/run/secrets/')
        ? prepared.path('keys', path.slice('/run/secrets/'.length))
        : join(ROOT, path),
    )
  const read = readSettings(env, readFile)
  assert.ok(read.kind === 'settings', read.kind === 'issues' ? formatIssues(read.issues) : '')
  const { settings } = read

  it('finds its settings and every secret that they name', () => {
    const secrets = readSecrets(settings, env, readFile)
    assert.ok(secrets.kind === 'secrets', JSON.stringify(secrets))
    assert.equal(secrets.secrets.redisUrl, env.REDIS_URL)
    assert.ok(secrets.secrets.fingerprintKey && secrets.secrets.audit?.signing)
  })

  it('sends its traces to the collector', () => {
    const tracing = readTracingSettings(env, settings.telemetry.traces, readFileSync)
    assert.ok(tracing.ok && tracing.settings)
    assert.equal(tracing.settings.url, 'http://collector:4318/v1/traces')
  })

  it('sets no variable that nobody reads', () => {
    const secrets = Object.values(env).flatMap((value) => value.split('env:').slice(1))
    for (const name of Object.keys(env)) {
      assert.ok(/^(STEPGATE|OTEL)_/.test(name) || secrets.includes(name), name)
    }
  })

  it('writes its record into a volume, and has policy and data in the folder that is mounted', () => {
    const folders = new Map(
      stepgate.volumes?.map((v) => v.split(':').slice(0, 2) as [string, string]),
    )
    assert.equal(folders.get('audit'), '/app/var')
    assert.ok(
      settings.audit?.to.startsWith('var/') && settings.audit.policies.folder.startsWith('var/'),
    )
    assert.equal(folders.get('./config'), '/app/config')
    assert.equal(folders.get('keys'), '/run/secrets')
    for (const file of [settings.policy, ...settings.data.location]) {
      assert.ok(file.startsWith('config/') && existsSync(join(ROOT, file)), file)
    }
  })

  it('is where Envoy asks, and Envoy where clients do', () => {
    const clusters = clusterAddresses(prepared.envoy())
    assert.equal(clusters.get('stepgate'), settings.listen.grpc.text)
    assert.equal(clusters.get('otlp'), `collector:${portOf('grpc')}`)
    assert.equal(stepgate.network_mode, 'service:envoy')
    assert.equal(serviceOf(compose, 'licensing-api').network_mode, 'service:envoy')
  })

  it('knows the provider by the address that people open', () => {
    const [idp] = settings.issuers
    assert.equal(idp?.issuer, 'http://127.0.0.1:9100')
    assert.ok(publishedPorts(serviceOf(compose, 'envoy')).includes(9100))
    assert.equal(serviceOf(compose, 'provider').network_mode, 'service:envoy')
  })

  it('is shown by ports behind which somebody listens', () => {
    const [listener] = prepared.envoy().static_resources.listeners
    const provider = Number(new URL(settings.issuers[0]?.issuer ?? '').port)
    const own = [settings.admin.http.port, listener.address.socket_address.port_value, provider]
    assert.deepEqual(publishedPorts(serviceOf(compose, 'envoy')).toSorted(), own.toSorted())
    assert.equal(settings.admin.http.host, '0.0.0.0')
  })
})

describe('Envoy', () => {
  it('keeps its admin interface, which can stop it, on the loopback interface', () => {
    const { address } = prepared.envoy().admin
    assert.equal(address.socket_address.address, '127.0.0.1')
    assert.ok(
      !publishedPorts(serviceOf(compose, 'envoy')).includes(address.socket_address.port_value),
    )
  })

  it('reads what was prepared', () => {
    const envoy = serviceOf(compose, 'envoy')
    const file = envoy.command?.[(envoy.command?.indexOf('-c') ?? -1) + 1]
    assert.equal(file, '/etc/stepgate/envoy.yaml')
    assert.ok(envoy.volumes?.includes('envoy:/etc/stepgate:ro'))
  })
})

it('Envoy is asked for its health in a way that it answers', async () => {
  const binary = await findEnvoy({ env: process.env, say: () => {} })
  const envoy = await startEnvoy({ binary, clusters: {} })
  const [, command = '', ...args] = serviceOf(compose, 'envoy').healthcheck?.test ?? []
  const { hostname, port } = new URL(envoy.adminUrl)
  const ask = () => {
    const asked = args.map((text) => text.replace('127.0.0.1/9901', `${hostname}/${port}`))
    return spawnSync(command, asked, { timeout: 5000 }).status
  }
  const running = ask()
  await envoy.stop()
  assert.deepEqual([running, ask()], [0, 1])
})

it('keys are made once, and only their owners could write them', () => {
  const files = ['fingerprint', 'audit-pseudonyms', 'audit-signing', 'audit-signing.pub']
  const before = files.map((file) => readFileSync(prepared.path('keys', file), 'utf8'))
  prepared.again()
  const now = files.map((file) => readFileSync(prepared.path('keys', file), 'utf8'))
  assert.deepEqual(now, before)
  assert.equal(statSync(prepared.path('keys', 'audit-signing')).mode & 0o222, 0)
})

function portOf(protocol: 'grpc' | 'http'): string {
  type Receivers = { receivers: { otlp: { protocols: Record<string, { endpoint: string }> } } }
  const { protocols } = readYaml<Receivers>('deploy/collector.yaml').receivers.otlp
  return protocols[protocol]?.endpoint.split(':')[1] ?? ''
}
