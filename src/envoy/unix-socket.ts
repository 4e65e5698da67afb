import { chmodSync, lstatSync, unlinkSync } from 'node:fs'
import { connect } from 'node:net'

const PREFIX = 'unix:'

/** Owner and group may connect, as the service and Envoy share a group. */
const MODE = 0o660

/** The path in `unix:/path`, or undefined for another kind of address. */
export function socketPath(listen: string): string | undefined {
  return listen.startsWith(PREFIX) ? listen.slice(PREFIX.length) : undefined
}

/**
 * Removes a socket file that nobody listens on any more, as a killed process leaves it; rejects when somebody does, or
 * when the path is something else than a socket.
 */
export async function clearStaleSocket(path: string): Promise<void> {
  const file = lstatSync(path, { throwIfNoEntry: false })
  if (file === undefined) return
  if (!file.isSocket()) throw new Error(`${path} exists and is not a socket: choose another path`)
  if (await isAnswered(path)) throw new Error(`another process is listening on ${path}: stop it`)
  unlinkSync(path)
}

/** Sets the mode; until then the socket's own default lets only the owner connect. */
export function openToGroup(path: string): void {
  chmodSync(path, MODE)
}

function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = connect(path)
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED' || error.code === 'ENOENT') resolve(false)
      else reject(error)
    })
  })
}
