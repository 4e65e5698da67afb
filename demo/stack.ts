import type { JsonWebKey } from 'node:crypto'
import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type IdentityProvider,
  startIdentityProvider,
} from '../examples/identity-provider/server.ts'
import { type LicensingApi, startLicensingApi } from '../examples/licensing-api/server.ts'
import { type Envoy, startEnvoy } from './envoy.ts'
import { findEnvoy } from './envoy-binary.ts'
import { type Address, parseAddress } from './envoy-config.ts'
import { type Office, placeOffice } from './policy-copy.ts'
import { newSecret, type Service, startService } from './service.ts'

/** The licensing API behind Envoy, Stepgate and an OpenID provider: all real, all on free loopback ports. */
export type Stack = {
  /** Envoy's address: where clients send requests. */
  readonly url: string
  readonly api: LicensingApi
  readonly provider: IdentityProvider
  readonly service: Service
  readonly envoy: Envoy
  /** The key that the portal signs its device cookies with. */
  readonly deviceKey: string
  /** The copy of the policy that Stepgate reads. */
  readonly policy: string
  /** Replaces that copy at once, with office hours placed around now. */
  readonly writePolicy: (text: string) => Promise<void>
  /** Opens or closes the office in that copy; resolves when Stepgate has taken it over. */
  readonly setOffice: (office: Office) => Promise<void>
  /** Ends everything, the last started first. */
  readonly stop: () => Promise<void>
}

/** Whom to tell about progress, when to give up, and for tests what is special about the provider and Envoy's collector. */
export type StackOptions = {
  readonly say: (line: string) => void
  readonly signal?: AbortSignal | undefined
  readonly signingKey?: JsonWebKey
  readonly redirectUris?: readonly string[]
  /** Where Envoy sends its spans by gRPC. */
  readonly collector?: Address
}

/** The policy that the copy is made from. */
export const POLICY = join(import.meta.dirname, '..', 'config', 'policy.yaml')

const WARM_UP = 5_000

/** Starts everything; when a part cannot be started, what was started before it is ended again. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const { say, signal, collector = usualCollector(), ...identity } = options
  await using started = new AsyncDisposableStack()
  const running = <T extends { readonly stop: () => Promise<void> }>(part: T): T =>
    started.adopt(part, ({ stop }) => stop())
  const binary = await findEnvoy({ env: process.env, say, signal })
  const api = running(await startLicensingApi({ port: 0 }))
  say(`Licensing API      ${api.url}`)
  const provider = running(await startIdentityProvider({ port: 0, ...identity }))
  say(`Identity provider  ${provider.issuer}`)
  const copy = running(await copyPolicy())
  const { issuer } = provider
  const deviceKey = newSecret()
  const service = running(await startService({ policy: copy.path, issuer, deviceKey, signal }))
  say(
    `Stepgate           gRPC ${service.grpc.host}:${service.grpc.port}, admin ${service.adminUrl}`,
  )
  const clusters = {
    stepgate: service.grpc,
    'licensing-api': parseAddress(api.address),
    ...(collector && { otlp: collector }),
  }
  const envoy = running(await startEnvoy({ binary, clusters, signal }))
  say(`Envoy              ${envoy.url}, admin ${envoy.adminUrl}`)
  await untilAnswering(envoy.url, signal)
  const cleanup = started.move()
  const { url } = envoy
  const stop = () => cleanup.disposeAsync()
  const setOffice = async (office: Office) => {
    const from = service.journal.position()
    await copy.place(office)
    await service.journal.find((line) => line.event === 'policy-loaded', { from })
  }
  const parts = { url, api, provider, service, envoy, deviceKey, policy: copy.path }
  return { ...parts, writePolicy: copy.write, setOffice, stop }
}

/** The first decisions of a cold process on a busy machine can miss Envoy's deadline: that is not what the tour shows. */
async function untilAnswering(url: string, signal: AbortSignal | undefined): Promise<void> {
  const deadline = Date.now() + WARM_UP
  while ((await fetch(`${url}/healthz`)).status !== 200) {
    signal?.throwIfAborted()
    if (Date.now() > deadline) throw new Error(`GET /healthz through Envoy gives no 200`)
  }
  signal?.throwIfAborted()
}

async function copyPolicy() {
  const folder = await mkdtemp(join(tmpdir(), 'stepgate-policy-'))
  const path = join(folder, 'policy.yaml')
  let text = await readFile(POLICY, 'utf8')
  const place = async (office: Office) => {
    const next = join(folder, 'policy.yaml.next')
    await writeFile(next, placeOffice(text, Date.now(), office))
    await rename(next, path)
  }
  const write = async (changed: string) => {
    text = changed
    await place('open')
  }
  await place('open')
  return { path, write, place, stop: () => rm(folder, { recursive: true, force: true }) }
}

/** Envoy's spans go where Stepgate's go, when that is said by the usual variable. */
function usualCollector(): Address | undefined {
  const endpoint = process.env.OTEL_EXPORTER_OTLP_ENDPOINT
  return endpoint ? { host: new URL(endpoint).hostname, port: 4317 } : undefined
}
