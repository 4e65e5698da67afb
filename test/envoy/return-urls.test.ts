import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { readVisit } from '../../examples/client/step-up-page.ts'
import { entryUrl } from '../../src/envoy/redirect.ts'
import { KEY, MOMENT, NAVIGATION, NO_WISH, PAGE, SETTINGS, sentTo } from './dialect-support.ts'
import { accepted, NOW, reading } from './read-support.ts'

const PAGE_KNOWS = { key: KEY, origins: ['https://portal.example.com'] }
const REDIRECT = SETTINGS.redirect ?? assert.fail()

/** Spellings with which open redirects have been found. */
const SPELLINGS = [
  '//evil.example',
  '///evil.example',
  '////evil.example/%2f..',
  '/\\evil.example',
  '/\\/evil.example',
  '\\\\evil.example',
  '\\/evil.example',
  '/%5cevil.example',
  '/%5Cevil.example',
  '/%2fevil.example',
  '/%2Fevil.example',
  '/%2f%2fevil.example',
  '/./evil.example',
  '/.//evil.example',
  '/..//evil.example',
  '/../evil.example',
  '/a/..//evil.example',
  '/a/../../evil.example',
  '/.\\evil.example',
  '/%09/evil.example',
  '/\t/evil.example',
  '/%0d%0aLocation:%20https://evil.example',
  '/\r\n/evil.example',
  '/%0a/evil.example',
  '/%00/evil.example',
  '/ /evil.example',
  '/%20/evil.example',
  '/%252fevil.example',
  '/%252f%252fevil.example',
  'https://evil.example',
  'https:evil.example',
  'https:/evil.example',
  'https:///evil.example',
  'http://evil.example/',
  'HTTPS://evil.example',
  'javascript:alert(1)',
  'java%0ascript:alert(1)',
  'data:text/html,x',
  'evil.example',
  '.evil.example',
  '@evil.example',
  '/@evil.example',
  '/https://evil.example',
  '/http:evil.example',
  '/?//evil.example',
  '/?url=https://evil.example',
  '/#//evil.example',
  '/;//evil.example',
  '/;@evil.example',
  '/portal.example.com@evil.example',
  '/:80@evil.example',
  '/%40evil.example',
  '/%3a%2f%2fevil.example',
  '/\u2044evil.example',
  '/\uff0fevil.example',
  '/%E2%81%84evil.example',
  '/%ef%bc%8fevil.example',
  '/%c0%afevil.example',
  '/%u2215evil.example',
  '/*//evil.example',
  '/?a=%0d%0aSet-Cookie:x',
  '',
  '*',
  '/v1/..;/evil.example',
]

describe('no return leads anywhere else', () => {
  test('60 spellings and more, through Stepgate and back', () => {
    assert.ok(new Set(SPELLINGS).size >= 60)
    let sent = 0
    for (const path of SPELLINGS) {
      const http = { ...NAVIGATION, path }
      if (reading(http).kind === 'refused') continue
      const to = sentTo(http) ?? assert.fail(path)
      assert.equal(to.origin + to.pathname, PAGE)
      const visit = readVisit(to.searchParams, PAGE_KNOWS, NOW)
      assert.equal(visit?.returnTo.origin, 'https://portal.example.com', path)
      assert.match(to.searchParams.get('return_to') ?? '', /^\/(?![/\\])/)
      sent++
    }
    assert.ok(sent > 10, 'most are refused as ambiguous, and some are plain paths')
  })

  test('the same, signed by somebody who has the key, at the page', () => {
    let refused = 0
    for (const path of SPELLINGS) {
      const request = {
        ...accepted(NAVIGATION),
        path: { text: path, segments: [] },
        query: new Map(),
      }
      const to = entryUrl(REDIRECT, request, NO_WISH, MOMENT)
      const visit = to === null ? null : readVisit(new URL(to).searchParams, PAGE_KNOWS, NOW)
      if (visit === null) refused++
      else assert.equal(visit.returnTo.origin, 'https://portal.example.com', path)
    }
    assert.ok(refused > 15 && refused < SPELLINGS.length, String(refused))
  })

  test('any path that is read, and any query, come back as they were', () => {
    const segment = fc.string({ unit: 'binary', minLength: 1 }).map(encodeWell)
    const pair = fc.tuple(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }))
    fc.assert(
      fc.property(
        fc.array(segment, { maxLength: 4 }),
        fc.array(pair, { maxLength: 3 }),
        (segments, pairs) => {
          const query = new URLSearchParams(
            pairs.map(([name, value]) => [name, value] as [string, string]),
          )
          const http = { ...NAVIGATION, path: `/${segments.join('/')}?${query}` }
          const read = reading(http)
          const to = read.kind === 'request' ? sentTo(http) : null
          if (read.kind !== 'request' || to === null) return
          const visit = readVisit(to.searchParams, PAGE_KNOWS, NOW) ?? assert.fail(to.href)
          assert.equal(visit.returnTo.origin, 'https://portal.example.com')
          assert.equal(visit.returnTo.pathname, read.request.path.text)
          assert.deepEqual(asMap(visit.returnTo.searchParams), asMap(query))
        },
      ),
      { numRuns: 300 },
    )
  })
})

function encodeWell(text: string): string {
  return encodeURIComponent(text.toWellFormed())
}

function asMap(query: URLSearchParams) {
  return Object.fromEntries([...query.keys()].map((name) => [name, query.getAll(name)]))
}
