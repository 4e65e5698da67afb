import { createWriteStream, fstatSync } from 'node:fs'
import { Socket } from 'node:net'
import type { Writable } from 'node:stream'

/** Where log lines go: never holding up a decision, whatever the reader does. */
export type LogOutput = {
  readonly write: (line: string) => void
  /** Resolves when what has been written so far is out, or cannot be. */
  readonly flush: () => Promise<void>
}

/** Bytes that may wait for a reader; lines past them are lost, and counted. */
const MAX_WAITING = 8 * 1024 * 1024

/** Milliseconds that a group is gathered: nobody waits that long for a line, and a write costs as much as a hundred of them. */
const GATHERING = 100

/**
 * Opens a file descriptor for lines. They leave in groups, since a write costs more than a line does to make. A reader
 * that stalls, one that has gone and a full disk cost lines, told to `onLost`, and nothing else; on a disk that has room
 * again writing goes on. A kill without warning loses what waits.
 */
export function openLogOutput(fd: number, onLost: () => void): LogOutput {
  const { open, mayReopen } = opener(fd)
  const reopen = () => open().on('error', onLost)
  let stream = reopen()
  let waiting = ''
  const send = () => {
    if (waiting !== '' && !isOver(stream)) stream.write(waiting)
    waiting = ''
  }
  return {
    write: (line) => {
      if (isOver(stream) && mayReopen) stream = reopen()
      if (isOver(stream) || stream.writableLength + waiting.length > MAX_WAITING) return onLost()
      if (waiting === '') setTimeout(send, GATHERING)
      waiting += line
    },
    flush: () =>
      new Promise((resolve) => {
        send()
        if (isOver(stream)) return resolve()
        // A stream that fails forgets the callbacks of what waits.
        stream.once('error', () => resolve())
        stream.write('', () => resolve())
      }),
  }
}

/** Opens a file descriptor as it is: whoever writes to it sees to what cannot be written. */
export function openDescriptor(fd: number): Writable {
  return opener(fd).open()
}

/** After a failure a stream takes nothing more, whether it has closed its descriptor or not. */
function isOver(stream: Writable): boolean {
  return stream.destroyed || stream.errored !== null
}

/** A pipe is written without a thread: one that is blocked in a write would keep the process from ending. */
function opener(fd: number): { readonly open: () => Writable; readonly mayReopen: boolean } {
  const kind = fstatSync(fd)
  if (kind.isFIFO() || kind.isSocket()) {
    return { open: () => new Socket({ fd, readable: false, writable: true }), mayReopen: false }
  }
  return { open: () => createWriteStream('', { fd, autoClose: false }), mayReopen: true }
}
