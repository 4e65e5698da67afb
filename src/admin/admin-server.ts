import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { isIPv6 } from 'node:net'

/** What the admin server answers with; each is asked at every request. */
export type AdminDeps = {
  /** Loopback unless the operator says otherwise: nothing here is protected. Port 0 takes a free one. */
  readonly listen: { readonly host?: string; readonly port: number }
  /** False only when the process should be restarted. */
  readonly live: () => boolean
  readonly ready: () => Readiness
  readonly metrics: () => Promise<{ readonly contentType: string; readonly body: string }>
}

/** Whether requests can be decided, and the state of each part that this hangs on. Holds no secret. */
export type Readiness = {
  readonly ready: boolean
  readonly policy: Readonly<Record<string, unknown>>
  /** By the name of the issuer. */
  readonly issuers: Readonly<Record<string, unknown>>
}

/** A running admin server. */
export type AdminServer = {
  /** `host:port`, with the port that was really taken. */
  readonly address: string
  /** Takes no new connection, closes the idle ones, and after a second those that linger. */
  stop(): Promise<void>
}

type Answer = { readonly status: number; readonly contentType: string; readonly body: string }
type Route = () => Answer | Promise<Answer>

/** Slow or oversized requests are cut off: a probe or a scraper has no reason for either. */
const LIMITS = {
  maxHeaderSize: 8192,
  headersTimeout: 5000,
  requestTimeout: 10_000,
  keepAliveTimeout: 5000,
  connectionsCheckingInterval: 1000,
}

const MAX_CONNECTIONS = 64

/** Milliseconds that a request in progress gets when the server stops. */
const LINGER = 1000

/**
 * Serves `/livez`, `/readyz` (200 or 503, with detail) and `/metrics` to GET and HEAD.
 * Rejects when the address cannot be listened on.
 */
export async function startAdminServer(deps: AdminDeps): Promise<AdminServer> {
  const routes = createRoutes(deps)
  const server = createServer(LIMITS, (request, response) => {
    void handle(routes, request, response)
  })
  server.maxConnections = MAX_CONNECTIONS
  const { host = '127.0.0.1', port } = deps.listen
  await listen(server, host, port)
  return { address: addressOf(server, host), stop: () => stop(server) }
}

function createRoutes({ live, ready, metrics }: AdminDeps): ReadonlyMap<string, Route> {
  return new Map<string, Route>([
    ['/livez', () => (live() ? text(200, 'ok') : text(503, 'not live'))],
    ['/readyz', () => readiness(ready())],
    ['/metrics', async () => ({ status: 200, ...(await metrics()) })],
  ])
}

function readiness(detail: Readiness): Answer {
  const status = detail.ready ? 200 : 503
  return { status, contentType: 'application/json', body: `${JSON.stringify(detail)}\n` }
}

async function handle(
  routes: ReadonlyMap<string, Route>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const route = routes.get(pathOf(request))
  if (route === undefined) return send(response, text(404, 'not found'))
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD')
    return send(response, text(405, 'method not allowed'))
  }
  send(response, await answer(route))
}

/** What a route throws stays inside: the reader gets no detail of ours. */
async function answer(route: Route): Promise<Answer> {
  try {
    return await route()
  } catch {
    return text(500, 'internal error')
  }
}

/** For HEAD, Node itself leaves out the body. */
function send(response: ServerResponse, { status, contentType, body }: Answer): void {
  response.writeHead(status, {
    'content-type': contentType,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  })
  response.end(body)
}

function text(status: number, message: string): Answer {
  return { status, contentType: 'text/plain; charset=utf-8', body: `${message}\n` }
}

function pathOf(request: IncomingMessage): string {
  return request.url?.split('?', 1)[0] ?? ''
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const refuse = (error: Error) => {
      reject(
        new Error(`admin: cannot listen on ${host}:${port}: ${error.message}`, { cause: error }),
      )
    }
    server.once('error', refuse)
    server.listen(port, host, () => {
      server.off('error', refuse)
      resolve()
    })
  })
}

function addressOf(server: Server, host: string): string {
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return `${isIPv6(host) ? `[${host}]` : host}:${port}`
}

function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => server.closeAllConnections(), LINGER)
    server.close(() => {
      clearTimeout(timer)
      resolve()
    })
    server.closeIdleConnections()
  })
}
