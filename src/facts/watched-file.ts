import { stat } from 'node:fs/promises'

/** What is called when a file is there to be read, and how often it is looked at (milliseconds). */
export type WatchedFileOptions = {
  /**
   * Reads the file, and gives what tells of it; told to give up when the watch ends. What was read while the file was being
   * written is not told of, but read again.
   */
  readonly read: (stopping: AbortSignal) => Promise<() => void>
  readonly interval: number
}

/**
 * Reads a file at once, and again whenever it has changed and then stayed as it is from one look to the next: renamed
 * over, swapped by a symbolic link or written in place. The first reading is awaited. `stop` resolves when nothing of it
 * is left; nothing is told any more from the call on.
 */
export async function watchFile(
  file: string,
  { read, interval }: WatchedFileOptions,
): Promise<{ readonly stop: () => Promise<void> }> {
  const stopping = new AbortController()
  const look = createLook(file, read, stopping.signal)
  let timer: NodeJS.Timeout | null = null
  let looking = look(true)
  const again = () => {
    if (stopping.signal.aborted) return
    timer = setTimeout(() => {
      // A listener that throws has been told; the watch must outlive it.
      looking = look(false).catch(() => {})
      void looking.then(again)
    }, interval).unref()
  }
  await looking
  again()
  return {
    stop: async () => {
      stopping.abort()
      if (timer) clearTimeout(timer)
      await looking
    },
  }
}

/** Creates the function that looks once; `atOnce` does not wait until the file stays as it is. */
function createLook(file: string, read: WatchedFileOptions['read'], stopping: AbortSignal) {
  let seen = ''
  let tried = ''
  return async (atOnce: boolean): Promise<void> => {
    const stamp = await stampOf(file)
    const isSettled = stamp === seen
    seen = stamp
    if (stopping.aborted || stamp === tried || !(isSettled || atOnce)) return
    const tell = await read(stopping)
    if (stopping.aborted) return
    seen = await stampOf(file)
    // What was read while it was being written is neither the old file nor the new one.
    if (seen !== stamp) return
    tried = stamp
    tell()
  }
}

/** Differs whenever the file was replaced or written; the error when it cannot be looked at. */
async function stampOf(file: string): Promise<string> {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = await stat(file, { bigint: true })
    return [dev, ino, size, mtimeNs, ctimeNs].join(' ')
  } catch (error) {
    return String(error)
  }
}
