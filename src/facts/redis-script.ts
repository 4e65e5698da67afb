import { hash } from 'node:crypto'

/** A Lua script: one atomic step on keys of one slot, by the time it is given and never by the server's. */
export type RedisScript = { readonly text: string; readonly sha: string }

/** Sends one command to the server that has the slot of `key`. Rejects with what the server says against it. */
export type Send = (key: string, args: readonly string[]) => Promise<unknown>

/**
 * Makes a script of a body, which finds what it is asked in `ask` and the time in `now` (ms), and writes numbers with
 * `text` so that nothing of them is lost. The first line lets a server that is full, or a replica, refuse the script as
 * a whole.
 */
export function createScript(...bodies: readonly string[]): RedisScript {
  const text = [PRELUDE, ...bodies].join('\n')
  return { text, sha: hash('sha1', text) }
}

const PRELUDE = `#!lua
local ask = cjson.decode(ARGV[1])
local now = ask.now
local function text(number) return string.format('%.17g', number) end`

/** Runs a script by its SHA-1, and sends its text only to a server that does not have it. */
export async function runScript(
  send: Send,
  { text, sha }: RedisScript,
  keys: readonly [string, ...string[]],
  ask: Readonly<Record<string, unknown>>,
): Promise<unknown> {
  const rest = [String(keys.length), ...keys, JSON.stringify(ask)]
  try {
    return await send(keys[0], ['EVALSHA', sha, ...rest])
  } catch (error) {
    if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error
    return await send(keys[0], ['EVAL', text, ...rest])
  }
}
