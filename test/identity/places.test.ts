import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { AccessRequest } from '../../src/domain/access-request.ts'
import type { Identify } from '../../src/identity/identify.ts'
import type { Issuer } from '../../src/identity/issuer.ts'
import { CLAIMS, ISSUER, request, token } from './tokens.ts'
import { world } from './world.ts'

const FILTER = 'envoy.filters.http.jwt_authn'
const PLACES = {
  idp: { from: 'authorization' },
  header: { header: 'x-token' },
  cookie: { cookie: '__Host-session' },
  envoy: { metadata: FILTER },
} as const

type Name = keyof typeof PLACES

/** One issuer for each place. */
const ISSUERS = Object.entries(PLACES).map(([name, place]): Issuer => {
  return { ...ISSUER, name, issuer: urlOf(name), token: place }
})

/** A request with these headers, a list for several lines of one name, and what a filter left. */
function asking(headers: Record<string, string | string[]>, left: object = {}): AccessRequest {
  const lines = Object.entries(headers).map(([name, value]) => [name, [value].flat()] as const)
  const metadata = new Map([[FILTER, { ...left }]])
  return { ...request(), headers: new Map(lines), metadata }
}

function urlOf(name: string): string {
  return `https://${name}.example.com`
}

function claimsOf(name: Name, more: object = {}): object {
  return { ...CLAIMS, iss: urlOf(name), ...more }
}

const [a, h, c, e] = (['idp', 'header', 'cookie', 'envoy'] as const).map((name) =>
  token(JSON.stringify(claimsOf(name))),
) as [string, string, string, string]
const payload = claimsOf('envoy')

/** The name of the caller's issuer, the problem, or `anonymous`. */
async function outcomeOf(identify: Identify, asked: AccessRequest): Promise<string> {
  const identity = await identify(asked)
  if (identity.kind === 'authenticated') return identity.subject.issuer
  return identity.kind === 'rejected' ? identity.problem : identity.kind
}

suite('where a token is found', () => {
  const cases: [string, AccessRequest, string][] = [
    ['nowhere', asking({ cookie: 'x=y', 'x-other': a }), 'anonymous'],
    ['in Authorization', asking({ authorization: `Bearer ${a}` }), 'idp'],
    ['in the header, bare', asking({ 'x-token': h }), 'header'],
    ['in the header, as Bearer', asking({ 'x-token': `bearer  ${h} ` }), 'header'],
    ['in an empty header', asking({ 'x-token': '' }), 'malformed'],
    ['in a header of blanks', asking({ 'x-token': '  ' }), 'malformed'],
    ['in a header with another scheme', asking({ 'x-token': `DPoP ${h}` }), 'malformed'],
    ['in a header with the scheme alone', asking({ 'x-token': 'Bearer' }), 'malformed'],
    ['in a header in quotes', asking({ 'x-token': `"${h}"` }), 'malformed'],
    ['in two headers', asking({ 'x-token': [h, h] }), 'several-credentials'],
    ['in two headers joined', asking({ 'x-token': `${h},${h}` }), 'several-credentials'],
    ['in a header, 8193 characters', asking({ 'x-token': 'a'.repeat(8193) }), 'too-large'],
    ['in the cookie', asking({ cookie: `__Host-session=${c}` }), 'cookie'],
    ['in the cookie, in quotes', asking({ cookie: `a=b;__Host-session="${c}" ; d` }), 'cookie'],
    ['behind a comma', asking({ cookie: `a=1,__Host-session=${c}` }), 'malformed'],
    [
      'in the cookie, on another line',
      asking({ cookie: ['a=1; b=2', `__Host-session=${c}`] }),
      'cookie',
    ],
    ['in a cookie in other case', asking({ cookie: `__host-session=${c}` }), 'anonymous'],
    ['in a cookie with a longer name', asking({ cookie: `x__Host-session=${c}` }), 'anonymous'],
    [
      'in a cookie whose value has the name',
      asking({ cookie: `a=__Host-session=${c}` }),
      'anonymous',
    ],
    ['in an empty cookie', asking({ cookie: '__Host-session=' }), 'malformed'],
    ['in a cookie of quotes', asking({ cookie: '__Host-session=""' }), 'malformed'],
    ['in a cookie without value', asking({ cookie: 'a=b; __Host-session' }), 'malformed'],
    ['in a cookie with half a quote', asking({ cookie: `__Host-session="${c}` }), 'malformed'],
    ['in a cookie as Bearer', asking({ cookie: `__Host-session=Bearer ${c}` }), 'malformed'],
    ['in a percent-encoded cookie', asking({ cookie: '__Host-session=a%2Eb' }), 'malformed'],
    [
      'in a cookie, 8193 characters',
      asking({ cookie: `__Host-session=${'a'.repeat(8193)}` }),
      'too-large',
    ],
    [
      'in the same cookie twice',
      asking({ cookie: `__Host-session=${c}; __Host-session=${c}` }),
      'several-credentials',
    ],
    [
      'in the same cookie on two lines, one of them empty',
      asking({ cookie: [`__Host-session=${c}`, '__Host-session=', ''] }),
      'several-credentials',
    ],
    ['in metadata', asking({}, { payload }), 'envoy'],
    [
      'in metadata at any key, beside other things',
      asking({}, { k: payload, header: { alg: 'ES256', typ: 'JWT' }, failed: { code: 5 }, n: 1 }),
      'envoy',
    ],
    ['in metadata without a payload', asking({}, { failed: { code: 5 }, s: 'iss' }), 'anonymous'],
    ['in metadata twice', asking({}, { a: payload, b: payload }), 'several-credentials'],
    ['in metadata, nested deeper', asking({}, { a: { b: payload } }), 'anonymous'],
    ['in metadata without iss', asking({}, { a: { sub: 'ada' } }), 'unknown-issuer'],
    ['in metadata, iss a number', asking({}, { a: { ...payload, iss: 1 } }), 'unknown-issuer'],
    ['in metadata as text', asking({}, { a: JSON.stringify(payload) }), 'anonymous'],
    [
      'in metadata that is too much to read',
      { ...asking({}), metadata: new Map([[FILTER, null]]) },
      'too-large',
    ],
    [
      'in another filter’s metadata',
      { ...asking({}), metadata: new Map([['my.filter', { payload }]]) },
      'anonymous',
    ],
    [
      'in two places',
      asking({ authorization: `Bearer ${a}`, 'x-token': h }),
      'several-credentials',
    ],
    [
      'twice the same',
      asking({ authorization: `Bearer ${a}`, 'x-token': a }),
      'several-credentials',
    ],
    [
      'in a place, with something else in Authorization',
      asking({ authorization: 'Basic YTpi', cookie: `__Host-session=${c}` }),
      'several-credentials',
    ],
    [
      'in one place, and an empty other',
      asking({ 'x-token': '' }, { payload }),
      'several-credentials',
    ],
    [
      'by Envoy, which also forwarded it',
      asking({ authorization: `Bearer ${e}` }, { payload }),
      'several-credentials',
    ],
    ['everywhere', asking({ authorization: a, 'x-token': h, cookie: c }), 'several-credentials'],
  ]
  const { identify } = world({ issuers: ISSUERS })
  for (const [name, asked, expected] of cases) {
    test(`${name}: ${expected}`, async () =>
      assert.equal(await outcomeOf(identify, asked), expected))
  }
})

suite('a token belongs into the place that its issuer uses', () => {
  const ways: [Name, (jwt: string) => AccessRequest][] = [
    ['idp', (jwt) => asking({ authorization: `Bearer ${jwt}` })],
    ['header', (jwt) => asking({ 'x-token': jwt })],
    ['cookie', (jwt) => asking({ cookie: `__Host-session=${jwt}` })],
  ]
  for (const [place, ask] of ways) {
    for (const [issuer, jwt] of Object.entries({ idp: a, header: h, cookie: c, envoy: e })) {
      const expected = issuer === place ? issuer : 'wrong-place'
      test(`of ${issuer} in the place of ${place}: ${expected}`, async () => {
        const { identify } = world({ issuers: ISSUERS })
        assert.equal(await outcomeOf(identify, ask(jwt)), expected)
      })
    }
  }

  for (const name of ['idp', 'header', 'cookie'] as const) {
    test(`claims of ${name} in metadata: wrong-place`, async () => {
      const { identify } = world({ issuers: ISSUERS })
      assert.equal(await outcomeOf(identify, asking({}, { a: claimsOf(name) })), 'wrong-place')
    })
  }

  test('also when it is known from the right place', async () => {
    const { identify, results } = world({ issuers: ISSUERS })
    assert.equal(await outcomeOf(identify, asking({ 'x-token': h })), 'header')
    assert.equal(await outcomeOf(identify, asking({ authorization: `Bearer ${h}` })), 'wrong-place')
    assert.equal(await outcomeOf(identify, asking({ 'x-token': h })), 'header')
    assert.deepEqual(results, ['ok', 'wrong-place', 'cached'])
  })

  test('also while its issuer has no keys yet', async () => {
    const { identify } = world({ issuers: ISSUERS, keys: null })
    assert.equal(await outcomeOf(identify, asking({ authorization: `Bearer ${h}` })), 'wrong-place')
    assert.equal(await outcomeOf(identify, asking({ authorization: `Bearer ${e}` })), 'wrong-place')
    assert.equal(await outcomeOf(identify, asking({ authorization: `Bearer ${a}` })), 'unavailable')
  })

  test('places that no issuer uses are not looked at', async () => {
    const { identify } = world()
    const elsewhere = asking({ 'x-token': h, cookie: `__Host-session=${c}` }, { payload })
    assert.equal(await outcomeOf(identify, elsewhere), 'anonymous')
  })
})
