import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { Reader } from 'maxmind'
import { type LocationRecord, NOWHERE, readRecord } from './location-record.ts'
import { type Tree, walkTree } from './location-tree.ts'

/** Which fields some record of a file has. */
export type Given = { readonly [Field in keyof LocationRecord]: boolean }

/** A location file, read and gone through once: whatever its tree leads to can be read. */
export type CheckedLocation = {
  readonly bytes: ArrayBuffer
  /** When the data were put together, milliseconds since the epoch. */
  readonly built: number
  readonly gives: Given
}

/** In front of the metadata, which are the last 128 KiB of the file at most. */
const MARKER = Buffer.from('\xab\xcd\xefMaxMind.com', 'latin1')
const MAX_METADATA = 128 * 1024

/**
 * Reads a location file and goes through all of it. It takes seconds for a large one, so it is done in a thread of its
 * own. Throws when the file cannot be read, has more than `maxBytes`, is cut off or broken, or knows no field of ours.
 */
export function readLocation(file: string, maxBytes: number): CheckedLocation {
  const bytes = readWhole(file, maxBytes)
  const tree = openTree(Buffer.from(bytes))
  const reader = new Reader(tree.bytes)
  const { buildEpoch } = reader.metadata
  const built = buildEpoch.getTime()
  if (Number.isNaN(built)) throw new Error('it does not say when it was built')
  const gives = { country: false, asn: false, point: false }
  walkTree(tree, (address) => note(gives, readAt(reader, address)))
  if (!(gives.country || gives.asn || gives.point))
    throw new Error('it has no `country.iso_code`, `autonomous_system_number` or `location`')
  return { bytes, built, gives }
}

/** What a file says of an address in canonical text. IPv6 is nowhere in a file of IPv4. */
export function readAt(reader: LocationReader, ip: string): LocationRecord {
  if (reader.metadata.ipVersion === 4 && ip.includes(':')) return NOWHERE
  const record = reader.get(ip)
  return record === null ? NOWHERE : readRecord(record)
}

/** The library's reader of a file in memory. */
export type LocationReader = InstanceType<typeof Reader>

/** Opens what was checked. */
export function openReader({ bytes }: CheckedLocation): LocationReader {
  return new Reader(Buffer.from(bytes))
}

function note(gives: { -readonly [Field in keyof Given]: boolean }, record: LocationRecord): void {
  gives.country ||= record.country !== null
  gives.asn ||= record.asn !== null
  gives.point ||= record.point !== null
}

function openTree(bytes: Buffer): Tree {
  const tail = Math.max(0, bytes.length - MAX_METADATA)
  const marker = bytes.subarray(tail).lastIndexOf(MARKER)
  if (marker === -1) throw new Error('it is cut off, or no location file in MaxMind DB format')
  const { metadata } = new Reader(bytes)
  const { nodeCount, recordSize, ipVersion, binaryFormatMajorVersion: format } = metadata
  if (format !== 2) throw new Error(`its format has version ${format}, and 2 is read`)
  if (!Number.isSafeInteger(nodeCount) || (ipVersion !== 4 && ipVersion !== 6))
    throw new Error('its metadata are broken')
  return { bytes, nodeCount, recordSize, width: ipVersion === 4 ? 32 : 128, end: tail + marker }
}

/** Into memory of its own, which can be handed to another thread. */
function readWhole(file: string, maxBytes: number): ArrayBuffer {
  // Without it, opening a pipe that nobody writes to would never return.
  const handle = openSync(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
  try {
    const found = fstatSync(handle)
    if (!found.isFile()) throw new Error('it is not a file')
    if (found.size > maxBytes)
      throw new Error(`it has ${found.size} bytes, and at most ${maxBytes} are read`)
    return fill(handle, new ArrayBuffer(found.size))
  } finally {
    closeSync(handle)
  }
}

/** Bytes read at once. */
const PORTION = 2 ** 20

function fill(handle: number, bytes: ArrayBuffer): ArrayBuffer {
  for (let at = 0; at < bytes.byteLength; ) {
    const length = Math.min(PORTION, bytes.byteLength - at)
    const read = readSync(handle, new Uint8Array(bytes, at, length), 0, length, at)
    if (read === 0) throw new Error('it became shorter while it was read')
    at += read
  }
  return bytes
}
