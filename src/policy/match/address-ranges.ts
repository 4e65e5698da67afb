/**
 * Sorted ranges of addresses that do not overlap: of each its first and its last address, in 32-bit words, most
 * significant first. All addresses in it have the same number of words.
 */
export type AddressRanges = Uint32Array<ArrayBuffer>

/** Collects ranges in any order. */
export type RangeCollector = {
  readonly add: (first: readonly number[], last: readonly number[]) => void
  /** What was added so far. */
  readonly ranges: () => AddressRanges
}

/** Room for so many ranges at first; it doubles when it is full. */
const FIRST_ROOM = 16

/** Creates an empty collector of ranges whose addresses have so many words. */
export function collectRanges(words: number): RangeCollector {
  let bounds = new Uint32Array(FIRST_ROOM * 2 * words)
  let length = 0
  return {
    add: (first, last) => {
      if (length === bounds.length) bounds = widened(bounds)
      bounds.set(first, length)
      bounds.set(last, length + words)
      length += 2 * words
    },
    ranges: () => mergeRanges(bounds.subarray(0, length), words),
  }
}

/** True when the address is in one of the ranges: a binary search. */
export function isInRanges(ranges: AddressRanges, address: readonly number[]): boolean {
  const words = address.length
  const stride = 2 * words
  let low = 0
  let high = ranges.length / stride
  while (low < high) {
    const middle = (low + high) >>> 1
    if (isPast(ranges, middle * stride, address)) high = middle
    else low = middle + 1
  }
  return low > 0 && !isBefore(ranges, low * stride - words, address)
}

/** True when the bound at `at` is past the address. */
function isPast(ranges: AddressRanges, at: number, address: readonly number[]): boolean {
  return compareWords(ranges, at, address, 0, address.length) > 0
}

/** True when the bound at `at` is before the address. */
function isBefore(ranges: AddressRanges, at: number, address: readonly number[]): boolean {
  return compareWords(ranges, at, address, 0, address.length) < 0
}

type Words = ArrayLike<number>

/** Below 0 when the first address is the smaller one, 0 when they are equal. */
function compareWords(a: Words, atA: number, b: Words, atB: number, words: number): number {
  for (let at = 0; at < words; at++) {
    const difference = (a[atA + at] ?? 0) - (b[atB + at] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

function widened(bounds: AddressRanges): AddressRanges {
  const wider = new Uint32Array(bounds.length * 2)
  wider.set(bounds)
  return wider
}

/** Sorts ranges by their first address and joins those that overlap. */
function mergeRanges(bounds: AddressRanges, words: number): AddressRanges {
  const stride = 2 * words
  const merged = new Uint32Array(bounds.length)
  let end = 0
  for (const index of sortedOrder(bounds, words)) {
    const at = index * stride
    const last = end - words
    if (end === 0 || compareWords(bounds, at, merged, last, words) > 0) {
      merged.set(bounds.subarray(at, at + stride), end)
      end += stride
    } else if (compareWords(bounds, at + words, merged, last, words) > 0) {
      merged.set(bounds.subarray(at + words, at + stride), last)
    }
  }
  return merged.slice(0, end)
}

/** The ranges' indices, sorted by their first address. */
function sortedOrder(bounds: AddressRanges, words: number): Uint32Array {
  const stride = 2 * words
  const order = Uint32Array.from({ length: bounds.length / stride }, (_, index) => index)
  return order.sort((a, b) => compareWords(bounds, a * stride, bounds, b * stride, words))
}
