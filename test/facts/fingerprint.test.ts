import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { createFingerprint, type FingerprintProperty } from '../../src/facts/fingerprint.ts'
import { coarseUserAgent } from '../../src/facts/user-agent.ts'
import { requestWith } from './asking.ts'

const KEY = Buffer.from('a key for fingerprints')
const CHROME =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36'
const HEADERS = { 'user-agent': CHROME, 'accept-language': 'de-DE,de;q=0.9', 'x-ja4': 't13d1516h2' }
const ALL: FingerprintProperty[] = ['user-agent', 'accept-language', 'network', { header: 'x-ja4' }]

type Request = Parameters<typeof requestWith>

function of(request: Request, properties = ALL, key: Uint8Array = KEY): string | undefined {
  return createFingerprint(properties, key)(requestWith(...request))
}

const BASE = of([HEADERS, '203.0.113.7'])

suite('a fingerprint', () => {
  test('is 128 bits in base64url, and shows nothing of what went into it', () => {
    assert.match(BASE ?? '', /^[\w-]{22}$/)
  })

  const same: [string, Request][] = [
    ['another address of the network', [HEADERS, '203.0.113.250']],
    ['a browser that updated itself', [{ ...HEADERS, 'user-agent': CHROME.replace('142', '143') }]],
    ['languages with blanks', [{ ...HEADERS, 'accept-language': 'de-DE, de;q=0.9' }]],
    ['other headers', [{ ...HEADERS, cookie: 'a=b' }]],
    ['the address as IPv6', [HEADERS, '::ffff:203.0.113.9']],
  ]
  for (const [name, request] of same) {
    test(`is the same with ${name}`, () => assert.equal(of(request), BASE))
  }

  const { 'x-ja4': _, ...withoutHash } = HEADERS
  const other: [string, Request][] = [
    ['another network', [HEADERS, '203.0.114.7']],
    ['IPv6', [HEADERS, '2001:db8::1']],
    ['another browser', [{ ...HEADERS, 'user-agent': CHROME.replace('Safari', 'Edg') }]],
    ['another system', [{ ...HEADERS, 'user-agent': CHROME.replace('Windows', 'Linux') }]],
    ['another language', [{ ...HEADERS, 'accept-language': 'en' }]],
    ['another handshake', [{ ...HEADERS, 'x-ja4': 't13d1517h2' }]],
    ['no handshake', [withoutHash]],
    ['two handshakes', [{ ...HEADERS, 'x-ja4': ['t13d1516h2', 'x'] }]],
  ]
  for (const [name, request] of other) {
    test(`is another with ${name}`, () => {
      assert.notEqual(of(request), BASE)
      assert.match(of(request) ?? '', /^[\w-]{22}$/)
    })
  }

  test('is another with another key, and with other properties', () => {
    assert.notEqual(of([HEADERS], ALL, Buffer.from('another key')), BASE)
    assert.notEqual(of([HEADERS], ALL.slice(1)), BASE)
  })

  test('does not depend on the order of the properties', () => {
    assert.equal(of([HEADERS], ALL.toReversed()), BASE)
  })

  test('does not take one property for another', () => {
    const [a, b] = [{ header: 'x-a' }, { header: 'x-b' }]
    assert.notEqual(of([{ 'x-a': '1' }], [a, b]), of([{ 'x-b': '1' }], [a, b]))
    assert.notEqual(of([{ 'x-a': '1' }], [a]), of([{ 'x-b': '1' }], [b]))
  })

  test('is unavailable without the address that goes into it, and only then', () => {
    assert.equal(of([HEADERS, null]), undefined)
    assert.match(of([HEADERS, null], ['user-agent']) ?? '', /^[\w-]{22}$/)
  })

  test('knows IPv6 networks by their /48', () => {
    const network = (ip: string) => of([{}, ip], ['network'])
    assert.equal(network('2001:db8:10:1::1'), network('2001:db8:10:ffff::2'))
    assert.notEqual(network('2001:db8:10::1'), network('2001:db8:11::1'))
  })
})

suite('a user agent', () => {
  const mozilla = (rest: string) => `Mozilla/5.0 ${rest}`
  const webkit = 'AppleWebKit/605.1.15 (KHTML, like Gecko)'
  const cases: [string, string][] = [
    [CHROME, 'chrome on windows'],
    [`${CHROME} Edg/142.0.0.0`, 'edge on windows'],
    [`${CHROME} OPR/120.0`, 'opera on windows'],
    [mozilla('(X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0'), 'firefox on linux'],
    [
      mozilla(`(Macintosh; Intel Mac OS X 10_15_7) ${webkit} Version/18.1 Safari/605.1.15`),
      'safari on macos',
    ],
    [
      mozilla(`(iPhone; CPU iPhone OS 18_1 like Mac OS X) ${webkit} CriOS/142 Mobile Safari/604.1`),
      'chrome on ios',
    ],
    [mozilla('(Linux; Android 10; K) Chrome/142.0.0.0 Mobile Safari/537.36'), 'chrome on android'],
    [
      mozilla('(Linux; Android 15) SamsungBrowser/29.0 Chrome/132.0 Mobile Safari/537.36'),
      'samsung on android',
    ],
    [mozilla('(X11; CrOS x86_64 14541.0.0) Chrome/142.0.0.0 Safari/537.36'), 'chrome on chromeos'],
    ['curl/8.16.0', 'curl on other'],
    ['okhttp/5.1.0', 'okhttp on other'],
    ['Go-http-client/2.0', 'go-http-client on other'],
    ['', ' on other'],
    ['()', ' on other'],
  ]
  for (const [text, expected] of cases) {
    test(expected, () => assert.equal(coarseUserAgent(text), expected))
  }
})
