import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { ROOT, readCompose, readDockerfile, readText, readYaml, serviceOf } from './files.ts'
import { runContainer } from './prepared.ts'

const compose = readCompose()
const services = Object.entries(compose.services)

/** Their images have neither a shell nor a program that could ask. */
const CANNOT_ASK = ['collector', 'jaeger']

describe('every service', () => {
  for (const [name, service] of services) {
    it(`${name} can change nothing but its volumes, and has no rights to lose`, () => {
      assert.equal(service.read_only, true)
      assert.deepEqual(service.cap_drop, ['ALL'])
      assert.deepEqual(service.security_opt, ['no-new-privileges:true'])
    })

    it(`${name} is published on loopback only`, () => {
      for (const port of service.ports ?? []) assert.match(port, /^127\.0\.0\.1:(\d+):\1$/)
    })

    it(`${name} is built here, or an image of exactly one version`, () => {
      if (service.build) assert.ok(stages().includes(service.build.target))
      else assert.match(service.image ?? '', /^[\w./-]+:v?\d+\.\d+\.\d+$/)
    })

    it(`${name} mounts what is there, and files of the repository only to be read`, () => {
      const mounts = (service.volumes ?? []).map((volume) => volume.split(':'))
      for (const [from = '', , mode] of mounts.filter(([path]) => path?.startsWith('./'))) {
        assert.ok(existsSync(join(ROOT, from)), from)
        assert.equal(mode, 'ro', from)
      }
      // A path alone is a volume that goes with its container.
      for (const [from = ''] of mounts.filter(([path]) => /^[^./]/.test(path ?? '')))
        assert.ok(Object.hasOwn(compose.volumes, from), from)
    })

    it(`${name} waits for services that there are`, () => {
      const { depends_on: needs = [], network_mode: mode = '' } = service
      const names = Array.isArray(needs) ? needs : Object.keys(needs)
      for (const other of [...names, ...mode.split('service:').slice(1)]) {
        assert.ok(Object.hasOwn(compose.services, other), other)
      }
    })

    it(`${name} is asked for its health, unless it ends by itself or cannot be`, () => {
      const asked = service.healthcheck !== undefined
      assert.equal(asked, name !== 'prepare' && !CANNOT_ASK.includes(name))
    })
  }

  it('that is one of the demo names a program of it', () => {
    const known = runContainer('?')
      .replace(/^.*container\.ts /, '')
      .trim()
      .split(' | ')
    const used = services.flatMap(([, { build, command }]) =>
      build?.target === 'demo' ? [command?.[0]] : [],
    )
    assert.deepEqual(used.toSorted(), known.toSorted())
  })
})

it('every volume is used', () => {
  const used = services.flatMap(([, { volumes = [] }]) => volumes.map((v) => v.split(':')[0]))
  assert.deepEqual(
    Object.keys(compose.volumes).filter((name) => !used.includes(name)),
    [],
  )
})

it('Redis forgets nothing when it is full', () => {
  const command = serviceOf(compose, 'redis').command ?? []
  assert.equal(command[command.indexOf('--maxmemory-policy') + 1], 'noeviction')
})

it('every host that a file names is a service, or a name of one', () => {
  const names = new Set(
    services.flatMap(([name, { networks }]) => [name, ...(networks?.default.aliases ?? [])]),
  )
  const texts = [
    'docker-compose.yml',
    'deploy/prometheus.yml',
    'deploy/collector.yaml',
    'deploy/grafana/datasources.yaml',
  ]
  for (const file of texts) {
    const hosts = [...readText(file).matchAll(/(?:\/\/|"|endpoint: )([a-z][a-z-]*):\d{4,5}\b/g)]
    for (const [, host = ''] of hosts) assert.ok(names.has(host), `${file}: ${host}`)
  }
})

it('Grafana finds what it is given', () => {
  const targets = (serviceOf(compose, 'grafana').volumes ?? []).map((v) => v.split(':')[1])
  const home = serviceOf(compose, 'grafana').environment?.GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH
  assert.ok(targets.includes(home))
  const { providers } = readYaml<{ providers: readonly { options: { path: string } }[] }>(
    'deploy/grafana/dashboards.yaml',
  )
  assert.ok(home?.startsWith(`${providers[0]?.options.path}/`))
})

function stages(): readonly string[] {
  return readDockerfile()
    .filter(({ name }) => name === 'FROM')
    .map(({ stage }) => stage)
}
