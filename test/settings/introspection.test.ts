import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { formatIssues } from '../../src/domain/issue.ts'
import { readSecrets } from '../../src/settings/read-secrets.ts'
import { codesOf, idpWith, mistakesOf, settingsOf } from './reading.ts'

const CLIENT = 'client_id: stepgate, client_secret: "env:SECRET"'
const asked = (more = '') => idpWith(`introspection: { ${CLIENT}${more && `, ${more}`} }`)

/** Two issuers that are asked, with their places. */
function two(first: string, second: string): string {
  const issuer = (name: string, token: string) =>
    `  ${name}: { issuer: "https://${name}.example.com", audiences: [api], introspection: { ${CLIENT} }${token} }`
  return `issuers:\n${issuer('a', first)}\n${issuer('b', second)}\n`
}

suite('introspection', () => {
  test('is off, and has defaults where it is on', () => {
    assert.equal(settingsOf(idpWith('leeway: 5s')).issuers[0]?.introspection, undefined)
    assert.deepEqual(settingsOf(asked()).issuers[0]?.introspection, {
      client_id: 'stepgate',
      client_secret: { env: 'SECRET' },
      cache: 30,
      deadline: 0.1,
    })
  })

  test('can come from the environment', () => {
    const env = { STEPGATE_ISSUERS_IDP_INTROSPECTION_ENDPOINT: 'https://idp.example.com/ask' }
    const [issuer] = settingsOf(asked(), env).issuers
    assert.equal(issuer?.introspection?.endpoint, 'https://idp.example.com/ask')
  })

  const mistakes: readonly (readonly [string, string])[] = [
    ['endpoint: "http://idp.example.com/ask"', 'bad-url'],
    ['endpoint: "ftp://127.0.0.1/ask"', 'bad-url'],
    ['endpoint: /ask', 'bad-url'],
    ['endpoint: "https://a:b@idp.example.com/ask"', 'bad-url'],
    ['endpoint: "https://idp.example.com/ask#x"', 'bad-url'],
    ['cache: 6m', 'out-of-range'],
    ['deadline: 0s', 'out-of-range'],
    ['deadline: 2s', 'out-of-range'],
    ['jwt: true', 'unknown-key'],
  ]
  for (const [yaml, code] of mistakes) {
    test(`${yaml}: ${code}`, () => assert.deepEqual(codesOf(asked(yaml)), [code]))
  }

  test('over http is for loopback', () => {
    const [issuer] = settingsOf(asked('endpoint: "http://127.0.0.1:1/ask"')).issuers
    assert.equal(issuer?.introspection?.endpoint, 'http://127.0.0.1:1/ask')
  })

  test('has no effect on tokens that Envoy verifies', () => {
    const yaml = `token: { metadata: x }\n    introspection: { ${CLIENT} }`
    assert.deepEqual(codesOf(idpWith(yaml)), ['without-effect'])
  })

  test('of two issuers in one place is a mistake, in two places none', () => {
    const same: readonly (readonly [string, string])[] = [
      ['', ''],
      ['', ', token: {}'],
      ['', ', token: { from: authorization }'],
      [', token: { header: x-token }', ', token: { header: X-Token }'],
      [', token: { cookie: session }', ', token: { cookie: session }'],
    ]
    for (const [first, second] of same)
      assert.deepEqual(codesOf(two(first, second)), ['several-introspect'], second)
    const apart: readonly (readonly [string, string])[] = [
      ['', ', token: { header: x-token }'],
      [', token: { cookie: session }', ', token: { cookie: Session }'],
    ]
    for (const [first, second] of apart)
      assert.equal(settingsOf(two(first, second)).issuers.length, 2, second)
  })

  test('a secret that is written down is refused and not shown, beside a mistake too', () => {
    for (const yaml of ['client_secret: hunter2', 'client_secret: hunter2, cache: 9m']) {
      const text = mistakesOf(idpWith(`introspection: { client_id: x, ${yaml} }`))
      assert.match(text, /error\[bad-secret\]/)
      assert.doesNotMatch(text, /hunter2/)
    }
  })

  test('the secret is read with the others, and missed at the start', () => {
    const settings = settingsOf(asked())
    const found = readSecrets(settings, { SECRET: 'short\n' }, () => assert.fail())
    assert.ok(found.kind === 'secrets')
    assert.deepEqual([...found.secrets.introspection], [['idp', 'short']])
    const missed = readSecrets(settings, {}, () => assert.fail())
    assert.ok(missed.kind === 'issues')
    assert.match(
      formatIssues(missed.issues),
      /`issuers.idp.introspection.client_secret`: the variable SECRET is not set/,
    )
  })
})
