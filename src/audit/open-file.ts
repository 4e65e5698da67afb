import type { FileHandle } from 'node:fs/promises'

/** A file that lines are written to. */
export type OpenFile = {
  readonly handle: FileHandle
  readonly dev: number
  readonly ino: number
  /** Bytes that have been written, and how many of them are safe. */
  size: number
  safe: number
  /** Taken and not yet written. */
  waiting: Buffer
  /** Written and not yet safe, in order. */
  unsafe: Buffer[]
  /** A sync has failed: what is not safe must be written again. */
  isDoubtful: boolean
  /** It was moved, and has been told its last line. */
  isLeft: boolean
}

/** Takes lines of printable ASCII to be written. */
export function addLines(file: OpenFile, lines: readonly string[]): void {
  // Line by line is ten times as fast as joining them first.
  const length = lines.reduce((sum, line) => sum + line.length, file.waiting.length)
  const bytes = Buffer.allocUnsafe(length)
  let at = file.waiting.copy(bytes)
  for (const line of lines) at += bytes.write(line, at, 'latin1')
  file.waiting = bytes
}

/** Writes what was taken; what could not be written stays for the next time. */
export async function push(file: OpenFile): Promise<void> {
  while (file.waiting.length > 0) {
    const { bytesWritten } = await file.handle.write(file.waiting)
    file.unsafe.push(file.waiting.subarray(0, bytesWritten))
    file.waiting = file.waiting.subarray(bytesWritten)
    file.size += bytesWritten
  }
}

/** Makes what was written safe against the loss of power. */
export async function sync(file: OpenFile): Promise<void> {
  if (file.unsafe.length === 0) return
  file.isDoubtful = true
  await file.handle.datasync()
  Object.assign(file, { safe: file.size, unsafe: [], isDoubtful: false })
}

/**
 * After a failed sync nobody knows which pages are on the disk, and a second one may claim that all are: what was not
 * safe is cut off, to be written again.
 */
export async function takeBack(file: OpenFile): Promise<void> {
  if (!file.isDoubtful) return
  const { size } = await file.handle.stat()
  if (size < file.safe) throw new Error('the audit file has lost what was safe in it: move it away')
  await file.handle.truncate(file.safe)
  file.waiting = Buffer.concat([...file.unsafe, file.waiting])
  Object.assign(file, { size: file.safe, unsafe: [], isDoubtful: false })
}

/** Lines that were taken and do not stand in the file for certain. */
export function unwritten({ waiting, unsafe, isDoubtful }: OpenFile): number {
  return linesIn(isDoubtful ? [...unsafe, waiting] : [waiting])
}

/** How many lines end in these bytes. */
export function linesIn(parts: readonly Buffer[]): number {
  return Buffer.concat(parts).toString('latin1').split('\n').length - 1
}
