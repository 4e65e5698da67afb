import { Worker } from 'node:worker_threads'
import { type CheckedLocation, type LocationReader, openReader } from './read-location.ts'
import { watchFile } from './watched-file.ts'

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

/** Reads a location file, and again whenever it has changed. The first reading is awaited. */
export function watchLocationFile(
  file: string,
  options: LocationFileOptions,
): Promise<LocationFile> {
  const order = { file, maxBytes: options.maxBytes }
  const read = async (stopping: AbortSignal) => {
    const report = await readInWorker(order, options, stopping)
    return () => tell(report, options)
  }
  return watchFile(file, { read, interval: options.interval })
}

function tell(report: LocationReport, { onLoaded, onFailed }: LocationFileOptions): void {
  if ('problem' in report) {
    onFailed(report.problem)
    return
  }
  const { bytes, ...location } = report.location
  onLoaded({ ...location, reader: openReader(report.location) }, bytes.byteLength)
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
