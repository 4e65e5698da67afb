import { LRUCache } from 'lru-cache'
import { canonicalAddress } from '../domain/ip-address.ts'
import { type OpenLocation, watchLocationFile } from './location-file.ts'
import type { LocationRecord } from './location-record.ts'
import { readAt } from './read-location.ts'

/** A value; none (null): the files know none for the address; or no answer at all. */
export type Fact<T> = { readonly value: T | null } | 'unavailable'

/** Where an address is, as far as the files know. */
export type Place = {
  readonly [Field in keyof LocationRecord]: Fact<NonNullable<LocationRecord[Field]>>
}

/** How a file does, for the operator. */
export type LocationFileState = {
  readonly file: string
  /** When the data that are served were put together, milliseconds since the epoch; null when none are. */
  readonly built: number | null
  /** Why the newest version of the file is not served; null when it is. */
  readonly problem: string | null
  readonly isTooOld: boolean
}

/** Says where addresses are, from files in memory. */
export type LocationSource = {
  /**
   * Where an address is. A field is unavailable when one of the files is missing or too old, or when none of them has
   * it. Never throws and never waits.
   */
  readonly find: (ip: string) => Place
  readonly files: () => readonly LocationFileState[]
  /** Resolves when nothing of it is left. */
  readonly stop: () => Promise<void>
}

/** Which files, how old they may be, and who is told of them. */
export type LocationOptions = {
  /** For each field the first file that knows it decides. */
  readonly files: readonly string[]
  /** Milliseconds that may lie between now and when the data of a file were put together; null for any. */
  readonly maxAge: number | null
  /** Milliseconds since the epoch. */
  readonly now: () => number
  readonly onLoaded: (loaded: LocationLoaded) => void
  /** A file cannot be read or is broken; the last good one is served on. */
  readonly onFailed: (failed: { readonly file: string; readonly problem: string }) => void
  readonly maxBytes?: number
  /** Milliseconds between two looks at the files. */
  readonly interval?: number
  /** Milliseconds after which a file that is still being read counts as broken. */
  readonly patience?: number
}

/** A file that is served from now on. */
export type LocationLoaded = {
  readonly file: string
  /** Milliseconds since the epoch. */
  readonly built: number
  readonly bytes: number
  /** The fields that some record of it has. */
  readonly fields: readonly (keyof LocationRecord)[]
}

const MAX_BYTES = 512 * 1024 * 1024
const INTERVAL = 5000
const PATIENCE = 120_000

/** Addresses whose place is remembered. */
const REMEMBERED = 10_000

/** What is known of one file now. */
type Shelf = { readonly file: string; open: OpenLocation | null; problem: string | null }

/** Opens location files and keeps them up to date. The first reading of all is awaited, whatever comes of it. */
export async function openLocation(options: LocationOptions): Promise<LocationSource> {
  const { files, maxAge, now } = options
  const shelves = files.map((file): Shelf => ({ file, open: null, problem: 'it is being read' }))
  // Decoding a record of a large file takes hundreds of times as long as finding it here.
  const found = new LRUCache<string, Place>({ max: REMEMBERED })
  const changed = () => found.clear()
  const watches = await Promise.all(shelves.map((shelf) => watchShelf(shelf, options, changed)))
  const isTooOld = ({ open }: Shelf): boolean =>
    // So far in the future is as odd as so long ago.
    open !== null && maxAge !== null && Math.abs(now() - open.built) > maxAge
  return {
    find: (ip) => {
      if (shelves.some(isTooOld)) return UNKNOWN
      const before = found.get(ip)
      if (before) return before
      const place = findIn(shelves, ip)
      found.set(ip, place)
      return place
    },
    files: () =>
      shelves.map((shelf) => ({
        file: shelf.file,
        built: shelf.open?.built ?? null,
        problem: shelf.problem,
        isTooOld: isTooOld(shelf),
      })),
    stop: async () => {
      await Promise.all(watches.map((watch) => watch.stop()))
    },
  }
}

function watchShelf(shelf: Shelf, options: LocationOptions, changed: () => void) {
  const { file } = shelf
  return watchLocationFile(file, {
    maxBytes: options.maxBytes ?? MAX_BYTES,
    interval: options.interval ?? INTERVAL,
    patience: options.patience ?? PATIENCE,
    onLoaded: (open, bytes) => {
      shelf.open = open
      shelf.problem = null
      changed()
      options.onLoaded({
        file,
        built: open.built,
        bytes,
        fields: FIELDS.filter((one) => open.gives[one]),
      })
    },
    onFailed: (problem) => {
      shelf.problem = problem
      options.onFailed({ file, problem })
    },
  })
}

const FIELDS = ['country', 'asn', 'point'] as const

/** What can be said without a file. */
const UNKNOWN: Place = { country: 'unavailable', asn: 'unavailable', point: 'unavailable' }

function findIn(shelves: readonly Shelf[], ip: string): Place {
  const address = canonicalAddress(ip)
  const opened = shelves.flatMap(({ open }) => open ?? [])
  if (address === null || opened.length < shelves.length) return UNKNOWN
  try {
    return placeOf(
      opened,
      opened.map(({ reader }) => readAt(reader, address)),
    )
  } catch {
    // Whatever the tree leads to was read before: only a fault of the machine comes here.
    return UNKNOWN
  }
}

function placeOf(opened: readonly OpenLocation[], records: readonly LocationRecord[]): Place {
  const fact = <Field extends keyof LocationRecord>(field: Field) => {
    if (!opened.some(({ gives }) => gives[field])) return 'unavailable'
    return { value: records.find((record) => record[field] !== null)?.[field] ?? null }
  }
  return { country: fact('country'), asn: fact('asn'), point: fact('point') }
}
