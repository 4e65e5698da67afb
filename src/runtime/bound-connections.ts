import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** A connection, and how many of its requests are being answered. */
type Connection = { readonly socket: Socket; asking: number }

/**
 * Holds a server at so many connections: where there would be one more, the one closes that has not asked for longest,
 * so that a probe finds room among any number of idle ones. One whose request is being answered goes last. The result
 * closes all of them, also those that have not come as far as a request.
 */
export function boundConnections(server: Server, most: number): () => void {
  // The idlest first. By the far end, since a TLS socket is another object than what it stands on.
  const open = new Map<string, Connection>()
  server.on('connection', (socket: Socket) => {
    if (open.size >= most) closeIdlest(open)
    const name = farEnd(socket)
    open.set(name, { socket, asking: 0 })
    socket.once('close', () => {
      if (open.get(name)?.socket === socket) open.delete(name)
    })
  })
  server.on('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
    const name = farEnd(socket)
    count(open, name, 1)
    response.once('close', () => count(open, name, -1))
  })
  return () => {
    for (const { socket } of open.values()) socket.destroy()
  }
}

function closeIdlest(open: Map<string, Connection>): void {
  const all = [...open]
  const [name, connection] = all.find(([, { asking }]) => asking === 0) ?? all[0] ?? []
  if (name === undefined) return
  open.delete(name)
  connection?.socket.destroy()
}

function count(open: Map<string, Connection>, name: string, step: 1 | -1): void {
  const connection = open.get(name)
  if (connection === undefined) return
  connection.asking += step
  open.delete(name)
  open.set(name, connection)
}

function farEnd({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`
}
