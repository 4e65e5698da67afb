import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { type Child, startChild } from './child.ts'
import { type Address, renderEnvoyConfig } from './envoy-config.ts'

/** A running Envoy. */
export type Envoy = {
  /** Where requests go. */
  readonly url: string
  readonly adminUrl: string
  /** What it has logged lately; the access log is flushed at the latest when it stops. */
  readonly log: () => readonly string[]
  /** Resolves when it has ended, with how. */
  readonly ended: Promise<string>
  readonly stop: () => Promise<void>
}

/** Which Envoy, with which clusters: `stepgate`, `licensing-api` and perhaps `otlp`. */
export type EnvoyOptions = {
  readonly binary: string
  readonly clusters: Readonly<Record<string, Address>>
  /** The text of the configuration; that of `envoy/envoy.yaml` when it is not given. */
  readonly config?: string
  readonly signal?: AbortSignal | undefined
}

/** The configuration that the demo, the tests and everybody else start from. */
export const ENVOY_CONFIG = join(import.meta.dirname, '..', 'envoy', 'envoy.yaml')

const FREE: Address = { host: '127.0.0.1', port: 0 }
const START_LIMIT = 15_000
const POLL = 25

/** Starts Envoy on free ports; resolves when it takes requests. */
export async function startEnvoy(options: EnvoyOptions): Promise<Envoy> {
  const { binary, clusters, signal } = options
  await using started = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'stepgate-envoy-'))
  started.defer(() => rm(folder, { recursive: true, force: true }))
  const config = join(folder, 'envoy.yaml')
  const addresses = { listener: FREE, admin: FREE, clusters }
  const text = options.config ?? (await readFile(ENVOY_CONFIG, 'utf8'))
  await writeFile(config, renderEnvoyConfig(text, addresses))
  const adminFile = join(folder, 'admin')
  const child = await startChild({ command: binary, args: argumentsFor(config, adminFile) })
  started.defer(() => child.stop())
  const adminUrl = await untilReady(child, adminFile, signal)
  const url = await listenerUrl(adminUrl)
  const cleanup = started.move()
  return { url, adminUrl, log: child.tail, ended: child.ended, stop: () => cleanup.disposeAsync() }
}

function argumentsFor(config: string, adminFile: string): readonly string[] {
  const small = ['--concurrency', '1', '--use-dynamic-base-id', '--log-level', 'warning']
  return ['--config-path', config, '--admin-address-path', adminFile, ...small]
}

async function untilReady(
  child: Child,
  adminFile: string,
  signal: AbortSignal | undefined,
): Promise<string> {
  const deadline = Date.now() + START_LIMIT
  const ended = child.ended.then((how) => {
    throw failure(`ended with ${how}`, child)
  })
  ended.catch(() => {})
  while (Date.now() < deadline) {
    const admin = await Promise.race([readFile(adminFile, 'utf8').catch(() => ''), ended])
    const url = `http://${admin.trim()}`
    if (admin !== '' && (await isReady(url))) return url
    await Promise.race([wait(POLL, undefined, { signal }), ended])
  }
  throw failure(`was not ready within ${START_LIMIT / 1000} s`, child)
}

function isReady(adminUrl: string): Promise<boolean> {
  return fetch(`${adminUrl}/ready`).then(
    async (response) => (await response.text()).trim() === 'LIVE',
    () => false,
  )
}

type Listeners = {
  readonly listener_statuses: readonly [
    {
      readonly local_address: { readonly socket_address: { address: string; port_value: number } }
    },
  ]
}

async function listenerUrl(adminUrl: string): Promise<string> {
  const response = await fetch(`${adminUrl}/listeners?format=json`)
  const { listener_statuses } = (await response.json()) as Listeners
  const { address, port_value } = listener_statuses[0].local_address.socket_address
  return `http://${address}:${port_value}`
}

function failure(what: string, child: Child): Error {
  return new Error(`Envoy ${what}; it said:\n${child.tail().slice(-15).join('\n')}`)
}
