import { parentPort, workerData } from 'node:worker_threads'
import type { LocationOrder, LocationReport } from './location-file.ts'
import { readLocation } from './read-location.ts'

/** Reads the file that it is started with, and hands it over or says what is wrong with it. */
function work({ file, maxBytes }: LocationOrder): void {
  try {
    const location = readLocation(file, maxBytes)
    post({ location }, [location.bytes])
  } catch (error) {
    post({ problem: error instanceof Error ? error.message : String(error) })
  }
}

function post(report: LocationReport, moved: readonly ArrayBuffer[] = []): void {
  parentPort?.postMessage(report, moved)
}

work(workerData as LocationOrder)
