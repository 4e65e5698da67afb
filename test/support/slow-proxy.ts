import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'

/** A way to a local port on which answers take longer. */
export type SlowProxy = {
  readonly port: number
  /** Milliseconds that answers are held back from now on. */
  readonly delay: (milliseconds: number) => void
  /** How often something was sent to the port. */
  readonly sent: () => number
  readonly close: () => Promise<void>
}

/** Starts a proxy to a port on loopback, without delay at first. */
export async function startSlowProxy(target: number): Promise<SlowProxy> {
  let milliseconds = 0
  let sent = 0
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
    client.on('data', (chunk) => {
      sent += 1
      upstream.write(chunk)
    })
    let before = Promise.resolve()
    upstream.on('data', (chunk) => {
      const held = wait(milliseconds)
      // Answers stay in their order, also when the next one is held back for less long.
      before = Promise.all([before, held]).then(() => void client.write(chunk))
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
    sent: () => sent,
    close: async () => {
      for (const socket of open) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
