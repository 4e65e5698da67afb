import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { type LocationOptions, openLocation } from '../../src/facts/location.ts'
import { type MmdbContent, networkBits, writeMmdb } from '../support/mmdb.ts'
import { recordOf, type SamplePlace } from '../support/sample-location.ts'

/** The clock of the tests: the sample is a month old. */
export const NOW = Date.UTC(2026, 11, 1)

/** A folder that is gone after the test. */
export function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'stepgate-location-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** A location file of these places. */
export function fileOf(places: readonly SamplePlace[], how: Partial<MmdbContent> = {}): Buffer {
  const ipVersion = how.ipVersion ?? 6
  return writeMmdb({
    networks: places.map(({ prefix }, record) => ({
      bits: networkBits(prefix, ipVersion),
      record,
    })),
    records: places.map(recordOf),
    ipVersion,
    recordSize: 24,
    databaseType: 'Test',
    buildEpoch: NOW / 1000,
    ...how,
  })
}

/** Files whose reports the test awaits one by one; one too many fails it. */
export async function openFiles(
  t: TestContext,
  files: readonly string[],
  options: Partial<LocationOptions> = {},
) {
  const reports: string[] = []
  let arrived = () => {}
  const put = (report: string) => {
    reports.push(report)
    arrived()
  }
  const location = await openLocation({
    files,
    maxAge: null,
    now: () => NOW,
    interval: 15,
    onLoaded: ({ fields }) => put(`loaded ${fields.join(' ')}`),
    onFailed: ({ problem }) => put(problem),
    ...options,
  })
  t.after(async () => {
    await location.stop()
    assert.deepEqual(reports, [], 'nothing is reported that the test does not expect')
  })
  const next = async (): Promise<string> => {
    while (reports.length === 0) {
      await new Promise<void>((resolve) => {
        arrived = resolve
      })
    }
    return reports.shift() ?? assert.fail()
  }
  return { location, next, countryOf: (ip: string) => location.find(ip).country }
}
