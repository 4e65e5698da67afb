import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

/** A program that was started here. */
export type Child = {
  readonly pid: number
  /** Resolves when it has ended, with how: `code 1` or `signal SIGKILL`. */
  readonly ended: Promise<string>
  /** The last lines it wrote, oldest first. */
  readonly tail: () => readonly string[]
  /** Asks it to end and makes it after three seconds; resolves when it has. */
  readonly stop: () => Promise<void>
}

/** What to run, and who listens to its lines. */
export type ChildOptions = {
  readonly command: string
  readonly args: readonly string[]
  readonly env?: Readonly<NodeJS.ProcessEnv>
  /** The folder to run in; this one when it is not given. */
  readonly cwd?: string
  readonly onLine?: (line: string) => void
}

const KEPT_LINES = 500
const PATIENCE = 3_000

/** Starts a program; rejects when it cannot be started at all. Its output is read, not shown. */
export async function startChild(options: ChildOptions): Promise<Child> {
  const child = spawn(options.command, options.args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own: Ctrl-C in the terminal must reach it through `stop`, after whoever depends on it.
    detached: true,
    ...(options.env === undefined ? {} : { env: options.env }),
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  })
  const ended = new Promise<string>((resolve) => {
    child.once('close', (code, signal) => resolve(signal ? `signal ${signal}` : `code ${code}`))
  })
  const lines = keepLines(child, options.onLine)
  const pid = await started(child)
  return { pid, ended, tail: () => lines, stop: () => stop(child, ended) }
}

function started(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('spawn', () => resolve(child.pid ?? 0))
  })
}

function keepLines(child: ChildProcess, onLine: ((line: string) => void) | undefined): string[] {
  const lines: string[] = []
  for (const stream of [child.stdout, child.stderr]) {
    if (stream === null) continue
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line)
      if (lines.length > KEPT_LINES) lines.shift()
      onLine?.(line)
    })
  }
  return lines
}

async function stop(child: ChildProcess, ended: Promise<string>): Promise<void> {
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE)
  await ended
  clearTimeout(timer)
}
