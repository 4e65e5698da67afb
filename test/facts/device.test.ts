import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { suite, test } from 'node:test'
import fc from 'fast-check'
import type { Identity } from '../../src/domain/identity.ts'
import { createDevice } from '../../src/facts/device.ts'
import type { DeviceSource } from '../../src/facts/device-id.ts'
import { ANONYMOUS, ada, requestWith } from './asking.ts'

const KEY = Buffer.from('a key of the application')
const COOKIE: DeviceSource = { cookie: '__Host-device', key: KEY }
const CLAIM: DeviceSource = { claim: 'device.id' }
const CERTIFICATE: DeviceSource = { certificate: 'x-forwarded-client-cert' }
const HASH = '0a1b2c3d'.repeat(8)

function signed(id: string, key: Uint8Array = KEY): string {
  return `${id}.${createHmac('sha256', key).update(id).digest('base64url')}`
}

type Headers = Parameters<typeof requestWith>[0]

function idFrom(from: readonly DeviceSource[], headers: Headers, identity = ANONYMOUS): string {
  const device = createDevice({ from, trusted: null, reputation: null })
  return device(requestWith(headers), identity).id
}

const withClaims = (claims: Record<string, unknown>): Identity => ada({ claims })

suite('the cookie of a device', () => {
  const good = signed('laptop-7')
  const [id, mac] = good.split('.')
  const cases: [string, string | string[], string][] = [
    ['as the application issued it', `__Host-device=${good}`, 'laptop-7'],
    ['in quotes', `__Host-device="${good}"`, 'laptop-7'],
    ['among others', `a=b; __Host-device=${good}; c`, 'laptop-7'],
    ['behind a comma', `a=b,__Host-device=${good}`, ''],
    ['on another line', ['a=b', `__Host-device=${good}`], 'laptop-7'],
    ['without its mac', `__Host-device=${id}`, ''],
    ['with an empty mac', `__Host-device=${id}.`, ''],
    ['with a mac of another id', `__Host-device=laptop-8.${mac}`, ''],
    ['with a mac of another key', `__Host-device=${signed('laptop-7', Buffer.from('x'))}`, ''],
    ['with half a mac', `__Host-device=${good.slice(0, -20)}`, ''],
    ['with a mac and more', `__Host-device=${good}A`, ''],
    ['with a padded mac', `__Host-device=${good}=`, ''],
    ['of nobody', `__Host-device=${signed('')}`, ''],
    ['with a dot in its id', `__Host-device=${signed('a.b')}`, ''],
    ['with an id too long', `__Host-device=${signed('a'.repeat(257))}`, ''],
    ['twice', `__Host-device=${good}; __Host-device=${good}`, ''],
    ['twice, joined by Envoy', `__Host-device=${good},__Host-device=x`, ''],
    ['in another case', `__host-device=${good}`, ''],
    ['in no cookie at all', 'a=b', ''],
  ]
  for (const [name, cookie, expected] of cases) {
    test(name, () => assert.equal(idFrom([COOKIE], { cookie }), expected))
  }

  test('nobody makes one without the key', () => {
    const anything = fc.tuple(
      fc.stringMatching(/^[\w-]{1,20}$/),
      fc.uint8Array({ minLength: 32, maxLength: 32 }),
    )
    fc.assert(
      fc.property(anything, ([device, bytes]) => {
        const cookie = `__Host-device=${device}.${Buffer.from(bytes).toString('base64url')}`
        assert.equal(idFrom([COOKIE], { cookie }), '')
      }),
    )
  })

  test('while a key is being replaced, both are good', () => {
    const next: DeviceSource = { cookie: '__Host-device', key: Buffer.from('the next key') }
    for (const key of [KEY, next.key]) {
      const cookie = `__Host-device=${signed('laptop-7', key)}`
      assert.equal(idFrom([next, COOKIE], { cookie }), 'laptop-7')
    }
  })
})

suite('the claim of a device', () => {
  const cases: [string, Identity, string][] = [
    ['nested', withClaims({ device: { id: 'D-1' } }), 'D-1'],
    ['by its whole name', withClaims({ 'device.id': 'D-2', device: { id: 'D-1' } }), 'D-2'],
    ['missing', withClaims({}), ''],
    ['empty', withClaims({ device: { id: '' } }), ''],
    ['a number', withClaims({ device: { id: 7 } }), ''],
    ['a list', withClaims({ device: { id: ['D-1'] } }), ''],
    ['with a line break', withClaims({ device: { id: 'a\nb' } }), ''],
    ['with half a surrogate pair', withClaims({ device: { id: '\ud800' } }), ''],
    ['of the longest', withClaims({ device: { id: 'd'.repeat(256) } }), 'd'.repeat(256)],
    ['too long', withClaims({ device: { id: 'd'.repeat(257) } }), ''],
    ['of nobody', ANONYMOUS, ''],
  ]
  for (const [name, identity, expected] of cases) {
    test(name, () => assert.equal(idFrom([CLAIM], {}, identity), expected))
  }
})

suite('the certificate of a device', () => {
  const by = 'By=spiffe://a/b'
  const cases: [string, string | string[], string][] = [
    ['as Envoy writes it', `${by};Hash=${HASH};Subject="CN=a,O=\\"b;c\\"";URI=spiffe://x`, HASH],
    ['in upper case', `HASH=${HASH.toUpperCase()}`, HASH],
    ['without a hash', `${by};Subject="CN=a"`, ''],
    ['with a hash inside quotes', `${by};Subject="Hash=${HASH}"`, ''],
    ['with a hash behind an escaped quote', `Subject="\\";Hash=${HASH}"`, ''],
    ['of two', `Hash=${HASH},Hash=${HASH}`, ''],
    ['with two hashes', `Hash=${HASH};Hash=${'f'.repeat(64)}`, ''],
    ['on two lines', [`Hash=${HASH}`, `Hash=${HASH}`], ''],
    ['with half a quote', `Subject="a;Hash=${HASH}`, ''],
    ['with half a quote at its end', `Hash=${HASH};Subject="`, ''],
    ['with a quote that only an escape ends', `Hash=${HASH};Subject="a\\"`, ''],
    ['too short', `Hash=${HASH.slice(1)}`, ''],
    ['in base64url', `Hash=${Buffer.from(HASH, 'hex').toString('base64url')}`, ''],
    ['empty', '', ''],
  ]
  for (const [name, line, expected] of cases) {
    test(name, () => {
      const headers = { 'x-forwarded-client-cert': line }
      assert.equal(idFrom([CERTIFICATE], headers), expected)
    })
  }

  test('with as many quotes as fit, none of which ends, is gone through once', () => {
    const headers = { 'x-forwarded-client-cert': `"${'\\"'.repeat(30_000)}` }
    const began = performance.now()
    assert.equal(idFrom([CERTIFICATE], headers), '')
    // Milliseconds; it takes one. From each of them to the end, it would take over a second.
    assert.ok(performance.now() - began < 500)
  })
})

suite('several sources', () => {
  const cookie = `__Host-device=${signed('from-cookie')}`
  const all = { cookie, 'x-forwarded-client-cert': `Hash=${HASH}` }
  const identity = withClaims({ device: { id: 'from-claim' } })

  test('the first that knows a device decides', () => {
    assert.equal(idFrom([CLAIM, COOKIE, CERTIFICATE], all, identity), 'from-claim')
    assert.equal(idFrom([COOKIE, CLAIM, CERTIFICATE], all, identity), 'from-cookie')
    assert.equal(idFrom([CLAIM, CERTIFICATE, COOKIE], all), HASH)
  })

  test('a forged cookie is no device, and the next source is asked', () => {
    assert.equal(idFrom([COOKIE, CLAIM], { cookie: `${cookie}x` }, identity), 'from-claim')
    assert.equal(idFrom([COOKIE, CLAIM], { cookie: `${cookie}x` }), '')
  })

  test('no source that is not in the settings counts', () => {
    assert.equal(idFrom([], all, identity), '')
    assert.equal(idFrom([CLAIM], all), '')
  })
})
