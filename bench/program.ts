import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, open, readFile, rm, truncate } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

/** A server under test. */
export type Program = {
  readonly pid: number
  /** Where it takes gRPC, `host:port`. */
  readonly address: string
  /** Throws away what it has logged so far. */
  readonly emptyLog: () => Promise<void>
  readonly stop: () => Promise<void>
}

const START_LIMIT = 10_000
const PATIENCE = 5_000
const POLL = 20

/**
 * Starts a program that logs `{"event":"ready","grpc":"host:port"}` to standard output once it answers. The output goes
 * to a file: a pipe would have to be read here, on the core of the load.
 */
export async function startProgram(
  [command = '', ...args]: readonly string[],
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<Program> {
  await using started = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'stepgate-bench-'))
  started.defer(() => rm(folder, { recursive: true, force: true }))
  const log = join(folder, 'log')
  await using output = await open(log, 'a')
  const child = spawn(command, args, {
    stdio: ['ignore', output.fd, output.fd],
    env,
    detached: true,
  })
  await once(child, 'spawn', { signal })
  started.defer(() => end(child))
  const address = await untilReady(child, log, signal)
  const cleanup = started.move()
  const emptyLog = () => truncate(log)
  return { pid: child.pid ?? 0, address, emptyLog, stop: () => cleanup.disposeAsync() }
}

async function untilReady(child: ChildProcess, log: string, signal: AbortSignal): Promise<string> {
  const deadline = Date.now() + START_LIMIT
  while (Date.now() < deadline && child.exitCode === null) {
    const ready = (await readFile(log, 'utf8')).split('\n').find((line) => READY.test(line))
    if (ready !== undefined) return JSON.parse(ready).grpc
    await wait(POLL, undefined, { signal })
  }
  throw new Error(`a server did not become ready; it said:\n${await readFile(log, 'utf8')}`)
}

const READY = /^\{.*"event":"ready".*\}$/

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE)
  await ended
  clearTimeout(timer)
}
