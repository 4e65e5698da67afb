import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'yaml'
import { ROOT } from './files.ts'

type SocketAddress = {
  readonly socket_address: { readonly address: string; readonly port_value: number }
}

/** Envoy's configuration, as far as addresses go. */
export type EnvoyConfig = {
  readonly admin: { readonly address: SocketAddress }
  readonly static_resources: {
    readonly listeners: readonly [{ readonly address: SocketAddress }]
    readonly clusters: readonly Cluster[]
  }
}

type Cluster = {
  readonly name: string
  readonly load_assignment: { readonly endpoints: readonly Endpoints[] }
}
type Endpoints = {
  readonly lb_endpoints: readonly { readonly endpoint: { readonly address: SocketAddress } }[]
}

/** What the service `prepare` of the compose file has written. */
export type Prepared = {
  /** Runs it once more. */
  readonly again: () => void
  readonly path: (...parts: readonly string[]) => string
  readonly envoy: () => EnvoyConfig
  readonly remove: () => void
}

/** Runs the program of `prepare` on folders in place of its volumes. */
export function runPrepare(): Prepared {
  const folder = mkdtempSync(join(tmpdir(), 'stepgate-prepared-'))
  for (const volume of ['envoy', 'keys']) mkdirSync(join(folder, volume))
  const path = (...parts: readonly string[]) => join(folder, ...parts)
  const again = () => void runContainer('prepare', folder)
  again()
  return {
    again,
    path,
    envoy: () => parse(readFileSync(path('envoy', 'envoy.yaml'), 'utf8')) as EnvoyConfig,
    remove: () => rmSync(folder, { recursive: true }),
  }
}

/** Runs a program of the image `demo`; what it said. */
export function runContainer(...args: readonly string[]): string {
  const program = join(ROOT, 'demo', 'container.ts')
  return spawnSync(process.execPath, [program, ...args], { encoding: 'utf8' }).stderr
}

/** `host:port` of every cluster, by its name. */
export function clusterAddresses({ static_resources }: EnvoyConfig): ReadonlyMap<string, string> {
  return new Map(
    static_resources.clusters.map(({ name, load_assignment: { endpoints } }) => {
      const at = endpoints[0]?.lb_endpoints[0]?.endpoint.address.socket_address
      return [name, `${at?.address}:${at?.port_value}`]
    }),
  )
}
