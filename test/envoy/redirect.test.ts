import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { HttpRequest } from '../../src/envoy/wire.ts'
import { NAVIGATION, SETTINGS, sentTo, tell } from './dialect-support.ts'
import { lines } from './read-support.ts'
import { STEP_UP } from './samples.ts'

const page = (...headers: (readonly [string, string])[]) => ({
  ...NAVIGATION,
  ...lines(...headers),
})
const HTML = ['accept', 'text/html,application/xhtml+xml,*/*;q=0.8'] as const
const NAVIGATE = ['sec-fetch-mode', 'navigate'] as const
const PRERENDER = ['sec-purpose', 'prefetch;prerender'] as const
const DOCUMENT = ['sec-fetch-dest', 'document'] as const

describe('only a browser that is about to show a page is sent elsewhere', () => {
  const cases: [string, HttpRequest, boolean][] = [
    ['a navigation', page(NAVIGATE, DOCUMENT), true],
    ['a navigation, whatever it accepts', page(NAVIGATE, DOCUMENT, ['accept', '*/*']), true],
    ['HEAD', { ...NAVIGATION, method: 'HEAD' }, true],
    ['an old browser', page(HTML), true],
    [
      'an old browser that would rather have JSON',
      page(['accept', 'application/json, TEXT/HTML;q=0.1']),
      true,
    ],
    ['nothing is said', page(), false],
    ['anything is accepted', page(['accept', '*/*']), false],
    ['any text is accepted', page(['accept', 'text/*']), false],
    ['JSON is accepted', page(['accept', 'application/json']), false],
    ['HTML is not accepted', page(['accept', 'text/html;q=0, */*']), false],
    ['a longer type', page(['accept', 'text/html-sandboxed']), false],
    ['a fetch', page(['sec-fetch-mode', 'cors'], ['sec-fetch-dest', 'empty'], HTML), false],
    ['a frame', page(NAVIGATE, ['sec-fetch-dest', 'iframe'], HTML), false],
    ['half of the word', page(NAVIGATE, HTML), false],
    ['the other half', page(DOCUMENT, HTML), false],
    ['twice', page(NAVIGATE, NAVIGATE, DOCUMENT, HTML), false],
    ['a token', page(NAVIGATE, DOCUMENT, ['authorization', 'Bearer x']), false],
    ['other credentials', page(NAVIGATE, DOCUMENT, ['authorization', 'Basic x']), false],
    ['a token in the query', { ...NAVIGATION, path: '/v1?access_token=x' }, false],
    ['XMLHttpRequest', page(['x-requested-with', 'XMLHttpRequest'], HTML), false],
    ['a page fetched in advance', page(NAVIGATE, DOCUMENT, ['sec-purpose', 'prefetch']), false],
    ['a page rendered in advance', page(NAVIGATE, DOCUMENT, PRERENDER), false],
    ['the same before it had its name', page(HTML, ['purpose', 'prefetch']), false],
    ['a WebSocket', page(HTML, ['upgrade', 'websocket']), false],
    ['gRPC-Web', page(HTML, ['content-type', 'application/grpc-web+proto']), false],
    ['POST', { ...NAVIGATION, method: 'POST' }, false],
    ['PUT', { ...NAVIGATION, method: 'PUT' }, false],
    ['a preflight', { ...NAVIGATION, method: 'OPTIONS' }, false],
    ['a host that was not opted in', { ...NAVIGATION, host: 'api.example.com' }, false],
    ['a host that ends alike', { ...NAVIGATION, host: 'evil-portal.example.com' }, false],
    ['a host below', { ...NAVIGATION, host: 'a.portal.example.com' }, false],
    ['the step-up page itself', { ...NAVIGATION, path: '/step-up?host=portal.example.com' }, false],
    ['a long query', { ...NAVIGATION, path: `/v1?q=${'x'.repeat(2000)}` }, false],
  ]
  for (const [name, http, sent] of cases) {
    test(`${name}: ${sent ? 'sent' : 'told'}`, () => {
      assert.equal(sentTo(http) !== null, sent)
      const { http: status, headers } = tell(STEP_UP, 'redirect', {
        http,
      })
      assert.equal(status, sent ? 302 : 401)
      assert.deepEqual(
        ['location', 'www-authenticate'].filter((name) => name in headers),
        [sent ? 'location' : 'www-authenticate'],
      )
      assert.equal(headers['cache-control'], 'no-store')
    })
  }

  test('the step-up page is known in whatever spelling it is configured', () => {
    const redirect = {
      ...(SETTINGS.redirect ?? assert.fail()),
      to: 'https://portal.example.com./st%65p-up',
    }
    const page = { ...NAVIGATION, path: '/step-up' }
    assert.equal(sentTo(page, { ...SETTINGS, redirect }), null)
    assert.match(String(sentTo(NAVIGATION, { ...SETTINGS, redirect })), /^https:/)
  })

  test('where nobody is redirected, nobody is', () => {
    assert.equal(sentTo(NAVIGATION, { ...SETTINGS, redirect: null }), null)
  })
})
