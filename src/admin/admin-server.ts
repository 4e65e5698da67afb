import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerOptions,
  type ServerResponse,
} from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { isIPv6 } from 'node:net'
import { boundConnections } from './bound-connections.ts'
import { createGuard, createHostGuard } from './guard.ts'
import { type Answer, createRoutes, type Pages, type Route, text } from './routes.ts'

/** What the admin server answers with, and to whom. */
export type AdminDeps = Pages & {
  /** Loopback unless the operator says otherwise. Port 0 takes a free one. */
  readonly listen: { readonly host?: string; readonly port: number }
  /** What everything but probes asks for; null or absent: nothing. */
  readonly token?: string | null
  /** Certificate and private key in PEM; null or absent: without TLS. */
  readonly tls?: { readonly cert: string; readonly key: string } | null
}

/** A running admin server. */
export type AdminServer = {
  /** `host:port`, with the port that was really taken. */
  readonly address: string
  /** Takes no new connection, closes the idle ones, and after a second those that linger. */
  stop(): Promise<void>
}

/** Slow or oversized requests are cut off: a probe or a scraper has no reason for either. */
const LIMITS = {
  maxHeaderSize: 8192,
  headersTimeout: 5000,
  requestTimeout: 10_000,
  keepAliveTimeout: 5000,
  connectionsCheckingInterval: 1000,
} satisfies ServerOptions

const MAX_CONNECTIONS = 64

/** Milliseconds that a request in progress gets when the server stops. */
const LINGER = 1000

/**
 * Serves `/livez`, `/readyz` (200 or 503, with detail), `/metrics`, `/policy` and `/decisions` to GET and HEAD.
 * Rejects when the address cannot be listened on.
 */
export async function startAdminServer(deps: AdminDeps): Promise<AdminServer> {
  const { token = null, tls = null } = deps
  const { host = '127.0.0.1', port } = deps.listen
  const [routes, refuse] = [createRoutes(deps), createRefuse(token, host)]
  const respond = (request: IncomingMessage, response: ServerResponse) => {
    void handle(routes, refuse, request, response)
  }
  const server = tls === null ? createServer(LIMITS, respond) : secured(tls, respond)
  const closeAll = boundConnections(server, MAX_CONNECTIONS)
  await listen(server, host, port)
  return { address: addressOf(server, host), stop: () => stop(server, closeAll) }
}

function secured(tls: NonNullable<AdminDeps['tls']>, respond: RequestListener): Server {
  try {
    return createTlsServer({ ...LIMITS, handshakeTimeout: LIMITS.headersTimeout, ...tls }, respond)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    const message = `admin.tls: cannot use the certificate and its key: ${why}`
    throw new Error(message, { cause: error })
  }
}

/** What is answered in place of a page, or of the news that there is none; null for who may ask. */
type Refuse = (headers: IncomingHttpHeaders) => (Answer & { readonly challenge?: string }) | null

/** Without a token, whoever asks is let in, but for web pages of others. */
function createRefuse(token: string | null, host: string): Refuse {
  if (token === null) {
    const isOurs = createHostGuard(host)
    return (headers) => (isOurs(headers.host) ? null : MISDIRECTED)
  }
  const guard = createGuard(token)
  return ({ authorization }) => (guard(authorization) ? null : UNAUTHORIZED)
}

const UNAUTHORIZED = {
  ...text(401, 'this page needs the token of admin.token'),
  challenge: 'Bearer realm="stepgate-admin"',
}

const MISDIRECTED = text(
  421,
  'without admin.token this page is shown only to those who ask by address, such as 127.0.0.1, or by a name without a dot, such as localhost',
)

/** Who is refused does not learn which pages there are. */
async function handle(
  routes: ReadonlyMap<string, Route>,
  refuse: Refuse,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const [path = '', query = ''] = request.url?.split('?', 2) ?? []
  const route = routes.get(path)
  const refusal = route?.open ? null : refuse(request.headers)
  if (refusal !== null) {
    if (refusal.challenge) response.setHeader('www-authenticate', refusal.challenge)
    return send(response, refusal)
  }
  if (route === undefined) return send(response, text(404, 'not found'))
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD')
    return send(response, text(405, 'method not allowed'))
  }
  send(response, await answer(route, query))
}

/** What a route throws stays inside: the reader gets no detail of ours. */
async function answer(route: Route, query: string): Promise<Answer> {
  try {
    return await route.answer(new URLSearchParams(query))
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

function stop(server: Server, closeAll: () => void): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(closeAll, LINGER)
    server.close(() => {
      clearTimeout(timer)
      resolve()
    })
    server.closeIdleConnections()
  })
}
