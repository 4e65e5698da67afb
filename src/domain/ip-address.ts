import ipaddr from 'ipaddr.js'

/** An address, taken apart. */
export type Address = ipaddr.IPv4 | ipaddr.IPv6

/**
 * Parses an address, or gives null when it is none. Only plain notations: octal, hexadecimal and short IPv4, a zone, or
 * IPv4 behind any prefix but `::ffff:` (RFC 4291 §2.5.5) would mean different hosts to different readers.
 */
export function parseAddress(text: string): Address | null {
  return text.includes(':') ? parseIpv6(text) : parseIpv4(text)
}

function parseIpv4(text: string): ipaddr.IPv4 | null {
  return ipaddr.IPv4.isValidFourPartDecimal(text) ? ipaddr.IPv4.parse(text) : null
}

function parseIpv6(text: string): ipaddr.IPv6 | null {
  if (text.includes('%') || (text.includes('.') && !/^::ffff:/i.test(text))) return null
  return ipaddr.IPv6.isValid(text) ? ipaddr.IPv6.parse(text) : null
}

/** True for IPv6 that stands for an IPv4 address (RFC 4291 §2.5.5.2). */
export function isMapped(address: Address): address is ipaddr.IPv6 {
  return address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress()
}

/** An address in canonical text (RFC 5952; an IPv4-mapped IPv6 address as IPv4), or null when it is none. */
export function canonicalAddress(text: string): string | null {
  return hostAddress(text)?.toString() ?? null
}

/** The address of a host: as parsed, an IPv4-mapped one as IPv4; null when it is none. */
export function hostAddress(text: string): Address | null {
  const address = parseAddress(text)
  return address && isMapped(address) ? address.toIPv4Address() : address
}

/** The 32-bit words of an address, most significant first: one of IPv4, four of IPv6. */
export function addressWords(address: Address): readonly number[] {
  if (address instanceof ipaddr.IPv4) return wordsOf(address.octets, 8)
  return wordsOf(address.parts, 16)
}

/** Joins parts of `bits` each to words of 32. */
function wordsOf(parts: readonly number[], bits: number): readonly number[] {
  const words = new Array<number>((parts.length * bits) / 32).fill(0)
  for (const [at, part] of parts.entries()) {
    const word = Math.floor((at * bits) / 32)
    words[word] = (words[word] ?? 0) * 2 ** bits + part
  }
  return words
}
