import type { FileHandle } from 'node:fs/promises'
import type { ChainEnd, CheckpointCause } from './chain.ts'
import { chainNamedIn, type LineReading, LONGEST_LINE, readLine } from './line.ts'

/** What stands in a file that is to be continued. */
export type Tail =
  | { readonly kind: 'empty' }
  /** One line of ours that was never finished, and nothing else. */
  | { readonly kind: 'torn'; readonly torn: number }
  | {
      readonly kind: 'chain'
      readonly end: ChainEnd
      /** Bytes up to the end of the last whole line, and the bytes of a torn one behind it. */
      readonly whole: number
      readonly torn: number
      /** The last line is whole but for its line feed. */
      readonly unended: boolean
      /** The chain was ended in order. */
      readonly closed: boolean
      /** The last line was written to be followed by another file. */
      readonly followed: boolean
      /** Milliseconds since the epoch: when the last line was written. */
      readonly at: number
    }
  /** It begins as a record does, and its last line is none. */
  | { readonly kind: 'damaged' }
  /** It does not begin as a record does: somebody else's file. */
  | { readonly kind: 'foreign' }

/** The last line of a file, what stands behind it, and where it ends. */
type LastLine = { readonly line: Buffer; readonly rest: Buffer; readonly end: number }

const LINE_FEED = 0x0a
const FIRST_STEP = 64 * 1024
const BEGIN = Buffer.from('{"v":1,"event":"file","ts":"')

/** Reads how a file of this many bytes begins and ends. */
export async function readTail(handle: FileHandle, size: number): Promise<Tail> {
  if (size === 0) return { kind: 'empty' }
  const first = await readFirst(handle, size)
  if (first.kind !== 'begun') return first
  const last = await readLast(handle, size)
  if (last === null) return { kind: 'damaged' }
  const unended = readLine(last.rest)
  if (unended?.intact) return chainTail(first.chain, unended, size, 0, true, last.rest)
  const reading = readLine(last.line)
  if (!reading?.intact) return { kind: 'damaged' }
  return chainTail(first.chain, reading, last.end, last.rest.length, false, last.line)
}

function chainTail(
  chain: string,
  { event, seq, hash, ts }: LineReading,
  whole: number,
  torn: number,
  unended: boolean,
  line: Buffer,
): Tail {
  const ends = (cause: CheckpointCause) =>
    event === 'checkpoint' && line.includes(`,"cause":"${cause}",`)
  return {
    kind: 'chain',
    end: { chain, seq, hash },
    whole,
    torn,
    unended,
    closed: ends('stop'),
    followed: ends('rotated'),
    at: Date.parse(ts),
  }
}

/** Whose chain it is, by the first line. */
async function readFirst(
  handle: FileHandle,
  size: number,
): Promise<
  { kind: 'begun'; chain: string } | { kind: 'torn'; torn: number } | { kind: 'foreign' }
> {
  const bytes = await readAt(handle, 0, Math.min(size, FIRST_STEP))
  const end = bytes.indexOf(LINE_FEED)
  const line = end < 0 ? bytes : bytes.subarray(0, end)
  const reading = readLine(line)
  const chain = chainNamedIn(line)
  if (reading?.intact && reading.event === 'file' && chain !== null) return { kind: 'begun', chain }
  const known = Math.min(line.length, BEGIN.length)
  const isOurs =
    end < 0 && size < FIRST_STEP && line.subarray(0, known).equals(BEGIN.subarray(0, known))
  return isOurs ? { kind: 'torn', torn: size } : { kind: 'foreign' }
}

/** Null when the last lines are longer than any line may be. */
async function readLast(handle: FileHandle, size: number): Promise<LastLine | null> {
  for (let step = FIRST_STEP; step <= 2 * LONGEST_LINE; step *= 2) {
    const start = Math.max(0, size - step)
    const bytes = await readAt(handle, start, size - start)
    const end = bytes.lastIndexOf(LINE_FEED)
    const before = end > 0 ? bytes.lastIndexOf(LINE_FEED, end - 1) : -1
    if (end >= 0 && (before >= 0 || start === 0))
      return {
        line: bytes.subarray(before + 1, end),
        rest: bytes.subarray(end + 1),
        end: start + end + 1,
      }
    if (start === 0) return { line: bytes.subarray(0, 0), rest: bytes, end: 0 }
  }
  return null
}

async function readAt(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length)
  let filled = 0
  while (filled < length) {
    const { bytesRead } = await handle.read(bytes, filled, length - filled, position + filled)
    if (bytesRead === 0) break
    filled += bytesRead
  }
  return bytes.subarray(0, filled)
}
