import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { Settings } from '../../src/settings/read-settings.ts'
import { codesOf, IDP, mistakesOf, settingsOf } from './reading.ts'

const withIdp = (yaml: string) => `${IDP}\n${yaml}`

suite('settings of facts', () => {
  test('nothing is configured until somebody does', () => {
    const { data, device, session, state } = settingsOf(IDP)
    assert.deepEqual(data, { location: [] })
    assert.deepEqual(device, { from: [], remember: 180 * 86_400 })
    assert.deepEqual(session, {})
    assert.deepEqual(state, { store: 'memory' })
  })

  const cases: [string, (settings: Settings) => unknown, unknown][] = [
    ['data: { location: a.mmdb }', (s) => s.data.location, ['a.mmdb']],
    ['data: { location: [a, b], max_age: 45d }', (s) => s.data.max_age, 45 * 86_400],
    [
      'device: { from: [{ claim: a.b }, { cookie: __Host-d, key: "env:K" }, { certificate: x-forwarded-client-cert }] }',
      (s) => s.device.from,
      [
        { claim: 'a.b' },
        { cookie: '__Host-d', key: { env: 'K' } },
        { certificate: 'x-forwarded-client-cert' },
      ],
    ],
    [
      'device: { trusted: { header: X-Trusted } }',
      (s) => s.device.trusted,
      { header: 'x-trusted' },
    ],
    ['device: { trusted: { claim: managed } }', (s) => s.device.trusted, { claim: 'managed' }],
    ['device: { reputation: { file: d.jsonl } }', (s) => s.device.reputation, { file: 'd.jsonl' }],
    ['device: { remember: 30d }', (s) => s.device.remember, 30 * 86_400],
    [
      'session: { fingerprint: { key: "file:/run/k" } }',
      (s) => s.session.fingerprint,
      { of: ['user-agent', 'accept-language'], key: { file: '/run/k' } },
    ],
    [
      'session: { fingerprint: { of: [network, { header: X-JA4 }], key: "env:K" } }',
      (s) => s.session.fingerprint?.of,
      ['network', { header: 'x-ja4' }],
    ],
    ['state: { store: memory }', (s) => s.state, { store: 'memory' }],
    [
      'state: { redis: { url: "env:REDIS_URL" } }',
      (s) => s.state,
      { redis: { url: { env: 'REDIS_URL' }, prefix: 'stepgate:', cluster: false, deadline: 0.02 } },
    ],
    [
      'state: { redis: { url: "file:/u", prefix: "a:", ca: ca.pem, cluster: true, deadline: 5ms } }',
      (s) => s.state,
      {
        redis: { url: { file: '/u' }, prefix: 'a:', ca: 'ca.pem', cluster: true, deadline: 0.005 },
      },
    ],
  ]
  for (const [yaml, pick, expected] of cases) {
    test(yaml, () => assert.deepEqual(pick(settingsOf(withIdp(yaml))), expected))
  }

  test('variables give them as well', () => {
    const env = {
      STEPGATE_DATA_LOCATION: '/l.mmdb',
      STEPGATE_STATE_REDIS_URL: 'env:REDIS_URL',
      STEPGATE_DEVICE_TRUSTED_CLAIM: 'managed',
      STEPGATE_SESSION_FINGERPRINT_KEY: 'file:/k',
    }
    const { data, device, session, state } = settingsOf(IDP, env)
    assert.deepEqual(data.location, ['/l.mmdb'])
    assert.deepEqual(device.trusted, { claim: 'managed' })
    assert.deepEqual(session.fingerprint?.key, { file: '/k' })
    assert.partialDeepStrictEqual(state, { redis: { url: { env: 'REDIS_URL' } } })
  })
})

suite('mistakes in settings of facts', () => {
  const cases: [string, string][] = [
    ['data: { location: 1 }', 'bad-value'],
    ['data: { location: "" }', 'bad-value'],
    ['data: { max_age: 45 }', 'wrong-type'],
    ['data: { max_age: 1h }', 'out-of-range'],
    ['data: { locations: a }', 'unknown-key'],
    ['device: { from: { claim: a } }', 'wrong-type'],
    ['device: { from: [{}] }', 'bad-choice'],
    ['device: { from: [{ claim: a, cookie: b, key: "env:K" }] }', 'bad-choice'],
    ['device: { from: [{ cookie: b }] }', 'bad-choice'],
    ['device: { from: [{ claim: b, key: "env:K" }] }', 'bad-choice'],
    ['device: { from: [{ cookie: a=b, key: "env:K" }] }', 'bad-place'],
    ['device: { from: [{ certificate: true }] }', 'bad-value'],
    ['device: { trusted: {} }', 'bad-choice'],
    ['device: { trusted: { claim: a, file: b } }', 'bad-choice'],
    ['device: { trusted: { header: x_y } }', 'bad-value'],
    ['device: { remember: 0s }', 'out-of-range'],
    ['session: { fingerprint: {} }', 'missing-key'],
    ['session: { fingerprint: { of: [], key: "env:K" } }', 'empty'],
    ['session: { fingerprint: { of: [useragent], key: "env:K" } }', 'bad-value'],
    ['session: { fingerprint: { of: [{ header: "x y" }], key: "env:K" } }', 'bad-value'],
    ['state: { store: redis }', 'bad-value'],
    ['state: { store: memory, redis: { url: "env:U" } }', 'bad-choice'],
    ['state: { redis: {} }', 'missing-key'],
    ['state: { redis: { url: "env:U", prefix: "{a}" } }', 'bad-value'],
    ['state: { redis: { url: "env:U", deadline: 0s } }', 'out-of-range'],
    ['state: { redis: { url: "env:U", deadline: 2s } }', 'out-of-range'],
  ]
  for (const [yaml, code] of cases) {
    test(yaml, () => assert.deepEqual(codesOf(withIdp(yaml)), [code]))
  }

  test('what they say', () => {
    const yaml = withIdp('device: { trusted: { claim: managed, header: x-managed } }')
    assert.match(mistakesOf(yaml), /`claim` and `header`: who knows devices is one of them/)
    assert.match(mistakesOf(withIdp('device: { remember: 1s }')), /1h is the least/)
    assert.match(mistakesOf(withIdp('data: { location: 1 }')), /write a file or a list of files/)
    assert.match(
      mistakesOf(withIdp('session: { fingerprint: { of: [ua], key: "env:K" } }')),
      /network/,
    )
  })
})
