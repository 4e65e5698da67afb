import { addressWords, hostAddress, isMapped, parseAddress } from '../../domain/ip-address.ts'
import { type AddressRanges, collectRanges, isInRanges } from './address-ranges.ts'

/** A network: its first and its last address, in words of 32 bits. */
export type Prefix = { readonly first: readonly number[]; readonly last: readonly number[] }

/**
 * A union of networks. Eight bytes an IPv4 range and 32 bytes an IPv6 range, in arrays that can be handed from one
 * thread to another.
 */
export type NetworkSet = { readonly v4: AddressRanges; readonly v6: AddressRanges }

/** Named sets of networks: the names of those that contain an address, in the order of declaration. */
export type Networks = (ip: string) => readonly string[]

/** Parses `10.0.0.0/8`, `2001:db8::/32` or a single address; the string is the reason why it is none. */
export function parsePrefix(text: string): Prefix | string {
  const [name = '', bits, ...more] = text.split('/')
  const address = more.length > 0 ? null : parseAddress(name)
  if (address === null) return `\`${text}\` is not an address or prefix`
  if (isMapped(address)) return `\`${text}\` is a mapped IPv4 address: write it as IPv4`
  const first = addressWords(address)
  const width = first.length * WORD
  const length = bits === undefined ? width : /^\d{1,3}$/.test(bits) ? Number(bits) : Number.NaN
  if (!(length <= width)) return `\`${text}\` has a prefix length outside 0 to ${width}`
  const hostBits = first.map((_, at) => hostBitsOf(length - at * WORD))
  // `10.1.0.0/8` is a mistake: the author meant another network than the one it names.
  if (first.some((word, at) => (word & (hostBits[at] ?? 0)) !== 0))
    return `\`${text}\` has bits set after its prefix`
  return { first, last: first.map((word, at) => (word | (hostBits[at] ?? 0)) >>> 0) }
}

/** Bits of a word. */
const WORD = 32

/** The bits of a word that do not name the network, when so many of them do. */
function hostBitsOf(length: number): number {
  return length >= WORD ? 0 : 0xffff_ffff >>> Math.max(0, length)
}

/** Joins prefixes to a set. */
export function networkSet(prefixes: Iterable<Prefix>): NetworkSet {
  const v4 = collectRanges(1)
  const v6 = collectRanges(4)
  for (const { first, last } of prefixes) (first.length === 1 ? v4 : v6).add(first, last)
  return { v4: v4.ranges(), v6: v6.ranges() }
}

/** Compiles named sets; an address of the other family, mapped ones aside, is in none of them. */
export function compileNetworks(sets: ReadonlyMap<string, NetworkSet>): Networks {
  return (ip) => {
    const address = hostAddress(ip)
    if (address === null) throw new Error('the address of the caller is none')
    const words = addressWords(address)
    return [...sets].flatMap(([name, { v4, v6 }]) =>
      isInRanges(words.length === 1 ? v4 : v6, words) ? [name] : [],
    )
  }
}
