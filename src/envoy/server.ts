import {
  Server,
  ServerCredentials,
  type ServerOptions,
  type ServerUnaryCall,
  type sendUnaryData,
} from '@grpc/grpc-js'
import { HealthImplementation } from 'grpc-health-check'
import { type Check, lastResort } from './check.ts'
import { AUTHORIZATION, SERVICE } from './codec.ts'
import { clearStaleSocket, openToGroup, socketPath } from './unix-socket.ts'

/** Where to listen (`host:port` or `unix:/path`) and what answers; `log` gets one line for what is nobody's request. */
export type ServerSettings = {
  readonly listen: string
  readonly check: Check
  readonly log?: (message: string) => void
}

/** A listening server. */
export type RunningServer = {
  /** As in `listen`, with the port that was bound. */
  readonly address: string
  /** Sets what gRPC health says of the server and of the service; it starts as not serving. */
  readonly setServing: (serving: boolean) => void
  /** Health off, then calls in flight may finish for `graceMs`; what is open after that is cut. Never rejects. */
  readonly stop: (graceMs: number) => Promise<void>
}

/** Starts the gRPC server that Envoy asks; rejects with what to do when it cannot listen. */
export async function startServer(settings: ServerSettings): Promise<RunningServer> {
  const server = new Server(OPTIONS)
  const health = new HealthImplementation({ '': 'NOT_SERVING', [SERVICE]: 'NOT_SERVING' })
  health.addToServer(server)
  server.addService(AUTHORIZATION, { Check: handler(settings) })
  const setServing = (serving: boolean) => {
    for (const name of ['', SERVICE]) health.setStatus(name, serving ? 'SERVING' : 'NOT_SERVING')
  }
  const address = await listen(server, settings.listen)
  let stopped: Promise<void> | undefined
  const stop = (graceMs: number) => {
    setServing(false)
    stopped ??= shutDown(server, address, graceMs)
    return stopped
  }
  return { address, setServing, stop }
}

function handler({ check, log }: ServerSettings) {
  return (call: ServerUnaryCall<Buffer, Buffer>, reply: sendUnaryData<Uint8Array>): void => {
    const carrier = (name: string) => call.metadata.get(name)[0]?.toString()
    check(call.request, carrier).then(
      (bytes) => reply(null, bytes),
      // A gRPC error would reach the upstream where Envoy is told to let failures pass.
      (error: unknown) => {
        log?.(`check failed outside of any decision, refused: ${error}`)
        reply(null, lastResort('evaluation-failed'))
      },
    )
  }
}

async function listen(server: Server, address: string): Promise<string> {
  const path = socketPath(address)
  try {
    if (path !== undefined) await clearStaleSocket(path)
    const port = await bind(server, address)
    if (path === undefined) return address.replace(/:\d+$/, `:${port}`)
    openToGroup(path)
    return address
  } catch (error) {
    server.forceShutdown()
    const reason = error instanceof Error ? error.message : String(error)
    throw new Error(`cannot listen on ${address} (listen.grpc): ${reason}`, { cause: error })
  }
}

function bind(server: Server, address: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(address, ServerCredentials.createInsecure(), (error, port) =>
      error === null ? resolve(port) : reject(error),
    )
  })
}

/**
 * An open Health/Watch never ends by itself, and without channelz `forceShutdown` cuts no connection: `drain` does, and
 * only when it comes first.
 */
function shutDown(server: Server, address: string, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    server.drain(address, graceMs)
    const timer = setTimeout(() => {
      server.forceShutdown()
      resolve()
    }, graceMs)
    server.tryShutdown(() => {
      clearTimeout(timer)
      resolve()
    })
  })
}

const MINUTE = 60_000
const MEBIBYTE = 1024 * 1024

/** `max_session_memory` is in mebibytes; grpc-js turns Node's own limit off otherwise. */
const OPTIONS: ServerOptions = {
  'grpc.enable_channelz': 0,
  'grpc.max_concurrent_streams': 1000,
  // A larger message would be a gRPC error, so this is far above what Envoy buffers.
  'grpc.max_receive_message_length': 4 * MEBIBYTE,
  'grpc.max_connection_age_ms': 30 * MINUTE,
  'grpc.max_connection_age_grace_ms': MINUTE / 2,
  'grpc.max_connection_idle_ms': 5 * MINUTE,
  'grpc.keepalive_time_ms': MINUTE,
  'grpc.keepalive_timeout_ms': MINUTE / 3,
  'grpc-node.max_session_memory': 64,
}
