import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { formatIssues } from '../../src/domain/issue.ts'
import { readSecrets } from '../../src/settings/read-secrets.ts'
import { codesOf, IDP, mistakesOf, settingsOf } from './reading.ts'

const OKTA =
  'issuer: "https://okta.example.com", audience: "https://stepgate.example.com", keys: { jwks_uri: "https://okta.example.com/keys" }'
const signals = (streams: string, more = '') =>
  `${IDP}\nshared_signals: { ${more} streams: { ${streams} } }`
const okta = (more: string, beside = '') => signals(`okta: { ${OKTA}, ${more} }`, beside)
const PUSH = 'push: { authorization: "env:OKTA" }'
const POLL = 'poll: { url: "https://okta.example.com/poll", token: "file:/token", every: 30s }'

suite('shared signals', () => {
  test('without them nobody is listened to', () => {
    assert.equal(settingsOf(IDP).shared_signals, undefined)
  })

  test('a stream is pushed to its name on loopback, unless the settings say otherwise', () => {
    assert.deepEqual(settingsOf(okta('push: {}')).shared_signals, {
      listen: { host: '127.0.0.1', port: 9192, text: '127.0.0.1:9192' },
      streams: {
        okta: {
          issuer: 'https://okta.example.com',
          audience: 'https://stepgate.example.com',
          keys: { from: 'jwks_uri', uri: 'https://okta.example.com/keys' },
          algorithms: ['RS256', 'ES256'],
          leeway: 60,
          delivery: { push: {} },
        },
      },
    })
  })

  test('or polled', () => {
    const { streams } = settingsOf(okta(`subjects: idp, ${POLL}`)).shared_signals ?? assert.fail()
    assert.equal(streams.okta?.subjects, 'idp')
    assert.deepEqual(streams.okta?.delivery, {
      poll: { url: 'https://okta.example.com/poll', token: { file: '/token' }, every: 30 },
    })
  })

  const two = (one: string, other: string) =>
    signals(`a: { ${OKTA}, push: { ${one} } }, b: { ${OKTA}, push: { ${other} } }`)
  const mistakes: readonly (readonly [string, string, string])[] = [
    ['no streams', `${IDP}\nshared_signals: {}`, 'missing-key'],
    ['neither push nor poll', okta('leeway: 5s'), 'bad-choice'],
    ['push and poll', okta(`${PUSH}, ${POLL}`), 'bad-choice'],
    [
      'no audience',
      signals(`okta: { ${OKTA.replace(/audience.*?, /, '')}, ${PUSH} }`),
      'missing-key',
    ],
    ['no keys', signals(`okta: { ${OKTA.replace(/, keys.*/, '')}, ${PUSH} }`), 'missing-key'],
    [
      'keys nowhere',
      signals(`okta: { ${OKTA.replace(/keys.*/, 'keys: {}')}, ${PUSH} }`),
      'bad-keys',
    ],
    ['no algorithm', okta(`algorithms: [], ${PUSH}`), 'empty'],
    ['unsigned', okta(`algorithms: [none], ${PUSH}`), 'bad-algorithm'],
    ['a shared secret', okta(`algorithms: [HS256], ${PUSH}`), 'bad-algorithm'],
    ['subjects of nobody', okta(`subjects: ipd, ${PUSH}`), 'unknown-issuer'],
    ['a wrong name', signals(`Okta: { ${OKTA}, ${PUSH} }`), 'bad-name'],
    ['nobody who tells', signals(''), 'empty'],
    ['a name that is lost', signals(`__proto__: { ${OKTA}, ${PUSH} }`), 'empty'],
    ['a misspelt key', okta('psh: {}, push: {}'), 'unknown-key'],
    ['a misspelt key below', okta('push: { paht: /x }'), 'unknown-key'],
    ['a path with a query', okta('push: { path: "/x?y" }'), 'bad-value'],
    ['a path without a slash', okta('push: { path: x }'), 'bad-value'],
    ['one path twice', two('path: /x', 'path: /x'), 'bad-choice'],
    ['a path that is another’s name', two('path: /b', ''), 'bad-choice'],
    ['a poll in the clear', okta('poll: { url: "http://okta.example.com/poll" }'), 'bad-value'],
    ['a poll with a password', okta('poll: { url: "https://u:p@okta.example.com" }'), 'bad-value'],
    ['polling all the time', okta('poll: { url: "https://x.example", every: 0s }'), 'out-of-range'],
    [
      'a secret in its place',
      okta('push: { authorization: "Bearer hunter2-hunter2" }'),
      'bad-secret',
    ],
    [
      'a token in its place',
      okta('poll: { url: "https://x.example", token: hunter2 }'),
      'bad-secret',
    ],
    ['others reach it', okta('push: {}', 'listen: "0.0.0.0:9192",'), 'bad-choice'],
    ['others reach it by a name', okta('push: {}', 'listen: "signals.example:1",'), 'bad-choice'],
  ]
  for (const [name, yaml, code] of mistakes) {
    test(`${name}: ${code}`, () => {
      assert.deepEqual(codesOf(yaml), [code])
      assert.doesNotMatch(mistakesOf(yaml), /hunter2|u:p/)
    })
  }

  test('a secret beside a mistake is not shown either', () => {
    assert.doesNotMatch(
      mistakesOf(okta('psh: {}, push: { authorization: hunter2-hunter2 }')),
      /hunter2/,
    )
    assert.doesNotMatch(mistakesOf(okta('authorization: hunter2-hunter2, push: {}')), /hunter2/)
  })

  test('others may reach it with an authorization, and everybody loopback without', () => {
    settingsOf(okta(PUSH, 'listen: "0.0.0.0:9192",'))
    for (const host of ['127.0.0.2', 'localhost', '[::1]'])
      settingsOf(okta('push: {}', `listen: "${host}:9192",`))
    settingsOf(okta(POLL, 'listen: "0.0.0.0:9192",'))
  })

  test('every value can come from the environment, by the name of the stream', () => {
    const env = {
      STEPGATE_SHARED_SIGNALS_LISTEN: '127.0.0.1:9999',
      STEPGATE_SHARED_SIGNALS_STREAMS_OKTA_ISSUER: 'https://other.example.com',
      STEPGATE_SHARED_SIGNALS_STREAMS_OKTA_PUSH_AUTHORIZATION: 'env:OTHER',
    }
    const { listen, streams } = settingsOf(okta(PUSH), env).shared_signals ?? assert.fail()
    assert.equal(listen.port, 9999)
    assert.equal(streams.okta?.issuer, 'https://other.example.com')
    assert.deepEqual(streams.okta?.delivery, { push: { authorization: { env: 'OTHER' } } })
    const unknown = { STEPGATE_SHARED_SIGNALS_STREAMS_OTHER_ISSUER: 'https://x.example' }
    assert.match(mistakesOf(okta(PUSH), unknown), /unknown variable/)
  })
})

suite('the secrets of shared signals', () => {
  const settings = settingsOf(
    signals(
      `okta: { ${OKTA}, ${PUSH} }, partner: { ${OKTA}, ${POLL} }, open: { ${OKTA}, push: {} }`,
    ),
  )
  const secretsOf = (authorization: string, token: string) =>
    readSecrets(settings, { OKTA: authorization }, () => Buffer.from(token))

  test('are read by stream: a whole header, or a token', () => {
    const read = secretsOf('Bearer of-sixteen-bytes\n', 'a-token-of-sixteen-bytes\n')
    assert.ok(read.kind === 'secrets')
    assert.deepEqual(read.secrets.signals, {
      tlsKey: null,
      streams: new Map([
        ['okta', 'Bearer of-sixteen-bytes'],
        ['partner', 'a-token-of-sixteen-bytes'],
      ]),
    })
  })

  test('are nothing that can be guessed, or that no header can have', () => {
    for (const authorization of [
      'Bearer hunter2',
      'Bearer hunter2-hunt\r\ner2',
      ' Bearer hunter2-hunter2',
      'Bearer hünter2-hünter2',
    ]) {
      const read = secretsOf(authorization, 'a token with blanks')
      assert.ok(read.kind === 'issues')
      const shown = formatIssues(read.issues)
      assert.match(shown, /`shared_signals.streams.okta.push.authorization`/)
      assert.match(shown, /`shared_signals.streams.partner.poll.token`/)
      assert.doesNotMatch(shown, /h.nter2/)
    }
  })

  test('are read for a certificate too', () => {
    const tls = settingsOf(okta(PUSH, 'tls: { cert: c.pem, key: "env:K" },'))
    const read = readSecrets(tls, { OKTA: 'Bearer of-sixteen-bytes', K: 'no key' }, () =>
      assert.fail(),
    )
    assert.ok(read.kind === 'issues')
    assert.match(formatIssues(read.issues), /`shared_signals.tls.key`: this is no private key/)
  })
})
