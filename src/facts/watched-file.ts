import { stat } from 'node:fs/promises'

/** What is called when a file is there to be read, and how often it is looked at (milliseconds). */
export type WatchedFileOptions = {
  /** Told to give up when the watch ends. */
  readonly read: (stopping: AbortSignal) => Promise<void>
  readonly interval: number
}

/**
 * Calls `read` at once, and again whenever the file has changed and then stayed as it is from one look to the next:
 * renamed over, swapped by a symbolic link or written in place. The first reading is awaited. `stop` resolves when
 * nothing of it is left.
 */
export async function watchFile(
  file: string,
  { read, interval }: WatchedFileOptions,
): Promise<{ readonly stop: () => Promise<void> }> {
  const stopping = new AbortController()
  let tried = await stampOf(file)
  let seen = tried
  let timer: NodeJS.Timeout | null = null
  let looking = read(stopping.signal)
  const look = async () => {
    const stamp = await stampOf(file)
    const isSettled = stamp === seen
    seen = stamp
    if (stopping.signal.aborted || stamp === tried || !isSettled) return
    tried = stamp
    await read(stopping.signal)
  }
  const again = () => {
    if (stopping.signal.aborted) return
    timer = setTimeout(() => {
      // A listener that throws has been told; the watch must outlive it.
      looking = look().catch(() => {})
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

/** Differs whenever the file was replaced or written; the error when it cannot be looked at. */
async function stampOf(file: string): Promise<string> {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = await stat(file, { bigint: true })
    return [dev, ino, size, mtimeNs, ctimeNs].join(' ')
  } catch (error) {
    return String(error)
  }
}
