import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { decide } from '../../src/decision/decide.ts'
import type { AccessRequest } from '../../src/domain/access-request.ts'
import type { Settlement } from '../../src/domain/settlement.ts'
import { loadPolicy } from '../../src/policy/load.ts'
import { buildScenario } from '../../src/scenario/scenario.ts'
import type { PartialSituation } from '../../src/scenario/scenario-schema.ts'

const NOW = Date.UTC(2026, 10, 23, 10)
const SECOND = NOW / 1000
const POLICY = `version: 1
assurance:
  - { level: password, acr: { idp: [pwd] } }
  - { level: mfa, acr: { idp: [mfa] } }
rules:
  - { id: allow, when: subject.authenticated, effect: allow }
  - { id: once, match: { paths: ["/once/*"] }, effect: step_up, require: { level: mfa, single_use: true } }
  - { id: strong, match: { paths: ["/strong", "/as-strong"] }, effect: step_up, require: { level: mfa } }
  - { id: scoped, match: { paths: ["/scoped"] }, effect: step_up, require: { level: mfa, scope: [revoke] } }
`
const { policy } = loadPolicy([{ file: 'policy.yaml', text: POLICY }], {
  issuers: ['idp'],
  revision: 'r',
})
assert.ok(policy)
const { ladder } = policy

type Asking = {
  readonly request?: PartialSituation['request']
  readonly session?: PartialSituation['session']
  readonly envoy?: Partial<Pick<AccessRequest, 'id' | 'time'>>
  readonly issuedAt?: number
}

/** What has to be settled for a request of Ada's with these things about it. */
function settlementFor({ request, session, envoy, issuedAt }: Asking): Settlement {
  const situation: PartialSituation = {
    now: new Date(NOW).toISOString(),
    request: { method: 'DELETE', host: 'a.example.com', path: '/once/1', ...request },
    subject: { issuer: 'idp', id: 'ada' },
    session: { level: 'mfa', auth_age: '5s', ...session },
  }
  const scenario = buildScenario(situation, ladder)
  assert.ok(scenario.kind === 'scenario' && scenario.identity.kind === 'authenticated' && policy)
  const { login } = scenario.identity
  const identity = {
    ...scenario.identity,
    login: { ...login, ...(issuedAt === undefined ? {} : { issuedAt }) },
  }
  const asked = { ...scenario.request, ...envoy }
  return decide(policy, { ...scenario, identity, request: asked }).settlement ?? assert.fail('none')
}

suite('a login is spent on, and asked for, one operation', () => {
  const cases: [name: string, request: PartialSituation['request'], operation: string][] = [
    ['as it is', {}, 'DELETE a.example.com/once/1'],
    ['without the query', { path: '/once/1?force=1' }, 'DELETE a.example.com/once/1'],
    ['in canonical form', { path: '/once/%31' }, 'DELETE a.example.com/once/1'],
    ['of another method', { method: 'PUT' }, 'PUT a.example.com/once/1'],
    ['of another host', { host: 'b.example.com' }, 'DELETE b.example.com/once/1'],
    ['of another path', { path: '/once/2' }, 'DELETE a.example.com/once/2'],
  ]
  for (const [name, request, operation] of cases) {
    test(name, () => {
      const { spend, challenge } = settlementFor({ request })
      assert.deepEqual(spend, { operation, authTime: SECOND - 5 })
      assert.equal(challenge.operation, operation)
    })
  }

  test('and on none where a login that is not enough could only be challenged', () => {
    const { spend, challenge } = settlementFor({ session: { level: 'password' } })
    assert.deepEqual([spend, challenge.operation], [null, 'DELETE a.example.com/once/1'])
    const strong = settlementFor({ request: { path: '/strong' }, session: { level: 'password' } })
    assert.deepEqual([strong.spend, strong.challenge.operation], [null, null])
  })
})

suite('a retry of Envoy repeats the stream and the start of the request', () => {
  const streamOf = (envoy: NonNullable<Asking['envoy']>) => settlementFor({ envoy }).stream
  test('and nothing else does', () => {
    const [id, time] = ['77', NOW]
    assert.equal(streamOf({ id, time }), streamOf({ id, time }))
    const streams = [
      streamOf({ id, time }),
      streamOf({ id: '78', time }),
      streamOf({ id, time: 1 }),
    ]
    assert.equal(new Set(streams).size, 3)
  })
  test('which a request without an id has not', () => assert.equal(streamOf({ id: '' }), null))
})

suite('a round of challenges', () => {
  const weak = { level: 'password' }
  const roundOf = (path: string, asking: Asking = {}) =>
    settlementFor({ ...asking, request: { path }, session: { ...weak, ...asking.session } })
      .challenge

  test('is about what is required, in whatever session and for whatever request', () => {
    const session = { id: 's-1' }
    const { about } = roundOf('/strong', { session })
    assert.equal(roundOf('/as-strong', { session }).about, about)
    assert.equal(roundOf('/strong', { session: { ...session, auth_age: '1s' } }).about, about)
    assert.equal(roundOf('/strong', { session: { id: 's-2' } }).about, about)
    assert.equal(roundOf('/strong').about, about)
    assert.notEqual(roundOf('/scoped', { session }).about, about)
  })

  test('counts in how many ways the login falls short', () => {
    assert.deepEqual([roundOf('/strong').shortfalls, roundOf('/scoped').shortfalls], [1, 2])
  })

  test('knows when the token was issued: with the login where it does not say, or else now', () => {
    const at = (seconds: number) => ({ session: { ...weak, auth_time: SECOND + seconds } })
    assert.equal(roundOf('/strong', { ...at(-90), issuedAt: SECOND - 60 }).issuedAt, SECOND - 60)
    assert.equal(roundOf('/strong', at(-90)).issuedAt, SECOND - 90)
    assert.equal(
      roundOf('/strong', { session: { level: 'password', auth_age: undefined } }).issuedAt,
      SECOND,
    )
  })

  test('knows the login, unless that is further ahead than the clock of its issuer may be', () => {
    const logins = [-5, 9, 11].map((seconds) => {
      const { challenge } = settlementFor({
        session: { level: 'mfa', auth_time: SECOND + seconds },
      })
      return challenge.authTime
    })
    assert.deepEqual(logins, [SECOND - 5, SECOND + 9, null])
  })
})
