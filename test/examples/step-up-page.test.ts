import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createReadVisitOnce, readVisit } from '../../examples/client/step-up-page.ts'
import { entryUrl } from '../../src/envoy/redirect.ts'
import { KEY, MOMENT, NAVIGATION, SETTINGS } from '../envoy/dialect-support.ts'
import { accepted, NOW } from '../envoy/read-support.ts'

const ORIGINS = ['https://portal.example.com', 'https://licensing.example.com:8443']
const PAGE_KNOWS = { key: KEY, origins: ORIGINS }
const REDIRECT = SETTINGS.redirect ?? assert.fail()

describe('the page believes nothing but what the service wrote', () => {
  const request = accepted({ ...NAVIGATION, host: 'licensing.example.com' })
  const wish = { acr_values: 'phr mfa', max_age: '0', scope: 'tiers' }
  const url = new URL(entryUrl(REDIRECT, request, wish, MOMENT) ?? assert.fail())

  test('what it wrote', () => {
    assert.deepEqual(readVisit(url.searchParams, PAGE_KNOWS, NOW), {
      wish: { acrValues: 'phr mfa', maxAge: 0, scope: 'tiers' },
      returnTo: new URL('https://licensing.example.com:8443/v1/licenses?tier=business&page=2'),
    })
  })

  test('for ten minutes', () => {
    assert.ok(readVisit(url.searchParams, PAGE_KNOWS, NOW + 599_999))
    assert.equal(readVisit(url.searchParams, PAGE_KNOWS, NOW + 600_000), null)
  })

  test('once, where it is to be so', () => {
    const read = createReadVisitOnce(PAGE_KNOWS)
    const later = { now: NOW + 1, nonce: 'n-2' }
    const next = new URL(entryUrl(REDIRECT, request, wish, later) ?? assert.fail())
    assert.ok(read(url.searchParams, NOW))
    assert.equal(read(url.searchParams, NOW + 1), null)
    assert.ok(read(next.searchParams, NOW + 1), 'the same page in the same second, another time')
    assert.equal(read(url.searchParams, NOW + 599_999), null)
    assert.equal(read(url.searchParams, NOW + 600_000), null)
  })

  const state = url.searchParams.get('state') ?? ''
  const [expires = '', nonce = '', mac = ''] = state.split('.')
  const changes: [string, Record<string, string | null>][] = [
    ['another path', { return_to: '/v1/users/bob/role' }],
    ['another host of the application', { host: 'portal.example.com' }],
    ['another host', { host: 'evil.example' }],
    ['a weaker level', { acr_values: 'mfa' }],
    ['no level', { acr_values: null }],
    ['an older login', { max_age: '3600' }],
    ['other scopes', { scope: 'tiers billing' }],
    ['no state', { state: null }],
    ['no time', { state: `.${nonce}.${mac}` }],
    ['a later time', { state: `${Number(expires) + 60}.${nonce}.${mac}` }],
    ['a time that is none', { state: `Infinity.${nonce}.${mac}` }],
    ['a time with a sign', { state: `+${expires}.${nonce}.${mac}` }],
    ['another nonce', { state: `${expires}.n-2.${mac}` }],
    ['no nonce', { state: `${expires}.${mac}` }],
    ['no code', { state: `${expires}.${nonce}.` }],
    ['half a code', { state: state.slice(0, -10) }],
    ['another code', { state: `${expires}.${nonce}.${'A'.repeat(43)}` }],
    ['something behind it', { state: `${state}.x` }],
  ]
  for (const [name, change] of changes) {
    test(`${name} is refused`, () => {
      const query = new URLSearchParams(url.searchParams)
      for (const [key, value] of Object.entries(change)) {
        if (value === null) query.delete(key)
        else query.set(key, value)
      }
      assert.equal(readVisit(query, PAGE_KNOWS, NOW), null)
    })
  }

  test('a state of another page, a parameter twice, another key, an origin that is not the application’s', () => {
    const other = entryUrl(REDIRECT, accepted({ ...NAVIGATION, path: '/other' }), wish, MOMENT)
    const moved = new URLSearchParams(url.searchParams)
    moved.set('state', new URL(other ?? '').searchParams.get('state') ?? '')
    const twice = new URLSearchParams(url.searchParams)
    twice.append('return_to', '/elsewhere')
    assert.equal(readVisit(moved, PAGE_KNOWS, NOW), null)
    assert.equal(readVisit(twice, PAGE_KNOWS, NOW), null)
    assert.equal(readVisit(url.searchParams, { ...PAGE_KNOWS, key: `${KEY}.` }, NOW), null)
    assert.equal(
      readVisit(url.searchParams, { ...PAGE_KNOWS, origins: [ORIGINS[0] ?? ''] }, NOW),
      null,
    )
  })
})
