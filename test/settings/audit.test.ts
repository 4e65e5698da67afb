import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { suite, test } from 'node:test'
import { DEFAULT_MASK } from '../../src/audit/mask.ts'
import { formatIssues } from '../../src/domain/issue.ts'
import { readSecrets } from '../../src/settings/read-secrets.ts'
import { codesOf, IDP, mistakesOf, settingsOf } from './reading.ts'

const withAudit = (yaml: string) =>
  `${IDP}\naudit: { to: a.jsonl, pseudonym_key: "env:KEY"${yaml && `, ${yaml}`} }`

suite('the settings of the audit record', () => {
  test('without them there is none', () => {
    assert.equal(settingsOf(IDP).audit, undefined)
  })

  test('what is not said is complete, strict, and identifies nobody', () => {
    assert.deepEqual(settingsOf(withAudit('')).audit, {
      to: 'a.jsonl',
      when_unwritable: 'stop',
      pseudonym_key: { env: 'KEY' },
      records: { kind: 'complete' },
      sync_every: 0.2,
      mask: DEFAULT_MASK,
      policies: { folder: 'var/policies', most: 200, bytes: 64 * 1024 ** 2 },
    })
  })

  const said: [string, string, unknown][] = [
    ['records: challenged-and-denied', 'records', { kind: 'challenged-and-denied' }],
    ['records: { sampled: 0.25 }', 'records', { kind: 'sampled', share: 0.25 }],
    ['when_unwritable: go-on', 'when_unwritable', 'go-on'],
    ['sync_every: 1s', 'sync_every', 1],
    ['rotate_bytes: 2GiB', 'rotate_bytes', 2 * 1024 ** 3],
    ['signing_key: "file:/k"', 'signing_key', { file: '/k' }],
    [
      'mask: { path: hash, inputs: { request.body.seats: keep } }',
      'mask',
      { ...DEFAULT_MASK, path: 'hash', inputs: { '*': 'hash', 'request.body.seats': 'keep' } },
    ],
    ['mask: { inputs: { "*": drop } }', 'mask', { ...DEFAULT_MASK, inputs: { '*': 'drop' } }],
  ]
  for (const [yaml, name, value] of said) {
    test(yaml, () => {
      const { audit } = settingsOf(withAudit(yaml))
      assert.deepEqual((audit as unknown as Record<string, unknown>)[name], value)
    })
  }

  test('the environment can ask for a record, too', () => {
    const env = { STEPGATE_AUDIT_TO: 'b.jsonl', STEPGATE_AUDIT_PSEUDONYM_KEY: 'env:K' }
    const { audit } = settingsOf(IDP, { ...env, STEPGATE_AUDIT_MASK_PATH: 'truncate' })
    assert.deepEqual([audit?.to, audit?.mask.path], ['b.jsonl', 'truncate'])
  })

  const mistakes: [string, string[]][] = [
    [`${IDP}\naudit: { to: a }`, ['missing-key']],
    [withAudit('records: sampled'), ['bad-value']],
    [withAudit('records: { sampled: 2 }'), ['out-of-range']],
    [withAudit('when_unwritable: goon'), ['bad-value']],
    [withAudit('sync_every: 1ms'), ['out-of-range']],
    [withAudit('rotate_bytes: 10KiB'), ['out-of-range']],
    [withAudit('rotate_bytes: 256'), ['wrong-type']],
    [withAudit('rotate_bytes: 256MB'), ['bad-value']],
    [withAudit('mask: { subject: keep }'), ['bad-value']],
    [withAudit('mask: { inputs: { x: show } }'), ['bad-value']],
    [withAudit('mask: { paths: drop }'), ['unknown-key']],
    [`${IDP}\nadmin: { tokn: "env:T" }`, ['unknown-key']],
    [`${IDP}\nadmin: { tls: { cert: c } }`, ['missing-key']],
  ]
  for (const [yaml, codes] of mistakes) {
    test(`${yaml.slice(yaml.indexOf('\n') + 1)}: ${codes}`, () => {
      assert.deepEqual(codesOf(yaml), codes)
    })
  }

  const SECRET = 'hunter2-hunter2-hunter2'
  for (const yaml of [
    withAudit('').replace('env:KEY', SECRET),
    withAudit(`signing_key: ${SECRET}`),
    `${IDP}\nadmin: { token: ${SECRET} }`,
    `${IDP}\nadmin: { token: ${SECRET}, nonsense: 1 }`,
    `${IDP}\nadmin: { tls: { cert: c, key: ${SECRET} } }`,
  ]) {
    test(`a secret that is written down is not shown: ${yaml.slice(yaml.indexOf('\n') + 1)}`, () => {
      assert.doesNotMatch(mistakesOf(yaml), /hunter2/)
    })
  }
})

suite('the secrets of the audit record and the admin port', () => {
  const settings = settingsOf(`${IDP}
audit: { to: a, pseudonym_key: "env:PSEUDONYMS", signing_key: "env:SIGNING" }
admin: { token: "env:TOKEN", tls: { cert: c, key: "env:TLS" } }`)
  const pem = (type: 'ed25519' | 'x25519') =>
    generateKeyPairSync(type as 'ed25519')
      .privateKey.export({ type: 'pkcs8', format: 'pem' })
      .toString()
  const GOOD = {
    PSEUDONYMS: 'ab'.repeat(32),
    SIGNING: pem('ed25519'),
    TOKEN: 'abcdefgh.ijklmnop',
    TLS: pem('x25519'),
  }
  const read = (env: Record<string, string>) =>
    readSecrets(settings, { ...GOOD, ...env }, () => assert.fail())

  test('are read', () => {
    const { PSEUDONYMS, SIGNING, TOKEN, TLS } = GOOD
    const result = read({})
    assert.ok(result.kind === 'secrets')
    assert.deepEqual(result.secrets.audit, { pseudonyms: PSEUDONYMS, signing: SIGNING.trimEnd() })
    assert.deepEqual(result.secrets.admin, { token: TOKEN, tlsKey: TLS.trimEnd() })
  })

  const bad: [Record<string, string>, RegExp][] = [
    [{ PSEUDONYMS: 'ab'.repeat(31) }, /audit\.pseudonym_key`: this is no key of at least 32 bytes/],
    [{ PSEUDONYMS: `${'ab'.repeat(32)}z` }, /make one by `openssl rand -hex 32`/],
    [{ SIGNING: GOOD.TLS }, /audit\.signing_key`: this is no private Ed25519 key/],
    [{ SIGNING: 'x' }, /openssl genpkey -algorithm ed25519/],
    [{ TOKEN: 'short' }, /admin\.token`: the key has 5 bytes, and 16 are the least/],
    [{ TOKEN: 'with blanks and more' }, /admin\.token`: a token is letters/],
    [{ TLS: 'x' }, /admin\.tls\.key`: this is no private key in PEM/],
  ]
  for (const [env, message] of bad) {
    test(`${Object.keys(env)}: ${message}`, () => {
      const result = read(env)
      const shown = result.kind === 'issues' ? formatIssues(result.issues) : ''
      assert.match(shown, message)
      for (const value of Object.values(env)) {
        if (value.length > 8) assert.ok(!shown.includes(value))
      }
    })
  }
})
