import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { formatIssues } from '../../src/domain/issue.ts'
import { readSecrets } from '../../src/settings/read-secrets.ts'
import { IDP, idpWith, mistakesOf, settingsOf } from './reading.ts'

const withIdp = (yaml: string) => `${IDP}\n${yaml}`

suite('secrets', () => {
  const SECRET = 'hunter2-hunter2-hunter2'
  const written: [string, string, Record<string, string>][] = [
    ['a key', `session: { fingerprint: { key: ${SECRET} } }`, {}],
    ['a key of digits', 'session: { fingerprint: { key: 123456789012345678901234567890 } }', {}],
    ['a key beside a mistake', `session: { fingerprint: { of: [x], key: ${SECRET} } }`, {}],
    ['the key of a cookie', `device: { from: [{ cookie: d, key: ${SECRET} }] }`, {}],
    ['an address', `state: { redis: { url: "redis://:${SECRET}@h:1" } }`, {}],
    ['a variable', '', { STEPGATE_SESSION_FINGERPRINT_KEY: SECRET }],
    ['a reference without name', `session: { fingerprint: { key: "env:9${SECRET}" } }`, {}],
  ]
  for (const [name, yaml, env] of written) {
    test(`${name} that is written down is refused and not shown`, () => {
      const shown = mistakesOf(withIdp(yaml), env)
      assert.match(shown, /error\[(?:bad-secret|wrong-type)\]/)
      assert.doesNotMatch(shown, /hunter2|123456/)
    })
  }

  const misspelt = [
    `client_secrett: ${SECRET}`,
    `client-secret: ${SECRET}`,
    `clientSecret: "${SECRET}"`,
    `password: ${SECRET}`,
    `signing-key: ${SECRET}`,
    `endpoint: "https://me:${SECRET}@idp.example.com/ask"`,
  ]
  for (const yaml of misspelt) {
    test(`where none is expected is not shown: ${yaml}`, () => {
      const given = `introspection: { client_id: a, client_secret: "env:S", ${yaml} }`
      assert.doesNotMatch(mistakesOf(idpWith(given)), /hunter2/)
    })
  }

  const settings = settingsOf(
    withIdp(`
device: { from: [{ claim: c }, { cookie: d, key: "env:DEVICE" }, { cookie: d, key: "file:/old" }] }
session: { fingerprint: { key: "env:FINGERPRINT" } }
bound_tokens: { dpop: { nonce: { key: "env:NONCE" } } }
state: { redis: { url: "file:/url" } }`),
  )
  const ENV = { DEVICE: 'a'.repeat(16), FINGERPRINT: `${'b'.repeat(16)}\n`, NONCE: 'n'.repeat(16) }
  const FILES: Record<string, string> = { '/old': `${'ü'.repeat(8)}\r\n`, '/url': 'rediss://u:p@h' }
  const reading = (files: Record<string, string | Uint8Array>) => (path: string) => {
    const found = files[path]
    if (found === undefined) throw new Error(`ENOENT ${SECRET}`)
    return Buffer.from(found)
  }

  test('authorities of TLS for a Redis without it are a mistake', () => {
    const plain = settingsOf(withIdp('state: { redis: { url: "env:URL", ca: ca.pem } }'))
    const read = readSecrets(plain, { URL: 'redis://h:6379' }, reading({}))
    assert.ok(read.kind === 'issues')
    assert.match(formatIssues(read.issues), /`state.redis.url`: `ca` is given.*write rediss:/)
    assert.equal(readSecrets(plain, { URL: 'rediss://h:6379' }, reading({})).kind, 'secrets')
  })

  test('they are read out of variables and files, without the line break at the end', () => {
    assert.deepEqual(readSecrets(settings, ENV, reading(FILES)), {
      kind: 'secrets',
      secrets: {
        deviceSources: [
          { claim: 'c' },
          { cookie: 'd', key: Buffer.from('a'.repeat(16)) },
          { cookie: 'd', key: Buffer.from('ü'.repeat(8)) },
        ],
        fingerprintKey: Buffer.from('b'.repeat(16)),
        redisUrl: 'rediss://u:p@h',
        audit: null,
        admin: { token: null, tlsKey: null },
        nonceKey: Buffer.from('n'.repeat(16)),
        redirectKey: null,
        introspection: new Map(),
        signals: null,
      },
    })
  })

  test('without any, nothing is read', () => {
    const secrets = {
      deviceSources: [],
      fingerprintKey: null,
      redisUrl: null,
      audit: null,
      admin: { token: null, tlsKey: null },
      nonceKey: null,
      redirectKey: null,
      introspection: new Map(),
      signals: null,
    }
    const read = readSecrets(settingsOf(IDP), {}, () => assert.fail())
    assert.deepEqual(read, { kind: 'secrets', secrets })
  })

  const bad: [string, object, Record<string, string | Uint8Array>, RegExp][] = [
    [
      'no variable',
      { DEVICE: undefined },
      {},
      /`device\.from\.1\.key`: the variable DEVICE is not/,
    ],
    ['an empty variable', { FINGERPRINT: '' }, {}, /fingerprint\.key`: the variable FINGERPRINT/],
    ['a short key', { FINGERPRINT: SECRET.slice(0, 15) }, {}, /has 15 bytes, and 16 are the least/],
    ['a file with a line break only', {}, { '/old': '\n' }, /from\.2\.key`: the key is empty/],
    ['bytes', {}, { '/old': Uint8Array.of(0xff) }, /the file \/old is not UTF-8 text/],
    ['another address', {}, { '/url': `https://${SECRET}` }, /not the address of a Redis/],
    ['no address', {}, { '/url': SECRET }, /not the address of a Redis/],
  ]
  for (const [name, env, files, message] of bad) {
    test(`${name} is a mistake that shows no secret`, () => {
      const result = readSecrets(settings, { ...ENV, ...env }, reading({ ...FILES, ...files }))
      const shown = result.kind === 'issues' ? formatIssues(result.issues) : ''
      assert.match(shown, /^config\/stepgate\.yaml: error\[bad-secret\]/)
      assert.match(shown, message)
      assert.doesNotMatch(shown, /hunter2/)
    })
  }

  test('all that are missing are told at once', () => {
    const result = readSecrets(settings, {}, reading({}))
    assert.equal(result.kind === 'issues' && result.issues.length, 5)
    assert.doesNotMatch(JSON.stringify(result), /hunter2/)
  })
})
