import { createServer, type RequestListener, type Server, type ServerOptions } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { isIPv6 } from 'node:net'
import { createPush, type PushDeps } from './push.ts'

/** Where transmitters post to. */
export type PushServerDeps = PushDeps & {
  /** Port 0 takes a free one. */
  readonly listen: { readonly host: string; readonly port: number }
  /** Certificate and private key in PEM; null: without TLS. */
  readonly tls: { readonly cert: string; readonly key: string } | null
  /** Milliseconds for a whole request to arrive. */
  readonly patience?: number
}

/** A running listener. */
export type PushServer = {
  /** `host:port`, with the port that was really taken. */
  readonly address: string
  /** Takes no new connection, closes the idle ones, and after a second those that linger. */
  readonly stop: () => Promise<void>
}

const MAX_CONNECTIONS = 64

/** Milliseconds until the headers of a request are there, and before that until TLS is. */
const LONGEST_HEAD = 5000

/** Milliseconds that a request in progress gets when the server stops. */
const LINGER = 1000

/** Listens for SETs by push. Rejects when the address cannot be listened on. */
export async function startPushServer(deps: PushServerDeps): Promise<PushServer> {
  const { listen, tls, patience = 10_000 } = deps
  const push = createPush(deps)
  const respond: RequestListener = (request, response) => void push(request, response)
  const limits = limitsOf(patience)
  const server = tls === null ? createServer(limits, respond) : secured(limits, tls, respond)
  server.maxConnections = MAX_CONNECTIONS
  await begin(server, listen)
  return { address: addressOf(server, listen.host), stop: () => stop(server) }
}

function secured(
  limits: ServerOptions,
  tls: NonNullable<PushServerDeps['tls']>,
  respond: RequestListener,
): Server {
  try {
    return createTlsServer({ ...limits, ...tls, handshakeTimeout: LONGEST_HEAD }, respond)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    const message = `shared_signals.tls: cannot use the certificate and its key: ${why}`
    throw new Error(message, { cause: error })
  }
}

/** Slow and oversized requests are cut off: Node answers 408 and 431. */
function limitsOf(patience: number): ServerOptions {
  return {
    maxHeaderSize: 8192,
    headersTimeout: Math.min(LONGEST_HEAD, patience),
    requestTimeout: patience,
    keepAliveTimeout: 5000,
    connectionsCheckingInterval: Math.min(1000, patience),
  }
}

function begin(server: Server, { host, port }: PushServerDeps['listen']): Promise<void> {
  return new Promise((resolve, reject) => {
    const refuse = (error: Error) => {
      const message = `shared signals: cannot listen on ${host}:${port}: ${error.message}`
      reject(new Error(message, { cause: error }))
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
