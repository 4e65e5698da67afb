import { constants } from 'node:fs'
import { open } from 'node:fs/promises'

/** Without this, opening a pipe that nobody writes to would never return. */
const FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)

/** Reads a whole file; throws when it is no regular file, has more than `maxBytes`, or cannot be read. */
export async function readRegularFile(file: string, maxBytes: number): Promise<Uint8Array> {
  await using handle = await open(file, FLAGS)
  if (!(await handle.stat()).isFile()) throw new Error('it is not a file')
  const buffer = Buffer.alloc(maxBytes + 1)
  let size = 0
  let more = true
  while (more && size < buffer.length) {
    const { bytesRead } = await handle.read(buffer, size, buffer.length - size)
    more = bytesRead > 0
    size += bytesRead
  }
  if (size > maxBytes) throw new Error(`it has more than ${maxBytes} bytes`)
  return buffer.subarray(0, size)
}
