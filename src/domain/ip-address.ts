import ipaddr from 'ipaddr.js'

/**
 * An address in canonical text (RFC 5952; an IPv4-mapped IPv6 address as IPv4), or null when it is none. Only plain
 * notations: octal, hexadecimal and short IPv4, a zone, or IPv4 behind any prefix but `::ffff:` (RFC 4291 §2.5.5) would
 * mean different hosts to different readers.
 */
export function canonicalAddress(text: string): string | null {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return ipaddr.IPv4.parse(text).toString()
  if (text.includes('%') || !ipaddr.IPv6.isValid(text)) return null
  if (text.includes('.') && !/^::ffff:/i.test(text)) return null
  return ipaddr.process(text).toString()
}
