import { createClient, createCluster } from '@redis/client'
import type { Send } from './redis-script.ts'
import { within } from './within.ts'

/** Where Redis is, and who we are to it. */
export type RedisAddress = {
  /** `redis://` or, with TLS, `rediss://[user[:password]@]host[:port][/database]`; `unix:` and a path for a socket. */
  readonly url: string
  /** The user of an access control list; absent for the default user. */
  readonly username?: string | undefined
  readonly password?: string | undefined
  /** Certificates of the authorities that are trusted instead of the usual ones, in PEM. */
  readonly ca?: string | undefined
  /** True for a Redis cluster: the nodes are found through the one of the URL. */
  readonly isCluster?: boolean | undefined
}

/** An open connection, or one to each node of a cluster. */
export type RedisConnection = {
  readonly send: Send
  /** Closes it at once; what is waited for rejects. */
  readonly close: () => void
}

/** Commands that may wait for an answer: past it they are refused at once. */
const MOST_WAITING = 5_000

/** Milliseconds between two attempts to reach a node of a cluster again. */
const AGAIN = 250

/**
 * Connects once, and says when the connection has ended; a cluster's nodes are reached again by themselves. Nothing
 * waits for a connection that is not there. Rejects when it cannot be made within `patience` milliseconds.
 */
export async function connectRedis(
  address: RedisAddress,
  patience: number,
  onEnd: (error: Error) => void,
): Promise<RedisConnection> {
  const opening =
    address.isCluster === true ? openCluster(address, patience) : openServer(address, patience)
  try {
    await within(opening.opened, patience)
    opening.watch(onEnd)
    return opening.connection
  } catch (error) {
    opening.connection.close()
    // Closing it while it is being made does not keep it from being made.
    opening.opened.then(opening.connection.close, () => {})
    throw error
  }
}

type Opening = {
  readonly opened: Promise<unknown>
  readonly connection: RedisConnection
  readonly watch: (onEnd: (error: Error) => void) => void
}

function openServer(address: RedisAddress, patience: number): Opening {
  const client = createClient({ url: address.url, ...clientOptions(address, patience, false) })
  // What goes wrong before it is open rejects the opening.
  client.on('error', () => {})
  return {
    watch: (onEnd) => void client.on('error', onEnd),
    opened: client.connect(),
    connection: {
      send: (_key, args) => client.sendCommand([...args]),
      close: () => client.destroy(),
    },
  }
}

function openCluster(address: RedisAddress, patience: number): Opening {
  const cluster = createCluster({
    rootNodes: [{ url: address.url }],
    defaults: clientOptions(address, patience, AGAIN),
  })
  // A node that is gone shows in the answers that are missing.
  cluster.on('error', () => {})
  return {
    watch: () => {},
    opened: cluster.connect(),
    connection: {
      send: (key, args) => cluster.sendCommand(key, false, [...args]),
      close: () => cluster.destroy(),
    },
  }
}

function clientOptions(
  { url, username, password, ca }: RedisAddress,
  patience: number,
  reconnectStrategy: number | false,
) {
  const isEncrypted = url.startsWith('rediss:')
  const socket = { connectTimeout: patience, reconnectStrategy }
  return {
    socket: isEncrypted && ca !== undefined ? { ...socket, tls: true as const, ca } : socket,
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    disableOfflineQueue: true,
    disableClientInfo: true,
    commandsQueueMaxLength: MOST_WAITING,
    maintNotifications: 'disabled' as const,
  }
}
