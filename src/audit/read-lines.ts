import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { LONGEST_LINE } from './line.ts'

/** Gets each line of a file, without its line feed; `isEnded`: it has one. The bytes are valid during the call only. */
export type OnLine = (line: Buffer, isEnded: boolean) => void

const LINE_FEED = 0x0a
const CHUNK = 1024 * 1024
const NOTHING = Buffer.alloc(0)

/**
 * Reads a file line by line, one that `gzip` made too; stops early when `signal` says so. A line that is longer than any
 * of a record is given in parts. Rejects when the file cannot be read.
 */
export async function readLines(
  path: string,
  onLine: OnLine,
  onBytes: (count: number) => boolean,
): Promise<void> {
  const { stream, source } = await openStream(path)
  let rest: Buffer = NOTHING
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      rest = eachLine(rest.length === 0 ? chunk : Buffer.concat([rest, chunk]), onLine)
      if (!onBytes(chunk.length)) return
    }
    if (rest.length > 0) onLine(rest, false)
  } finally {
    stream.destroy()
    source.destroy()
  }
}

/** What stands behind the last line feed. */
function eachLine(bytes: Buffer, onLine: OnLine): Buffer {
  let start = 0
  for (let end = bytes.indexOf(LINE_FEED); end >= 0; end = bytes.indexOf(LINE_FEED, start)) {
    onLine(bytes.subarray(start, end), true)
    start = end + 1
  }
  const rest = bytes.subarray(start)
  if (rest.length <= LONGEST_LINE) return rest
  onLine(rest, true)
  return NOTHING
}

async function openStream(path: string): Promise<{ stream: Readable; source: Readable }> {
  const isPacked = await startsLikeGzip(path)
  const source = createReadStream(path, { highWaterMark: CHUNK })
  if (!isPacked) return { stream: source, source }
  const stream = createGunzip({ chunkSize: CHUNK })
  source.on('error', (error) => stream.destroy(error))
  return { stream: source.pipe(stream), source }
}

/** RFC 1952 §2.3.1. */
async function startsLikeGzip(path: string): Promise<boolean> {
  const handle = await open(path)
  try {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(2), 0, 2, 0)
    return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b
  } finally {
    await handle.close()
  }
}
