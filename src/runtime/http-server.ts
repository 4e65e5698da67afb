import { createServer, type RequestListener, type Server, type ServerOptions } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { isIPv6 } from 'node:net'
import { boundConnections } from './bound-connections.ts'

/** What is served where, beside gRPC. */
export type HttpServerOptions = {
  /** What the operator knows it by: the beginning of what went wrong, and the settings of its certificate. */
  readonly name: string
  readonly tlsSetting: string
  /** Port 0 takes a free one. */
  readonly listen: { readonly host: string; readonly port: number }
  /** Certificate and private key in PEM; null: without TLS. */
  readonly tls: { readonly cert: string; readonly key: string } | null
  readonly respond: RequestListener
  /** Milliseconds for a whole request to arrive. */
  readonly patience?: number
}

/** A running server. */
export type HttpServer = {
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

/** Starts one for few and known callers. Rejects when the address cannot be listened on. */
export async function startHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const { listen, tls, respond, patience = 10_000 } = options
  const limits = limitsOf(patience)
  const server = tls === null ? createServer(limits, respond) : secured(options, limits, tls)
  const closeAll = boundConnections(server, MAX_CONNECTIONS)
  await begin(server, options)
  return { address: addressOf(server, listen.host), stop: () => stop(server, closeAll) }
}

function secured(
  { tlsSetting, respond }: HttpServerOptions,
  limits: ServerOptions,
  tls: NonNullable<HttpServerOptions['tls']>,
): Server {
  try {
    return createTlsServer({ ...limits, ...tls, handshakeTimeout: LONGEST_HEAD }, respond)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    const message = `${tlsSetting}: cannot use the certificate and its key: ${why}`
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

function begin(server: Server, { name, listen: { host, port } }: HttpServerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    const refuse = (error: Error) => {
      const message = `${name}: cannot listen on ${host}:${port}: ${error.message}`
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
