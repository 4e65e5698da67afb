import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { formatIssues } from '../../src/domain/issue.ts'
import { readSettings } from '../../src/settings/read-settings.ts'
import { KEYCLOAK_VERSION } from '../keycloak/keycloak-home.ts'
import { readRealm } from '../keycloak/realm.ts'
import { publishedPorts, ROOT, readCompose, readText, serviceOf } from './files.ts'

const compose = readCompose()
const keycloak = serviceOf(compose, 'keycloak')
const { environment: sample = {}, ...sampleRest } = serviceOf(compose, 'stepgate')
const { environment: own = {}, ...ownRest } = serviceOf(compose, 'stepgate-keycloak')

describe('docker compose with Keycloak', () => {
  it('starts one provider and the Stepgate that trusts it, in either profile', () => {
    const inProfile = (profile: string) =>
      Object.entries(compose.services).flatMap(([name, { profiles = [] }]) =>
        profiles.includes(profile) ? [name] : [],
      )
    assert.deepEqual(inProfile('sample'), ['stepgate', 'provider'])
    assert.deepEqual(inProfile('keycloak'), ['stepgate-keycloak', 'keycloak'])
    assert.match(readText('.env'), /^COMPOSE_PROFILES=sample$/m)
  })

  it('starts nothing that waits for what the other profile has', () => {
    const optional = ['stepgate', 'provider', 'stepgate-keycloak', 'keycloak']
    for (const [name, { depends_on: needs = [] }] of Object.entries(compose.services)) {
      const names = Array.isArray(needs) ? needs : Object.keys(needs)
      assert.ok(!names.some((other) => optional.includes(other)), name)
    }
  })

  it('has a Stepgate that differs in what it knows of its provider, and in nothing else', () => {
    const names = [...new Set([...Object.keys(sample), ...Object.keys(own)])]
    const different = names.filter((name) => sample[name] !== own[name])
    assert.ok(different.includes('STEPGATE_ISSUERS_IDP_ISSUER'))
    for (const name of different)
      assert.match(name, /^STEPGATE_(ISSUERS|SHARED_SIGNALS_STREAMS)_IDP_/)
    assert.deepEqual({ ...ownRest, profiles: [] }, { ...sampleRest, profiles: [] })
  })

  it('tells it what the guide says', () => {
    const read = readSettings(own, (path) => readFileSync(join(ROOT, path)))
    assert.ok(read.kind === 'settings', read.kind === 'issues' ? formatIssues(read.issues) : '')
    const [idp] = read.settings.issuers
    assert.equal(idp?.proof, 'both')
    assert.deepEqual(idp.audiences, ['https://licensing.example.com'])
    assert.equal(own.STEPGATE_ISSUERS_IDP_CLAIMS_ROLES, 'realm_access.roles')
    assert.match(
      readText('docs/providers/keycloak.md'),
      /proof: both.*\n.*roles: realm_access\.roles/,
    )
  })

  it('has a Keycloak at the address that Stepgate knows, with the realm of that name', () => {
    const option = (name: string) =>
      keycloak.command?.find((text) => text.startsWith(`--${name}=`))?.split('=')[1] ?? ''
    const { realm } = readRealm()
    assert.equal(own.STEPGATE_ISSUERS_IDP_ISSUER, `${option('hostname')}/realms/${realm}`)
    assert.equal(new URL(option('hostname')).port, option('http-port'))
    const envoy = publishedPorts(serviceOf(compose, 'envoy'))
    assert.ok(envoy.includes(Number(option('http-port'))))
    assert.equal(keycloak.network_mode, 'service:envoy')
    assert.ok(keycloak.command?.includes('--import-realm'))
    const file = './deploy/keycloak/realm.json:/opt/keycloak/data/import/licensing-realm.json:ro'
    assert.ok(keycloak.volumes?.includes(file))
  })

  it('has the Keycloak that the tests run', () => {
    assert.equal(keycloak.image, `quay.io/keycloak/keycloak:${KEYCLOAK_VERSION}`)
  })

  it('asks it for its health in a way that it answers', async () => {
    const { realm } = readRealm()
    const answers = [200, 404].map((status) => health(`/realms/${realm}`, status))
    assert.deepEqual(await Promise.all(answers), [0, 1])
  })
})

/** The exit code of the health check while a server answers the path with the status. */
async function health(path: string, status: number): Promise<number> {
  const server = createServer(({ url }, response) => {
    response.writeHead(url === path ? status : 500).end('{}')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const [, command = '', ...args] = keycloak.healthcheck?.test ?? []
  // `$$` is how Compose writes a dollar that is none of its own.
  const asked = args.map((text) => text.replace('/9100', `/${port}`).replaceAll('$$', '$'))
  const code = await new Promise<number>((resolve) => {
    execFile(command, asked, (error) => resolve(error === null ? 0 : Number(error.code)))
  })
  server.close()
  server.closeAllConnections()
  return code
}
