import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import ipaddr from 'ipaddr.js'
import { addressWords, canonicalAddress, parseAddress } from '../../src/domain/ip-address.ts'
import { parseNetworkList } from '../../src/policy/match/network-list.ts'
import { compileNetworks } from '../../src/policy/match/networks.ts'

/** Bytes near each other, so that prefixes overlap, touch and contain each other. */
const byte = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(0, 1, 2, 127, 128, 254, 255) },
  fc.nat(255),
)
const bytes = (length: number) => fc.array(byte, { minLength: length, maxLength: length })
const address = fc.oneof(
  bytes(4),
  bytes(16),
  bytes(3).map((last) => [...Array<number>(13).fill(0), ...last]),
)

/** A prefix without bits after its length. */
const prefix = address.chain((parts) =>
  fc.integer({ min: 0, max: parts.length * 8 }).map((length) => {
    const network = parts.map((part, at) => {
      const kept = Math.min(8, Math.max(0, length - at * 8))
      return part & ~(0xff >> kept)
    })
    return `${textOf(network)}/${length}`
  }),
)

/** The first and last address of a prefix and their neighbours are where mistakes are made. */
const edge = (prefixes: readonly string[]) =>
  fc.constantFrom(...prefixes, '0.0.0.0/0').chain((text) => {
    const [network, length] = ipaddr.parseCIDR(text)
    const first = network.toByteArray()
    const last = first.map((part, at) => part | (0xff >> Math.min(8, Math.max(0, length - at * 8))))
    return fc.constantFrom(first, last, moved(first, -1), moved(last, 1))
  })

describe('a set of networks', () => {
  it('contains what one of its prefixes contains, and nothing else', () => {
    const situation = fc.array(prefix, { maxLength: 40 }).chain((prefixes) =>
      fc.record({
        prefixes: fc.constant(prefixes),
        asked: fc.array(fc.oneof(address, edge(prefixes)), { minLength: 1 }),
      }),
    )
    fc.assert(
      fc.property(situation, ({ prefixes, asked }) => {
        const { networks, mistakes } = parseNetworkList(prefixes.join('\n'))
        assert.deepEqual(mistakes, [])
        const names = compileNetworks(new Map([['one', networks]]))
        for (const ip of asked.map(textOf)) {
          assert.deepEqual(names(ip), isInOne(ip, prefixes) ? ['one'] : [], ip)
        }
      }),
      { numRuns: 1000 },
    )
  })

  it('keeps eight bytes a range of IPv4 and 32 a range of IPv6, and joins what overlaps', () => {
    const { networks } = parseNetworkList(
      '10.0.0.0/8\n10.1.0.0/16\n10.1.0.0/16\n192.0.2.1\n2001:db8:1::/48\n2001:db8::/32\n',
    )
    assert.deepEqual([networks.v4.byteLength, networks.v6.byteLength], [16, 32])
    assert.equal(networks.v4.buffer.byteLength, 16, 'nothing is kept besides')
  })

  it('is named in the order of declaration', () => {
    const all = parseNetworkList('0.0.0.0/0\n::/0').networks
    const none = parseNetworkList('').networks
    const names = compileNetworks(
      new Map([...['b', 'a'].map((one) => [one, all] as const), ['c', none]]),
    )
    assert.deepEqual(names('192.0.2.1'), ['b', 'a'])
    assert.deepEqual(names('2001:db8::1'), ['b', 'a'])
    assert.deepEqual(names('::ffff:192.0.2.1'), ['b', 'a'])
  })
})

describe('a list of networks', () => {
  it('has one prefix a line, comments and blank lines, and ends of lines of either kind', () => {
    const { networks, mistakes } = parseNetworkList(
      '# bad ones\r\n\r\n192.0.2.7\r\n  198.51.100.0/24\t# all of it\n#203.0.113.1\n2001:db8::1',
    )
    assert.deepEqual(mistakes, [])
    const names = compileNetworks(new Map([['bad', networks]]))
    const inside = ['192.0.2.7', '198.51.100.9', '2001:db8::1'].map((ip) => names(ip).length)
    const outside = ['192.0.2.8', '203.0.113.1', '2001:db8::2'].map((ip) => names(ip).length)
    assert.deepEqual([...inside, ...outside], [1, 1, 1, 0, 0, 0])
  })

  it('tells every line that is none, however many go before it', () => {
    const { mistakes } = parseNetworkList(
      '192.0.2.1\n\n192.0.2\n# x\n10.1.0.0/8\n::ffff:10.0.0.1\n',
    )
    assert.deepEqual(mistakes, [
      { line: 3, why: '`192.0.2` is not an address or prefix' },
      { line: 5, why: '`10.1.0.0/8` has bits set after its prefix' },
      { line: 6, why: '`::ffff:10.0.0.1` is a mapped IPv4 address: write it as IPv4' },
    ])
  })

  it('of nonsense takes no more room than a person reads', () => {
    const { mistakes } = parseNetworkList(`${'x'.repeat(10_000)}\n`.repeat(2000))
    assert.equal(mistakes.length, 1000)
    assert.ok(mistakes.every(({ why }) => why.length < 300))
  })
})

describe('an address', () => {
  it('is read as the library reads it, in plain notations only', () => {
    const digits = fc.constantFrom(
      '::',
      ':',
      '.',
      '0',
      '1',
      'ffff',
      'db8',
      '255',
      '256',
      '%',
      '1.2.3.4',
    )
    const text = fc.oneof(
      fc.array(digits, { maxLength: 10 }).map((parts) => parts.join('')),
      address.map(textOf),
      fc.ipV6(),
      fc.string(),
    )
    fc.assert(
      fc.property(text, (written) => {
        const parsed = parseAddress(written)
        const isPlain = ipaddr.IPv6.isValid(written) || ipaddr.IPv4.isValidFourPartDecimal(written)
        if (parsed) assert.equal(parsed.toString(), ipaddr.parse(written).toString())
        else
          assert.ok(!isPlain || written.includes('%') || /^(?!::ffff:).*\./i.test(written), written)
        assert.equal(canonicalAddress(written), parsed && ipaddr.process(written).toString())
      }),
      { numRuns: 2000 },
    )
  })

  it('has one word of IPv4, and four of IPv6', () => {
    const words = (text: string) => addressWords(parseAddress(text) ?? assert.fail())
    assert.deepEqual(words('255.0.2.1'), [0xff00_0201])
    assert.deepEqual(words('2001:db8::ffff:ffff:1'), [0x2001_0db8, 0, 0x0000_ffff, 0xffff_0001])
  })
})

/** The slow way: one after the other, by the library. */
function isInOne(ip: string, prefixes: readonly string[]): boolean {
  const asked = ipaddr.process(ip)
  return prefixes.some((text) => {
    const [network, length] = ipaddr.parseCIDR(text)
    return network.kind() === asked.kind() && asked.match(network, length)
  })
}

/** Without mapped ones: in a list they are mistakes. */
function textOf(parts: readonly number[]): string {
  const parsed = ipaddr.fromByteArray([...parts])
  return parsed.toString()
}

/** The address beside this one; the last one follows the first. */
function moved(parts: readonly number[], by: 1 | -1): number[] {
  const result = [...parts]
  for (let at = parts.length - 1; at >= 0; at--) {
    const sum = (result[at] ?? 0) + by
    result[at] = (sum + 256) % 256
    if (sum >= 0 && sum < 256) break
  }
  return result
}
