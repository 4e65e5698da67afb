import { parseDocument } from 'yaml'

/** Where a thing is, or listens; port 0 takes a free one. */
export type Address = { readonly host: string; readonly port: number }

/** The addresses that differ from one Envoy to the next. */
export type EnvoyAddresses = {
  readonly listener: Address
  readonly admin: Address
  /** By the cluster's name; clusters that are not named keep theirs. */
  readonly clusters: Readonly<Record<string, Address>>
}

/** The text of `envoy/envoy.yaml` with other addresses and otherwise unchanged. */
export function renderEnvoyConfig(text: string, addresses: EnvoyAddresses): string {
  const document = parseDocument(text)
  const place = (path: readonly unknown[], { host, port }: Address) => {
    const at = [...path, 'address', 'socket_address']
    document.setIn([...at, 'address'], host)
    document.setIn([...at, 'port_value'], port)
  }
  place(['admin'], addresses.admin)
  place(['static_resources', 'listeners', 0], addresses.listener)
  for (const [name, address] of Object.entries(addresses.clusters)) {
    const cluster = ['static_resources', 'clusters', clusterIndex(document.toJS(), name)]
    place([...cluster, 'load_assignment', 'endpoints', 0, 'lb_endpoints', 0, 'endpoint'], address)
  }
  return document.toString()
}

type ClusterList = {
  readonly static_resources: { readonly clusters: readonly { readonly name: string }[] }
}

function clusterIndex({ static_resources }: ClusterList, name: string): number {
  const index = static_resources.clusters.findIndex((cluster) => cluster.name === name)
  if (index === -1) throw new Error(`the Envoy configuration has no cluster "${name}"`)
  return index
}

/** `127.0.0.1:9191` as an address. */
export function parseAddress(text: string): Address {
  const colon = text.lastIndexOf(':')
  return { host: text.slice(0, colon), port: Number(text.slice(colon + 1)) }
}
