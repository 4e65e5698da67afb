import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createChooseDialect } from '../../src/envoy/choose-dialect.ts'
import { ANONYMOUS, ada } from '../facts/asking.ts'
import { MOMENT, SETTINGS, withHeader } from './dialect-support.ts'
import { accepted } from './read-support.ts'

describe('who is challenged how', () => {
  const request = withHeader(accepted({ host: 'API.example.com:8443' }), 'x-client', 'portal')
  const entries: [string, object, boolean][] = [
    ['the header', { when_header: { 'x-client': 'portal' } }, true],
    ['another value', { when_header: { 'x-client': 'Portal' } }, false],
    ['a part of the value', { when_header: { 'x-client': 'port' } }, false],
    ['no such header', { when_header: { 'x-client': 'portal', 'x-app': 'a' } }, false],
    ['the issuer', { when_issuer: 'idp' }, true],
    ['another issuer', { when_issuer: 'entra' }, false],
    ['the host', { when_host: 'api.example.com' }, true],
    ['a host above', { when_host: 'example.com' }, false],
    [
      'all',
      { when_header: { 'x-client': 'portal' }, when_issuer: 'idp', when_host: 'api.example.com' },
      true,
    ],
    [
      'all but one',
      { when_header: { 'x-client': 'portal' }, when_issuer: 'idp', when_host: 'b.example' },
      false,
    ],
  ]
  for (const [name, conditions, fits] of entries) {
    test(`an entry for ${name} ${fits ? 'fits' : 'does not fit'}`, () => {
      const dialects = [{ ...conditions, dialect: 'okta' as const }]
      const choose = createChooseDialect({ ...SETTINGS, dialects }, () => MOMENT)
      assert.equal(choose(request, ada()).name, fits ? 'okta' : 'rfc9470')
    })
  }

  test('the first entry that fits is taken, and a header sent twice is none', () => {
    const twice = withHeader(request, 'x-client', 'portal', 'portal')
    const portal = { when_header: { 'x-client': 'portal' } }
    const dialects = [
      { ...portal, dialect: 'rfc9470' as const },
      { ...portal, dialect: 'okta' as const },
    ]
    const choose = createChooseDialect({ ...SETTINGS, default: 'okta', dialects }, () => MOMENT)
    assert.equal(choose(request, ANONYMOUS).name, 'rfc9470')
    assert.equal(choose(twice, ANONYMOUS).name, 'okta')
  })
})
