/*
 * `npx node --expose-gc bench/micro/location.ts` measures a made-up location file of a million networks, as large as the
 * city files that are sold: how long reading it takes, the longest pause of the event loop while it is replaced, what it
 * keeps in memory, and what one look-up costs. It takes half a minute.
 */
import { mkdtempSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { setTimeout as pause } from 'node:timers/promises'
import { type LocationSource, openLocation } from '../../src/facts/location.ts'
import { type MmdbMap, writeMmdb } from '../../test/support/mmdb.ts'
import { recordOf } from '../../test/support/sample-location.ts'
import { measureInTurn } from './measure.ts'
import { longestPause } from './pause.ts'

const NETWORKS = 1_000_000
const RECORDS = 200_000
/** 11.0.0.0, where the networks begin. */
const FIRST = 11 * 2 ** 24
const LANGUAGES = ['de', 'en', 'es', 'fr', 'ja', 'pt-BR', 'ru', 'zh-CN']

const folder = mkdtempSync(join(tmpdir(), 'stepgate-bench-'))
const file = join(folder, 'city.mmdb')
try {
  writeFileSync(file, madeFile(1))
  row('file', statSync(file).size / 2 ** 20, 'MiB')
  await measure()
} finally {
  rmSync(folder, { recursive: true, force: true })
}

async function measure(): Promise<void> {
  const before = await memory()
  const loaded = createSignal()
  const start = performance.now()
  const location = await openLocation({
    files: [file],
    maxAge: null,
    now: Date.now,
    interval: 100,
    onLoaded: () => loaded.ring(),
    onFailed: ({ problem }) => {
      throw new Error(problem)
    },
  })
  row('reading', performance.now() - start, 'ms')
  row('memory', ((await memory()) - before) / 2 ** 20, 'MiB')
  writeFileSync(`${file}.new`, madeFile(2))
  await memory()
  const idle = await longestPause(() => pause(5000))
  const reload = await longestPause(() => {
    renameSync(`${file}.new`, file)
    return loaded.next()
  })
  row('longest pause', reload.pause, 'ms')
  row('of it our work', reload.work, 'ms')
  row('pause, idle', idle.pause, 'ms')
  row('look-up', await lookUp(location, 1_000_000), 'ns')
  row('of few addresses', await lookUp(location, 1000), 'ns')
  await location.stop()
}

async function lookUp(location: LocationSource, addresses: number): Promise<number> {
  const asked = Array.from({ length: addresses }, (_, at) =>
    address(((at * 7919) % NETWORKS) + 0.5),
  )
  const work = (at: number) => location.find(asked[at % asked.length] ?? '')
  return (await measureInTurn([work], { warmUp: 500, round: 200, rounds: 5 }))[0] ?? Number.NaN
}

/** A million networks of 256 addresses. */
function madeFile(seed: number): Buffer {
  return writeMmdb({
    networks: Array.from({ length: NETWORKS }, (_, at) => ({
      bits: bitsOf(at),
      record: (at * 7919 + seed) % RECORDS,
    })),
    records: Array.from({ length: RECORDS }, (_, at) => madeRecord(at)),
    ipVersion: 6,
    recordSize: 32,
    databaseType: 'Made-City',
    buildEpoch: 1_793_491_200 + seed,
  })
}

function bitsOf(at: number): Uint8Array {
  const start = FIRST + at * 256
  const bits = new Uint8Array(120)
  for (let bit = 0; bit < 24; bit++) bits[96 + bit] = (start >>> (31 - bit)) & 1
  return bits
}

function address(at: number): string {
  const number = FIRST + at * 256
  return [number >>> 24, (number >>> 16) & 255, (number >>> 8) & 255, number & 255].join('.')
}

function madeRecord(at: number): MmdbMap {
  const names = Object.fromEntries(LANGUAGES.map((one) => [one, `Place ${at} in ${one}`]))
  return {
    ...recordOf({ country: 'DE', point: [(at % 180) - 90, (at % 360) - 180, at % 1000] }),
    city: { geoname_id: at, names },
    subdivisions: [{ iso_code: 'BE', names }],
  }
}

function createSignal() {
  let { promise, resolve } = Promise.withResolvers<void>()
  return {
    ring: () => {
      resolve()
      ;({ promise, resolve } = Promise.withResolvers<void>())
    },
    next: () => promise,
  }
}

/** Bytes in use, those outside of the heap included, once everything that is not needed is gone. */
async function memory(): Promise<number> {
  for (let turn = 0; turn < 3; turn++) {
    globalThis.gc?.()
    await pause(50)
  }
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

function row(name: string, value: number, unit: string): void {
  console.log(`${name.padEnd(18)}${value.toFixed(value < 100 ? 1 : 0).padStart(8)} ${unit}`)
}
