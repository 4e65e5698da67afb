import assert from 'node:assert/strict'
import { renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import {
  type CheckedLocation,
  openReader,
  readAt,
  readLocation,
} from '../../src/facts/read-location.ts'
import { sampleLocationFile } from '../support/sample-location.ts'
import { fileOf, openFiles, temporaryFolder } from './location-support.ts'

const SAMPLE = join(import.meta.dirname, '../../config/data/location-sample.mmdb')
const GERMANY = [{ prefix: '192.0.2.0/24', country: 'DE' }]
const FRANCE = [{ prefix: '192.0.2.0/24', country: 'FR' }]
const NOTHING = { country: 'unavailable', asn: 'unavailable', point: 'unavailable' }

describe('a location file that is replaced', () => {
  const ways: Record<string, (folder: string, bytes: Buffer) => void> = {
    'renamed over': (folder, bytes) => {
      writeFileSync(join(folder, 'new'), bytes)
      renameSync(join(folder, 'new'), join(folder, 'location.mmdb'))
    },
    'swapped by a symbolic link': (folder, bytes) => {
      writeFileSync(join(folder, 'other.mmdb'), bytes)
      symlinkSync('other.mmdb', join(folder, 'link'))
      renameSync(join(folder, 'link'), join(folder, 'location.mmdb'))
    },
    'written in place': (folder, bytes) => writeFileSync(join(folder, 'location.mmdb'), bytes),
    'removed, and there again': (folder, bytes) => {
      rmSync(join(folder, 'location.mmdb'))
      writeFileSync(join(folder, 'location.mmdb'), bytes)
    },
  }
  for (const [way, replace] of Object.entries(ways)) {
    it(`${way}: the new one is served, and nothing of the old one is remembered`, async (t) => {
      const folder = temporaryFolder(t)
      writeFileSync(join(folder, 'location.mmdb'), fileOf(GERMANY))
      const { next, countryOf } = await openFiles(t, [join(folder, 'location.mmdb')])
      assert.equal(await next(), 'loaded country')
      assert.deepEqual(countryOf('192.0.2.1'), { value: 'DE' })
      replace(folder, fileOf(FRANCE))
      assert.equal(await next(), 'loaded country')
      assert.deepEqual(countryOf('192.0.2.1'), { value: 'FR' })
    })
  }

  const good = fileOf([...GERMANY, { prefix: '2001:db8::/32', asn: 64_496, point: [1, 2, 3] }])
  const broken: Record<string, readonly [Buffer, RegExp]> = {
    'by the first half of one': [good.subarray(0, good.length / 2), /^it is cut off, or no loc/],
    'by one without its end': [good.subarray(0, -9), /./],
    'by an empty one': [Buffer.alloc(0), /^it is cut off/],
    'by a text': [Buffer.from('<html>Quota exceeded</html>'), /^it is cut off/],
    'by one of zeroes': [Buffer.alloc(200_000), /^it is cut off/],
    'by one whose tree is cut out': [good.subarray(600), /^its tree is longer than the file/],
    'by one that is too large': [Buffer.alloc(300_000), /^it has 300000 bytes, and at most 2500/],
    'by one of another format': [
      changed(good, 'binary_format_major_version\xa1', [3]),
      /^its format has version 3/,
    ],
    'by one with odd countries': [
      fileOf([{ prefix: '192.0.2.0/24', country: 'Germany' }]),
      /^`country.iso_code` is no code of two letters$/,
    ],
    'by one with places off the earth': [
      fileOf([{ prefix: '192.0.2.0/24', point: [91, 0] }]),
      /^`location.latitude` is not a number from -90 to 90$/,
    ],
    'by one of something else': [
      fileOf(GERMANY, { records: [{ is_anonymous_vpn: 1 }] }),
      /^it has no `country.iso_code`, /,
    ],
    'by one that points out of its data': [
      Buffer.concat([Buffer.alloc(6, 0xff), good.subarray(6)]),
      /^its tree points out of the data$/,
    ],
  }
  for (const [way, [bytes, problem]] of Object.entries(broken)) {
    it(`${way}: is refused with a reason`, (t) => {
      const file = join(temporaryFolder(t), 'location.mmdb')
      writeFileSync(file, bytes)
      assert.throws(() => readLocation(file, 250_000), { message: problem })
    })
  }

  it('by a broken one: the last good one is served on, and the failure told once', async (t) => {
    const file = join(temporaryFolder(t), 'location.mmdb')
    writeFileSync(file, good)
    const { location, next, countryOf } = await openFiles(t, [file])
    assert.equal(await next(), 'loaded country asn point')
    writeFileSync(file, good.subarray(0, good.length / 2))
    assert.match(await next(), /^it is cut off/)
    assert.deepEqual(countryOf('192.0.2.1'), { value: 'DE' })
    assert.match(location.files()[0]?.problem ?? '', /^it is cut off/)
    writeFileSync(file, fileOf(FRANCE))
    assert.equal(await next(), 'loaded country')
    assert.deepEqual(countryOf('192.0.2.1'), { value: 'FR' })
  })

  it('by one that takes too long counts as broken', async (t) => {
    const { location, next } = await openFiles(t, [SAMPLE], { patience: 0 })
    assert.equal(await next(), 'it could not be read within 0 ms')
    assert.deepEqual(location.find('192.0.2.1'), NOTHING)
  })

  it('is not read any more once it is stopped', async (t) => {
    const file = join(temporaryFolder(t), 'location.mmdb')
    writeFileSync(file, fileOf(GERMANY))
    const [stopped, other] = [await openFiles(t, [file]), await openFiles(t, [file])]
    assert.equal(await stopped.next(), 'loaded country')
    assert.equal(await other.next(), 'loaded country')
    await stopped.location.stop()
    for (const places of [FRANCE, GERMANY, FRANCE]) {
      writeFileSync(file, fileOf(places))
      assert.equal(await other.next(), 'loaded country')
    }
    assert.deepEqual(stopped.countryOf('192.0.2.1'), { value: 'DE' })
  })
})

describe('a location file with bytes that fell over', () => {
  it('is refused, or answers every address without an exception', (t) => {
    const file = join(temporaryFolder(t), 'location.mmdb')
    const sample = sampleLocationFile()
    const slips = fc.array(
      fc.tuple(fc.nat(sample.length - 1), fc.oneof(fc.nat(255), fc.constantFrom(0, 0xff))),
      { minLength: 1, maxLength: 4 },
    )
    const tried = new Set<string>()
    fc.assert(
      fc.property(slips, fc.array(fc.oneof(fc.ipV4(), fc.ipV6())), (bytes, ips) => {
        const changed = Buffer.from(sample)
        for (const [at, byte] of bytes) changed[at] = byte
        writeFileSync(file, changed)
        const location = readOrNull(file)
        tried.add(location === null ? 'refused' : 'served')
        if (location) answerAll(location, ips)
      }),
      { numRuns: 1000 },
    )
    assert.deepEqual([...tried].sort(), ['refused', 'served'])
  })
})

function answerAll(location: CheckedLocation, ips: readonly string[]): void {
  const reader = openReader(location)
  for (const ip of ips) assert.ok(readAt(reader, ip))
}

function readOrNull(file: string) {
  try {
    return readLocation(file, 100_000)
  } catch (error) {
    assert.ok(error instanceof Error && error.message !== '')
    return null
  }
}

/** The file with these bytes after the first occurrence of a text in it. */
function changed(file: Buffer, after: string, bytes: readonly number[]): Buffer {
  const copy = Buffer.from(file)
  const at = copy.indexOf(Buffer.from(after, 'latin1'))
  assert.notEqual(at, -1)
  copy.set(bytes, at + after.length)
  return copy
}
