import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { readSecrets } from '../../src/settings/read-secrets.ts'
import { codesOf, IDP, mistakesOf, settingsOf } from './reading.ts'

const REDIRECT =
  '{ to: "https://portal.example.com/step-up", hosts: [portal.example.com], key: "env:K" }'
const withChallenge = (yaml: string) => `${IDP}\nchallenge: ${yaml}`
const entry = (yaml: string) => withChallenge(`{ dialects: [{ ${yaml} }] }`)
const redirect = (key: string, value: string) => {
  const given = { to: 'https://p.example/s', hosts: '[p.example]', key: 'env:K', [key]: value }
  const text = Object.entries(given).map(
    ([name, one]) => `${name}: ${name === 'hosts' ? one : JSON.stringify(one)}`,
  )
  return withChallenge(`{ default: redirect, redirect: { ${text.join(', ')} } }`)
}

suite('settings of challenges', () => {
  test('RFC 9470 for everybody, unless something else is said', () => {
    const { challenge } = settingsOf(IDP)
    assert.deepEqual([challenge.default, challenge.dialects], ['rfc9470', []])
    assert.equal(challenge.redirect, undefined)
  })

  test('entries, in their order, with names as requests have them', () => {
    const yaml = `{ dialects: [{ when_header: { X-Client: Portal }, dialect: redirect },
      { when_issuer: idp, when_host: API.example.com, dialect: okta }], redirect: ${REDIRECT} }`
    const { challenge } = settingsOf(withChallenge(yaml))
    assert.deepEqual(challenge.dialects, [
      { when_header: { 'x-client': 'Portal' }, dialect: 'redirect' },
      { when_issuer: 'idp', when_host: 'api.example.com', dialect: 'okta' },
    ])
    const { to, hosts, lasts } = challenge.redirect ?? assert.fail()
    assert.deepEqual(
      [to, hosts, lasts],
      ['https://portal.example.com/step-up', ['portal.example.com'], 600],
    )
  })

  test('single values can come from the environment', () => {
    const { challenge } = settingsOf(redirect('lasts', '5m'), {
      STEPGATE_CHALLENGE_REDIRECT_HOSTS: 'a.example,b.example',
      STEPGATE_CHALLENGE_DEFAULT: 'redirect',
    })
    assert.deepEqual(challenge.redirect?.hosts, ['a.example', 'b.example'])
  })

  const bad: [string, string, string[]][] = [
    ['a dialect that is chosen by itself', withChallenge('{ default: grpc }'), ['bad-value']],
    ['scopes', withChallenge('{ default: insufficient_scope }'), ['bad-value']],
    ['no condition', entry('dialect: okta'), ['bad-choice']],
    ['an empty condition', entry('when_header: {}, dialect: okta'), ['empty']],
    ['no dialect', entry('when_issuer: idp'), ['missing-key']],
    ['a dialect that there is not', entry('when_issuer: idp, dialect: oktta'), ['bad-value']],
    ['a header with a blank', entry('when_header: { x client: a }, dialect: okta'), ['bad-value']],
    ['a header with an empty value', entry('when_header: { x: "" }, dialect: okta'), ['empty']],
    ['a value that is a number', entry('when_header: { x: 1 }, dialect: okta'), ['wrong-type']],
    ['an issuer that there is not', entry('when_issuer: ipd, dialect: okta'), ['unknown-issuer']],
    ['a host with a port', entry('when_host: "a:1", dialect: okta'), ['bad-value']],
    ['a host with a scheme', entry('when_host: "https://a", dialect: okta'), ['bad-value']],
    ['a host with a wildcard', entry('when_host: "*.a", dialect: okta'), ['bad-value']],
    ['another key', entry('when_host: a, when_path: /a, dialect: okta'), ['unknown-key']],
    ['a redirect to nowhere', withChallenge('{ default: redirect }'), ['missing-key']],
    [
      'a redirect from a host that is not opted in',
      withChallenge(
        `{ dialects: [{ when_host: api.example.com, dialect: redirect }], redirect: ${REDIRECT} }`,
      ),
      ['without-effect'],
    ],
    ['a redirect of nobody', withChallenge(`{ redirect: ${REDIRECT} }`), ['without-effect']],
    ['a page without TLS', redirect('to', 'http://portal.example.com/'), ['bad-url']],
    ['a page with a query', redirect('to', 'https://p.example/s?a=b'), ['bad-url']],
    ['a page with a fragment', redirect('to', 'https://p.example/s#a'), ['bad-url']],
    ['a page with a password', redirect('to', 'https://a:b@p.example/'), ['bad-url']],
    ['a path', redirect('to', '/step-up'), ['bad-url']],
    ['a script', redirect('to', 'javascript:alert(1)'), ['bad-url']],
    ['no host', redirect('hosts', '[]'), ['empty']],
    ['any host', redirect('hosts', '["*"]'), ['bad-value']],
    ['a key that is written down', redirect('key', 'hunter2-hunter2-hunter2'), ['bad-secret']],
    ['a day', redirect('lasts', '24h'), ['out-of-range']],
  ]
  for (const [name, text, codes] of bad) {
    test(`${name}: ${codes}`, () => assert.deepEqual(codesOf(text), codes))
  }

  test('a mistake names what there is', () => {
    const near = mistakesOf(entry('when_issuer: ipd, dialect: okta'))
    assert.match(near, /`issuers` has no `ipd`[\s\S]*did you mean `idp`\?/)
    assert.match(
      mistakesOf(entry('when_hots: a, when_issuer: idp, dialect: okta')),
      /did you mean `when_host`\?/,
    )
    assert.match(
      mistakesOf(entry('when_header: { x client: a }, dialect: okta')),
      /^\S+:2:\d+: .*`x client` is not the name of a header[\s\S]*= a letter, then/,
    )
    assert.match(mistakesOf(withChallenge('{ default: redirect }')), /^\S+:2:1: error\[missing-key/)
    const shown = mistakesOf(redirect('key', 'hunter2-hunter2-hunter2'))
    assert.doesNotMatch(shown, /hunter2/)
  })

  test('the key is read at the start', () => {
    const settings = settingsOf(redirect('lasts', '5m'))
    const read = readSecrets(settings, { K: 'k'.repeat(16) }, () => assert.fail())
    assert.ok(read.kind === 'secrets')
    assert.deepEqual(read.secrets.redirectKey, Buffer.from('k'.repeat(16)))
    assert.equal(readSecrets(settings, { K: 'short' }, () => assert.fail()).kind, 'issues')
  })
})
