/** A value that a location file can hold; whole numbers are written as unsigned, of 32 bits or of 64. */
export type MmdbValue = string | number | bigint | Double | Short | MmdbMap | readonly MmdbValue[]
export type MmdbMap = { readonly [key: string]: MmdbValue }

/** A number that is written with a fraction, whether it has one or not. */
export type Double = { readonly double: number }

/** An unsigned number of 16 bits. */
export type Short = { readonly uint16: number }

/** A network as the bits that name it, from the first of an address on. */
export type MmdbNetwork = { readonly bits: Uint8Array; readonly record: number }

/** What a file is made of. */
export type MmdbContent = {
  /** Longer networks win over shorter ones that contain them. */
  readonly networks: readonly MmdbNetwork[]
  readonly records: readonly MmdbMap[]
  readonly ipVersion: 4 | 6
  readonly recordSize: 24 | 28 | 32
  readonly databaseType: string
  /** Seconds since the epoch. */
  readonly buildEpoch: number
}

/** Writes a location file: MaxMind DB format 2.0, https://maxmind.github.io/MaxMind-DB/. */
export function writeMmdb(content: MmdbContent): Buffer {
  const encoded = content.records.map(encode)
  const tree = buildTree(content.networks)
  const nodeCount = tree.length / 2
  const starts = startsOf(encoded)
  const numbers = tree.map((entry) => {
    if (entry === EMPTY) return nodeCount
    return entry >= 0 ? entry : nodeCount + 16 + (starts[-2 - entry] ?? 0)
  })
  const nodes = writeNodes(numbers, content.recordSize)
  const marker = Buffer.from('\xab\xcd\xefMaxMind.com', 'latin1')
  return Buffer.concat([nodes, Buffer.alloc(16), ...encoded, marker, metadata(content, nodeCount)])
}

/** The bits of a prefix such as `192.0.2.0/24`, in a tree of this version: IPv4 stands below `::/96` in one of IPv6. */
export function networkBits(prefix: string, ipVersion: 4 | 6): Uint8Array {
  const [address = '', length] = prefix.split('/')
  const isV6 = address.includes(':')
  const bits = isV6 ? bitsOf(groups(address), 16) : bitsOf(address.split('.').map(Number), 8)
  const named = bits.slice(0, Number(length))
  return Uint8Array.from(isV6 || ipVersion === 4 ? named : [...Array(96).fill(0), ...named])
}

function groups(address: string): readonly number[] {
  const [left, right] = address.split('::').map((half) => (half === '' ? [] : half.split(':')))
  const before = (left ?? []).map((group) => Number.parseInt(group, 16))
  const after = (right ?? []).map((group) => Number.parseInt(group, 16))
  return [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after]
}

function bitsOf(parts: readonly number[], width: number): readonly number[] {
  return parts.flatMap((part) =>
    Array.from({ length: width }, (_, at) => (part >> (width - 1 - at)) & 1),
  )
}

const EMPTY = -1

/** Both entries of each node: another node's number, `EMPTY`, or -2 and below for a record. */
function buildTree(networks: readonly MmdbNetwork[]): number[] {
  const tree = [EMPTY, EMPTY]
  for (const { bits, record } of networks.toSorted((a, b) => a.bits.length - b.bits.length)) {
    let node = 0
    for (const bit of bits.subarray(0, -1)) {
      const below = tree[node * 2 + bit] ?? EMPTY
      // What holds for the whole network holds for both of its halves.
      if (below < 0) tree[node * 2 + bit] = tree.push(below, below) / 2 - 1
      node = tree[node * 2 + bit] ?? 0
    }
    tree[node * 2 + (bits.at(-1) ?? 0)] = -2 - record
  }
  return tree
}

function startsOf(encoded: readonly Buffer[]): readonly number[] {
  let start = 0
  return encoded.map(({ length }) => {
    start += length
    return start - length
  })
}

function writeNodes(numbers: readonly number[], recordSize: 24 | 28 | 32): Buffer {
  const bytes = Buffer.alloc((numbers.length / 2) * (recordSize / 4))
  for (let at = 0; at < numbers.length; at += 2) {
    const start = (at / 2) * (recordSize / 4)
    const [left = 0, right = 0] = [numbers[at], numbers[at + 1]]
    if (recordSize === 28) {
      bytes.writeUIntBE(left % 2 ** 24, start, 3)
      bytes.writeUInt8(Math.floor(left / 2 ** 24) * 16 + Math.floor(right / 2 ** 24), start + 3)
      bytes.writeUIntBE(right % 2 ** 24, start + 4, 3)
    } else {
      bytes.writeUIntBE(left, start, recordSize / 8)
      bytes.writeUIntBE(right, start + recordSize / 8, recordSize / 8)
    }
  }
  return bytes
}

function metadata(content: MmdbContent, nodeCount: number): Buffer {
  return encode({
    node_count: nodeCount,
    record_size: { uint16: content.recordSize },
    ip_version: { uint16: content.ipVersion },
    database_type: content.databaseType,
    languages: ['en'],
    binary_format_major_version: { uint16: 2 },
    binary_format_minor_version: { uint16: 0 },
    build_epoch: BigInt(content.buildEpoch),
    description: { en: content.databaseType },
  })
}

const TYPE = { string: 2, double: 3, uint16: 5, uint32: 6, map: 7, uint64: 9, array: 11 } as const

function encode(value: MmdbValue): Buffer {
  if (typeof value === 'string') return field('string', Buffer.from(value))
  if (typeof value === 'number') return field('uint32', unsigned(BigInt(value)))
  if (typeof value === 'bigint') return field('uint64', unsigned(value))
  if (Array.isArray(value)) return collection('array', value.length, value.map(encode))
  if (isOnly(value, 'uint16')) return field('uint16', unsigned(BigInt(value.uint16)))
  if (isOnly(value, 'double')) {
    const bytes = Buffer.alloc(8)
    bytes.writeDoubleBE(value.double)
    return field('double', bytes)
  }
  const entries = Object.entries(value)
  return collection('map', entries.length, entries.flat().map(encode))
}

function isOnly<Key extends string>(value: object, key: Key): value is Record<Key, number> {
  return typeof (value as Record<string, unknown>)[key] === 'number'
}

function field(type: keyof typeof TYPE, payload: Buffer): Buffer {
  return Buffer.concat([control(type, payload.length), payload])
}

function collection(type: 'map' | 'array', size: number, parts: readonly Buffer[]): Buffer {
  return Buffer.concat([control(type, size), ...parts])
}

/** The control byte, the type of extended ones, and the rest of the size when it does not fit. */
function control(type: keyof typeof TYPE, size: number): Buffer {
  const [number, isLong] = [TYPE[type], size >= 29]
  if (size >= 29 + 256) throw new Error('nothing in a small file is so long')
  const first = (number > 7 ? 0 : number << 5) | (isLong ? 29 : size)
  return Buffer.from([first, ...(number > 7 ? [number - 7] : []), ...(isLong ? [size - 29] : [])])
}

function unsigned(value: bigint): Buffer {
  const hex = value === 0n ? '' : value.toString(16)
  return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex')
}
