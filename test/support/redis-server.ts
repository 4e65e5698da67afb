import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { createClient } from '@redis/client'
import { type Child, startChild } from '../../demo/child.ts'
import type { RedisBinary } from './redis-binary.ts'

/** A Redis server of a test's own, on loopback, that keeps nothing on disk. */
export type RedisServer = {
  readonly port: number
  readonly url: string
  /** Sends it a command on a connection of its own; resolves with the reply as text. */
  readonly command: (...args: string[]) => Promise<string>
  readonly freeze: () => void
  readonly thaw: () => void
  /** Ends it at once, as a crash would. */
  readonly kill: () => Promise<void>
}

/** What to start it with besides what every test needs. */
export type RedisServerOptions = {
  readonly args?: readonly string[]
  /** For a restart in the same place. */
  readonly port?: number
  /** True for a cluster of one node, which has all slots. */
  readonly isCluster?: boolean
}

/** Starts a server and waits until it accepts connections. */
export async function startRedis(
  { command, env }: RedisBinary,
  options: RedisServerOptions = {},
): Promise<RedisServer> {
  const { args = [], port: given, isCluster = false } = options
  const port = given ?? (await freePort())
  const folder = await mkdtemp(join(tmpdir(), 'stepgate-redis-'))
  const ready = Promise.withResolvers<void>()
  const child = await startChild({
    command,
    args: [
      ...COMMON,
      '--dir',
      folder,
      '--port',
      String(port),
      ...(isCluster ? CLUSTER : []),
      ...args,
    ],
    // Lua compares names as JavaScript does.
    env: { ...env, LC_ALL: 'C' },
    onLine: (line) => {
      if (line.includes('Ready to accept connections')) ready.resolve()
    },
  })
  await Promise.race([ready.promise, child.ended.then((end) => failed(child, end))])
  const url = `redis://127.0.0.1:${port}`
  if (isCluster) await becomeCluster(url)
  return {
    port,
    url,
    command: (...words) => ask(url, words),
    freeze: () => process.kill(child.pid, 'SIGSTOP'),
    thaw: () => process.kill(child.pid, 'SIGCONT'),
    kill: async () => {
      kill(child.pid)
      await child.ended
      await rm(folder, { recursive: true, force: true })
    },
  }
}

const COMMON = ['--save', '', '--appendonly', 'no', '--bind', '127.0.0.1']

const CLUSTER = ['--cluster-enabled', 'yes', '--cluster-port', '0']

async function becomeCluster(url: string): Promise<void> {
  await ask(url, ['CLUSTER', 'ADDSLOTSRANGE', '0', '16383'])
  while (!(await ask(url, ['CLUSTER', 'INFO'])).includes('cluster_state:ok')) await wait(20)
}

/** One that has ended already is as good as killed. */
function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {}
}

function failed(child: Child, end: string): never {
  throw new Error(`redis-server ended with ${end}:\n${child.tail().join('\n')}`)
}

async function ask(url: string, words: readonly string[]): Promise<string> {
  const client = createClient({ url })
  client.on('error', () => {})
  await client.connect()
  try {
    return String(await client.sendCommand([...words]))
  } finally {
    client.destroy()
  }
}

/** A port that nobody listens on; Redis cannot say which one it would take itself. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}
