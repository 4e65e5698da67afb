import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

/** A way to a local port on which answers take longer. */
export type SlowProxy = {
  readonly port: number
  /** Milliseconds that answers are held back from now on. */
  readonly delay: (milliseconds: number) => void
  readonly close: () => Promise<void>
}

/** Starts a proxy to a port on loopback, without delay at first. */
export async function startSlowProxy(target: number): Promise<SlowProxy> {
  let milliseconds = 0
  const open = new Set<Socket>()
  const server = createServer((client) => {
    const upstream = connect(target, '127.0.0.1')
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      open.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => {
        open.delete(socket)
        other.destroy()
      })
    }
    client.on('data', (chunk) => upstream.write(chunk))
    upstream.on('data', (chunk) => {
      setTimeout(() => client.write(chunk), milliseconds)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    delay: (next) => {
      milliseconds = next
    },
    close: async () => {
      for (const socket of open) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
