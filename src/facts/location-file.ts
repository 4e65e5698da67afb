import { stat } from 'node:fs/promises'
import { Worker } from 'node:worker_threads'
import { type CheckedLocation, type LocationReader, openReader } from './read-location.ts'

/** What the worker is started with. */
export type LocationOrder = { readonly file: string; readonly maxBytes: number }

/** What the worker tells, once. */
export type LocationReport = { readonly location: CheckedLocation } | { readonly problem: string }

/** A file as it is served from memory. */
export type OpenLocation = Omit<CheckedLocation, 'bytes'> & { readonly reader: LocationReader }

/** How a file is kept up to date, and who is told. */
export type LocationFileOptions = {
  readonly maxBytes: number
  /** Milliseconds between two looks at the file. */
  readonly interval: number
  /** Milliseconds after which a file that is still being read counts as broken. */
  readonly patience: number
  readonly onLoaded: (open: OpenLocation, bytes: number) => void
  /** Once for each state of the file; the last good one is served on. */
  readonly onFailed: (problem: string) => void
}

/** A file that is looked at again and again. */
export type LocationFile = {
  /** Resolves when nothing of it is left; reports nothing any more from the call on. */
  readonly stop: () => Promise<void>
}

/**
 * Reads a location file, and again whenever it has changed and then stayed as it is from one look to the next: renamed
 * over, swapped by a symbolic link or written in place. The first reading is awaited and does not wait for that.
 */
export async function watchLocationFile(
  file: string,
  options: LocationFileOptions,
): Promise<LocationFile> {
  const stopping = new AbortController()
  const look = createLook(file, options, stopping.signal)
  let timer: NodeJS.Timeout | null = null
  let looking = look(true)
  const again = () => {
    if (stopping.signal.aborted) return
    timer = setTimeout(() => {
      // A listener that throws has been told; the watch must outlive it.
      looking = look(false).catch(() => {})
      void looking.then(again)
    }, options.interval).unref()
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

/** Creates the function that looks once; `atOnce` does not wait until the file stays as it is. Never rejects. */
function createLook(file: string, options: LocationFileOptions, stopping: AbortSignal) {
  let seen = ''
  let tried = ''
  return async (atOnce: boolean): Promise<void> => {
    const stamp = await stampOf(file)
    const isSettled = stamp === seen
    seen = stamp
    if (stopping.aborted || stamp === tried || !(isSettled || atOnce)) return
    const report = await readInWorker({ file, maxBytes: options.maxBytes }, options, stopping)
    if (stopping.aborted) return
    seen = await stampOf(file)
    // What was read while it was being written is neither the old file nor the new one.
    if (seen !== stamp) return
    tried = stamp
    tell(report, options)
  }
}

function tell(report: LocationReport, { onLoaded, onFailed }: LocationFileOptions): void {
  if ('problem' in report) {
    onFailed(report.problem)
    return
  }
  const { bytes, ...location } = report.location
  onLoaded({ ...location, reader: openReader(report.location) }, bytes.byteLength)
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

/** Runs the worker to its end, or to the end of our patience. Never rejects. */
function readInWorker(
  workerData: LocationOrder,
  { patience }: LocationFileOptions,
  stopping: AbortSignal,
): Promise<LocationReport> {
  const { promise, resolve } = Promise.withResolvers<LocationReport>()
  const worker = new Worker(workerFile(), { workerData })
  worker.unref()
  const end = () => resolve({ problem: 'reading it was stopped' })
  const timer = setTimeout(() => {
    resolve({ problem: `it could not be read within ${patience} ms` })
  }, patience).unref()
  stopping.addEventListener('abort', end)
  worker.once('message', (report: LocationReport) => resolve(report))
  worker.once('error', (error) => resolve({ problem: String(error) }))
  worker.once('exit', end)
  return promise.finally(async () => {
    clearTimeout(timer)
    stopping.removeEventListener('abort', end)
    await worker.terminate()
  })
}

/** The extension is that of this file: `.ts` in the repository, `.js` once it is built. */
function workerFile(): URL {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  return new URL(`./location-worker.${extension}`, import.meta.url)
}
