import { type KeySet, readOwnKeySet } from './key-set.ts'

/** Reads a regular file of at most `maxBytes`, or throws. */
export type ReadFile = (file: string, maxBytes: number) => Promise<Uint8Array>

const MAX_BYTES = 512 * 1024

/**
 * Reads a JWK Set from a file, all of it or nothing: what is cut off, empty or holds a key that cannot be used throws
 * an `Error` that names the file. A file system that does not answer is given up when `signal` aborts.
 */
export async function readKeyFile(
  readFile: ReadFile,
  file: string,
  signal: AbortSignal,
): Promise<KeySet> {
  const bytes = await Promise.race([read(readFile, file), givenUp(file, signal)])
  const body = parse(file, bytes)
  try {
    return await readOwnKeySet(body)
  } catch (error) {
    throw new Error(`${file}: ${messageOf(error)}`, { cause: error })
  }
}

async function read(readFile: ReadFile, file: string): Promise<Uint8Array> {
  try {
    return await readFile(file, MAX_BYTES)
  } catch (error) {
    throw new Error(`${file} cannot be read: ${messageOf(error)}`, { cause: error })
  }
}

function givenUp(file: string, signal: AbortSignal): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>()
  const giveUp = () => reject(new Error(`${file} cannot be read: ${messageOf(signal.reason)}`))
  if (signal.aborted) giveUp()
  else signal.addEventListener('abort', giveUp, { once: true })
  return promise
}

function parse(file: string, bytes: Uint8Array): unknown {
  if (bytes.length === 0) throw new Error(`${file} is empty`)
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    // The parser's own words would quote the file.
    throw new Error(`${file} is not JSON, or is not written to its end`)
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
