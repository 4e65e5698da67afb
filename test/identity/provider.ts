import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What the provider does with a request for a path. */
export type Behaviour = (path: string, response: ServerResponse) => void

/** An identity provider on a loopback port that does as it is told. */
export type Provider = AsyncDisposable & {
  readonly url: string
  /** Every path asked for, in order. */
  readonly asked: string[]
  behave: Behaviour
}

const OPENID = '/.well-known/openid-configuration'
const OAUTH = '/.well-known/oauth-authorization-server'

/** `at` is the port of a provider that comes back; 0 takes a free one. */
export async function startProvider(path = '', at = 0): Promise<Provider> {
  const asked: string[] = []
  const server = createServer(({ url = '' }, response) => {
    asked.push(url)
    provider.behave(url, response)
  })
  await once(server.listen(at, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  const provider: Provider = {
    url: `http://127.0.0.1:${port}${path}`,
    asked,
    behave: (_, response) => response.writeHead(404).end(),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
    },
  }
  return provider
}

/** The behaviour of a provider in good health; `metadata` replaces members of its discovery document. */
export function serving(provider: Provider, keys: object[], metadata: object = {}): Behaviour {
  const document = { issuer: provider.url, jwks_uri: `${provider.url}/jwks`, ...metadata }
  return (path, response) => {
    if (path.endsWith(OPENID)) json(response, document)
    else if (path.endsWith('/jwks')) json(response, { keys })
    else response.writeHead(404).end()
  }
}

/** A plain OAuth server: it has the document of RFC 8414 only. */
export function servingOauth(provider: Provider, keys: object[]): Behaviour {
  const { origin, pathname } = new URL(provider.url)
  return (path, response) => {
    const document = { issuer: provider.url, jwks_uri: `${origin}/jwks` }
    if (path === `${OAUTH}${pathname === '/' ? '' : pathname}`) json(response, document)
    else if (path === '/jwks') json(response, { keys })
    else response.writeHead(404).end()
  }
}

export function json(response: ServerResponse, body: unknown): void {
  response.setHeader('content-type', 'application/json').end(JSON.stringify(body))
}
