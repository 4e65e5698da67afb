import ipaddr from 'ipaddr.js'
import { canonicalAddress } from '../../domain/ip-address.ts'

type Address = ipaddr.IPv4 | ipaddr.IPv6
/** A network: its first address, and how many bits name it. */
export type Prefix = readonly [Address, number]

/** Named lists of prefixes: the names of those that contain an address, in the order of declaration. */
export type Networks = (ip: string) => readonly string[]

/** Parses `10.0.0.0/8`, `2001:db8::/32` or a single address; the string is the reason why it is none. */
export function parsePrefix(text: string): Prefix | string {
  const [address = '', bits, ...more] = text.split('/')
  const problem = more.length > 0 ? 'is not an address or prefix' : addressProblem(address)
  if (problem !== null) return `\`${text}\` ${problem}`
  const parsed = ipaddr.parse(address)
  const width = parsed.kind() === 'ipv4' ? 32 : 128
  const length = bits === undefined ? width : /^\d{1,3}$/.test(bits) ? Number(bits) : Number.NaN
  if (!(length <= width)) return `\`${text}\` has a prefix length outside 0 to ${width}`
  return hostBits([parsed, length]) ? `\`${text}\` has bits set after its prefix` : [parsed, length]
}

function addressProblem(address: string): string | null {
  if (canonicalAddress(address) === null) return 'is not an address or prefix'
  const parsed = ipaddr.parse(address)
  const mapped = parsed instanceof ipaddr.IPv6 && parsed.isIPv4MappedAddress()
  return mapped ? 'is a mapped IPv4 address: write it as IPv4' : null
}

/** Compiles named lists; an address of the other family, mapped ones aside, is in none of them. */
export function compileNetworks(lists: ReadonlyMap<string, readonly Prefix[]>): Networks {
  return (ip) => {
    const address = ipaddr.process(ip)
    return [...lists].flatMap(([name, list]) =>
      list.some((one) => contains(one, address)) ? [name] : [],
    )
  }
}

function contains([network, bits]: Prefix, address: Address): boolean {
  if (network instanceof ipaddr.IPv4)
    return address instanceof ipaddr.IPv4 && address.match(network, bits)
  return address instanceof ipaddr.IPv6 && address.match(network, bits)
}

/** `10.1.0.0/8` is a mistake: the author meant another network than the one it names. */
function hostBits([address, length]: Prefix): boolean {
  const bytes = address.toByteArray()
  return bytes.some((byte, at) => {
    const kept = Math.min(8, Math.max(0, length - at * 8))
    return (byte & (0xff >> kept)) !== 0
  })
}
