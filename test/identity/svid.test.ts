import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { AccessRequest } from '../../src/domain/access-request.ts'
import { outcomeOf } from './dpop-world.ts'
import { ID, LONG, pem, shown, uri, withSource, world } from './svid-world.ts'
import { CLAIMS, NOW, request, token } from './tokens.ts'

const SHOWN: readonly (readonly [string, AccessRequest, string])[] = [
  ['an SVID', shown(uri(ID)), 'authenticated'],
  [
    'an SVID with a DNS name',
    shown({
      names: [
        ['DNS', 'robot'],
        ['URI', ID],
      ],
    }),
    'authenticated',
  ],
  ['the longest id', shown(uri(LONG)), 'authenticated'],
  ['no certificate', request(), 'anonymous'],
  ['a certificate without names', shown({}), 'anonymous'],
  ['a certificate with a DNS name', shown({ names: [['DNS', 'robot']] }), 'anonymous'],
  ['another URI', shown(uri('https://robot.example.org/')), 'anonymous'],
  [
    'a DNS name that looks like a URI beside it',
    shown({ names: [['DNS', `a, URI:${ID}`]] }, { principal: '' }),
    'anonymous',
  ],
  ['another trust domain', shown(uri('spiffe://test.example.org/robot')), 'unknown-trust-domain'],
  [
    'two ids',
    shown({
      names: [
        ['URI', ID],
        ['URI', `${ID}2`],
      ],
    }),
    'svid-invalid',
  ],
  [
    'the same id twice',
    shown({
      names: [
        ['URI', ID],
        ['URI', ID],
      ],
    }),
    'svid-invalid',
  ],
  [
    'an id and another URI',
    shown({
      names: [
        ['URI', ID],
        ['URI', 'urn:x'],
      ],
    }),
    'svid-invalid',
  ],
  [
    'another URI and an id',
    shown({
      names: [
        ['URI', 'urn:x'],
        ['URI', ID],
      ],
    }),
    'svid-invalid',
  ],
  ['an authority', shown({ ...uri(ID), authority: true }), 'svid-invalid'],
  ['the trust domain itself', shown(uri('spiffe://prod.example.org')), 'svid-invalid'],
  ['a slash at the end', shown(uri(`${ID}/`)), 'svid-invalid'],
  ['an empty segment', shown(uri('spiffe://prod.example.org//robot')), 'svid-invalid'],
  ['a dot segment', shown(uri('spiffe://prod.example.org/a/../robot')), 'svid-invalid'],
  ['an escape', shown(uri('spiffe://prod.example.org/rob%6ft')), 'svid-invalid'],
  ['a scheme in capitals', shown(uri(ID.replace('spiffe', 'SPIFFE'))), 'svid-invalid'],
  ['a trust domain in capitals', shown(uri(ID.replace('prod', 'Prod'))), 'svid-invalid'],
  ['a port', shown(uri(ID.replace('org/', 'org:443/'))), 'svid-invalid'],
  ['a user', shown(uri(ID.replace('//', '//x@'))), 'svid-invalid'],
  ['a query', shown(uri(`${ID}?a`)), 'svid-invalid'],
  ['a fragment', shown(uri(`${ID}#a`)), 'svid-invalid'],
  ['a blank in front', shown(uri(` ${ID}`)), 'svid-invalid'],
  ['a comma', shown(uri(`${ID},a`)), 'svid-invalid'],
  ['a letter beyond ASCII', shown(uri(`${ID}\u00e9`)), 'svid-invalid'],
  ['a NUL', shown(uri(`${ID}\0`)), 'svid-invalid'],
  ['one letter too many', shown(uri(`${LONG}a`)), 'svid-invalid'],
  ['no scheme but the beginning', shown(uri('spiffe:robot')), 'svid-invalid'],
  ['an SVID that Envoy reads otherwise', shown(uri(ID), { principal: `${ID}2` }), 'svid-invalid'],
  ['an SVID in which Envoy read nothing', shown(uri(ID), { principal: '' }), 'svid-invalid'],
  ['an id that only Envoy has read', shown({}, { principal: ID }), 'svid-invalid'],
  ['an id without the certificate', withSource({ principal: ID }), 'svid-invalid'],
  [
    'two certificates',
    shown(uri(ID), { certificate: pem(uri(ID)) + pem(uri(ID)) }),
    'svid-invalid',
  ],
  ['what is no certificate', shown(uri(ID), { certificate: 'x' }), 'svid-invalid'],
  [
    'a certificate cut off',
    shown(uri(ID), { certificate: pem(uri(ID)).slice(0, 300) }),
    'svid-invalid',
  ],
  [
    'more than any certificate',
    shown(uri(ID), { certificate: 'A'.repeat(16_385) }),
    'svid-invalid',
  ],
]

suite('who calls without a token, with', () => {
  for (const [name, asked, expected] of SHOWN) {
    test(`${name}: ${expected}`, async () => {
      const { identify, results } = world()
      // Twice: it is known the second time.
      for (const _ of [1, 2]) assert.equal(outcomeOf(await identify(asked)), expected)
      const result = expected === 'authenticated' ? 'ok' : expected
      assert.deepEqual(results, expected === 'anonymous' ? [] : [result, result])
    })
  }

  test('an SVID, is a workload that has not logged in', async () => {
    const identity = await world().identify(shown(uri(ID)))
    assert.ok(identity.kind === 'authenticated')
    assert.deepEqual(identity.subject, { issuer: 'mesh', id: ID, workload: true, claims: {} })
    const { proof, tolerance, ...login } = identity.login
    assert.deepEqual([proof, tolerance.leeway, login], ['acr', 0, {}])
  })

  test('anything, is nobody where no trust domain is known', async () => {
    const { identify } = world('source', new Map())
    for (const asked of [shown(uri(ID)), withSource({ principal: ID })])
      assert.equal(outcomeOf(await identify(asked)), 'anonymous')
  })
})

suite('a request with a token', () => {
  const TOKENS: readonly (readonly [string, string, string])[] = [
    ['a good one', `Bearer ${token()}`, 'authenticated'],
    ['one that has expired', `Bearer ${token({ ...CLAIMS, exp: NOW - 60 })}`, 'expired'],
    ['an opaque one', 'Bearer x', 'malformed'],
    ['an empty one', 'Bearer ', 'not-bearer'],
    ['an empty header', '', 'not-bearer'],
    ['another scheme', 'Basic YTpi', 'not-bearer'],
  ]
  for (const [name, authorization, expected] of TOKENS) {
    test(`${name}: is judged by it, whatever the certificate: ${expected}`, async () => {
      const { headers } = request(authorization)
      const identity = await world().identify({ ...shown(uri(ID)), headers })
      assert.equal(outcomeOf(identity), expected)
      if (identity.kind === 'authenticated') assert.equal(identity.subject.issuer, 'idp')
    })
  }
})
