import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startChild } from '../../demo/child.ts'
import { startEnvoy } from '../../demo/envoy.ts'
import { findEnvoy } from '../../demo/envoy-binary.ts'
import { parseAddress } from '../../demo/envoy-config.ts'
import { createJournal, type Journal } from '../../demo/journal.ts'
import { RESOURCE } from '../../examples/identity-provider/clients.ts'
import { startIdentityProvider } from '../../examples/identity-provider/server.ts'
import { startLicensingApi } from '../../examples/licensing-api/server.ts'
import { startPortal } from '../../examples/portal/server.ts'
import { patientEnvoyConfig } from '../support/patient-envoy.ts'

/** Pages at three levels, and one that nobody may see. */
const POLICY = `version: 1
assurance:
  - { level: password, acr: { idp: ["urn:example:acr:password"] } }
  - { level: mfa, acr: { idp: ["urn:example:acr:mfa"] } }
rules:
  - { id: health, match: { methods: [GET], paths: ["/healthz"] }, effect: allow }
  - { id: list, match: { methods: [GET], paths: ["/v1/licenses"] }, when: subject.authenticated, effect: allow }
  - id: one
    match: { paths: ["/v1/licenses/**"] }
    when: subject.authenticated
    effect: allow
    require: { level: mfa }
`

/** A browser's world: pages behind Envoy that take a cookie, a portal that sets it, and a provider. */
export type PortalWorld = {
  /** Envoy as browsers see it, on the host that is redirected from. */
  readonly pages: string
  /** The same Envoy by a host whose pages are not. */
  readonly otherPages: string
  readonly portal: string
  readonly issuer: string
  readonly journal: Journal
  /** Moves the portal's clock on, in milliseconds. */
  readonly pass: (time: number) => void
  readonly stop: () => Promise<void>
}

/** Starts all of it; `stepsUp: false` for a provider that never asks anybody for more. */
export async function startPortalWorld({ stepsUp }: { stepsUp: boolean }): Promise<PortalWorld> {
  await using started = new AsyncDisposableStack()
  const running = <T extends { readonly stop: () => Promise<void> }>(part: T): T =>
    started.adopt(part, ({ stop }) => stop())
  const binary = await findEnvoy({ env: process.env, say: () => {}, signal: undefined })
  const api = running(await startLicensingApi({ port: 0 }))
  const portal = running(await startPortal({ port: 0 }))
  const redirectUris = [portal.redirectUri]
  const { issuer } = running(await startIdentityProvider({ port: 0, stepsUp, redirectUris }))
  const key = 'a key of the portal and of Stepgate'
  const { grpc, ...service } = running(await startStepgate(settings(issuer, portal.url), key))
  const clusters = { stepgate: parseAddress(grpc), 'licensing-api': parseAddress(api.address) }
  const { url } = running(
    await startEnvoy({ binary, clusters, config: await patientEnvoyConfig() }),
  )
  const pages = `http://localhost:${new URL(url).port}`
  let passed = 0
  await portal.serve({ issuer, key, origins: [pages], now: () => Date.now() + passed })
  const cleanup = started.move()
  return {
    pages,
    otherPages: url,
    portal: portal.url,
    issuer,
    journal: service.journal,
    pass: (time) => {
      passed += time
    },
    stop: () => cleanup.disposeAsync(),
  }
}

type Settings = Readonly<Record<string, unknown>>

function settings(issuer: string, portal: string): Settings {
  const idp = { issuer, audiences: [RESOURCE], token: { cookie: '__Host-session' } }
  const redirect = { to: `${portal}/step-up`, hosts: ['localhost'], key: 'env:REDIRECT_KEY' }
  return {
    listen: { grpc: '127.0.0.1:0' },
    admin: { http: '127.0.0.1:0' },
    issuers: { idp },
    challenge: { default: 'redirect', redirect },
  }
}

async function startStepgate(given: Settings, key: string) {
  await using started = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'stepgate-portal-'))
  started.defer(() => rm(folder, { recursive: true, force: true }))
  const [policy, config] = ['policy.yaml', 'stepgate.yaml'].map((name) => join(folder, name))
  await writeFile(policy ?? '', POLICY)
  await writeFile(config ?? '', JSON.stringify({ ...given, policy }))
  const journal = createJournal()
  const child = await startChild({
    command: process.execPath,
    args: [join(import.meta.dirname, '../../src/main.ts')],
    env: { PATH: process.env.PATH, STEPGATE_CONFIG: config, REDIRECT_KEY: key },
    onLine: journal.add,
  })
  started.defer(child.stop)
  const failed = child.ended.then((how) => {
    throw new Error(`Stepgate ended with ${how}:\n${child.tail().join('\n')}`)
  })
  failed.catch(() => {})
  const isReady = journal.find(({ event }) => event === 'ready', { limit: 15_000 })
  const ready = await Promise.race([isReady, failed])
  const cleanup = started.move()
  return { grpc: String(ready.grpc), journal, stop: () => cleanup.disposeAsync() }
}
