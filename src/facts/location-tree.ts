/** The search tree of a location file (MaxMind DB format 2.0). */
export type Tree = {
  /** The file. */
  readonly bytes: Buffer
  readonly nodeCount: number
  /** Bits of each of a node's two records. */
  readonly recordSize: number
  /** Bits of an address: 32 or 128. */
  readonly width: number
  /** Where the data end and the metadata begin. */
  readonly end: number
}

/** Bytes of zero between the tree and the data. */
const SEPARATOR = 16

/**
 * Walks the whole tree, each node once, and visits each place in the data that it points to once, with an address that
 * leads there. Throws when the tree points out of the file, or goes deeper than an address has bits.
 */
export function walkTree(tree: Tree, visit: (address: string) => void): void {
  const { nodeCount, width } = tree
  const isNewData = createDataMarks(tree)
  const seenNodes = createMarks(nodeCount)
  const address = new Uint8Array(width / 8)
  const enter = (node: number, depth: number): void => {
    if (depth >= width) throw new Error('its tree is deeper than an address has bits')
    for (const side of [0, 1] as const) {
      follow(readRecordOf(tree, node, side), depth)
      flipBit(address, depth)
    }
  }
  const follow = (record: number, depth: number): void => {
    const isNode = record < nodeCount
    if (isNode && seenNodes.add(record)) enter(record, depth + 1)
    if (record > nodeCount && isNewData(record)) visit(addressText(address))
  }
  if (nodeCount > 0) enter(0, 0)
}

/** Creates the function that tells whether a record leads to a place in the data where none before it led. */
function createDataMarks({ nodeCount, recordSize, end }: Tree): (record: number) => boolean {
  const size = end - (nodeCount * recordSize) / 4 - SEPARATOR
  if (!(size >= 0)) throw new Error('its tree is longer than the file')
  const seen = createMarks(size)
  return (record) => {
    const at = record - nodeCount - SEPARATOR
    if (at < 0 || at >= size) throw new Error('its tree points out of the data')
    return seen.add(at)
  }
}

/** The left (0) or right (1) record of a node: the big-endian number of a node, or a place in the data. */
function readRecordOf({ bytes, recordSize }: Tree, node: number, side: 0 | 1): number {
  const at = (node * recordSize) / 4
  switch (recordSize) {
    case 24:
      return bytes.readUIntBE(at + side * 3, 3)
    case 28:
      return nibble(bytes, at + 3, side) * 2 ** 24 + bytes.readUIntBE(at + side * 4, 3)
    case 32:
      return bytes.readUInt32BE(at + side * 4)
    default:
      throw new Error(`its records have ${recordSize} bits`)
  }
}

/** Both records of 28 bits share the byte in the middle of their node. */
function nibble(bytes: Buffer, at: number, side: 0 | 1): number {
  const shared = bytes.readUInt8(at)
  return side === 0 ? shared >>> 4 : shared & 0x0f
}

function flipBit(address: Uint8Array, bit: number): void {
  address[bit >>> 3] = (address[bit >>> 3] ?? 0) ^ (0x80 >>> (bit & 7))
}

function addressText(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join('.')
  const groups = Array.from({ length: 8 }, (_, at) => {
    return ((bytes[2 * at] ?? 0) * 256 + (bytes[2 * at + 1] ?? 0)).toString(16)
  })
  return groups.join(':')
}

/** A set of numbers below `size`, one bit each. */
function createMarks(size: number) {
  const bits = new Uint8Array(Math.ceil(size / 8))
  return {
    /** False when it was there. */
    add: (at: number): boolean => {
      const byte = bits[at >>> 3] ?? 0
      const bit = 1 << (at & 7)
      bits[at >>> 3] = byte | bit
      return (byte & bit) === 0
    },
  }
}
