import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { folder, stepgate, TEAM } from './support.ts'

const root = folder({
  'request.yaml': `request: { method: POST, path: /bills/7/pay, body: { amount: 5000 } }
source: { ip: 10.1.1.1 }
now: 2026-11-23T10:00:00Z
subject: { id: ada, roles: [clerk] }
session: { level: mfa, auth_age: 6m }
`,
  'body.json': '{"amount": 7}',
  'bounds.yaml': `version: 1
bounds: { paths: ["/team/**"] }
rules: [{ id: all, match: { methods: [GET] }, effect: allow }]
`,
  'many.yaml': `version: 1\nrules:\n${Array.from({ length: 60 }, (_, at) => rule(at)).join('')}`,
})
const at = (name: string) => join(root, name)

function rule(number: number): string {
  const methods = number === 42 ? '[GET]' : '[POST]'
  return `  - { id: r${number}, match: { methods: ${methods}, paths: ["/x/${number}"] }, effect: allow }\n`
}

const explain = (...argv: readonly string[]) => stepgate('explain', '--policy', TEAM, ...argv)
const explained = async (...argv: readonly string[]) => {
  const { code, out, err } = await explain(...argv, '--format', 'json')
  assert.equal(code, 0, err)
  return JSON.parse(out)
}
const PAY = ['--method', 'POST', '--path', '/bills/7/pay', '--ip', '10.1.1.1'] as const

describe('stepgate explain', () => {
  it('says rule by rule why', async () => {
    const { code, out } = await explain(...PAY, '--role', 'clerk', '--level', 'password')
    assert.equal(code, 0)
    assert.equal(out, readFileSync(TEAM.replace('policy.yaml', 'explain.txt'), 'utf8'))
  })

  it('reads the request from a file, and lays options over it', async () => {
    const fromFile = await explained('--request', at('request.yaml'))
    assert.equal(fromFile.decision.outcome, 'step_up')
    assert.deepEqual(fromFile.decision.challenge, { acrValues: ['mfa'], maxAge: 300, scope: [] })
    assert.deepEqual(fromFile.needed, [
      'a login with acr mfa (mfa or better)',
      'a login less than 300 s old',
    ])
    const fresh = await explained('--request', at('request.yaml'), '--auth-age', '1m')
    assert.equal(fresh.decision.outcome, 'allow')
    assert.deepEqual(fresh.needed, [])
  })

  it('shows each expression with the values that it saw', async () => {
    const { rules } = await explained('--request', at('request.yaml'))
    const byId = new Map(rules.map((one: { id: string }) => [one.id, one]))
    assert.deepEqual((byId.get('big') as { conditions: object[] }).conditions, [
      {
        key: 'when',
        text: 'request.body.amount > 1000',
        result: true,
        reads: [{ name: 'request.body.amount', value: 5000 }],
      },
    ])
    assert.deepEqual((byId.get('from-outside') as { conditions: object[] }).conditions, [
      {
        key: 'unless',
        text: '"office" in source.networks',
        result: true,
        reads: [{ name: 'source.networks', value: ['office'] }],
      },
    ])
  })

  for (const [name, argv, expected] of [
    [
      'a token that is refused',
      ['--path', '/bills', '--token', 'expired'],
      ['unauthenticated', 'invalid_token'],
    ],
    ['nobody', ['--path', '/bills'], ['unauthenticated', 'unauthenticated']],
    ['a path that is ambiguous', ['--path', '/bills//7'], ['deny', 'ambiguous-path']],
    [
      'a method that is ambiguous',
      ['--path', '/bills', '--method', 'get'],
      ['deny', 'ambiguous-method'],
    ],
    [
      'a deny',
      ['--method', 'POST', '--path', '/x', '--ip', '1.2.3.4', '--subject', 'ada'],
      ['deny', 'outside'],
    ],
    [
      'a source that is down',
      ['--method', 'POST', '--path', '/x', '--subject', 'ada'],
      ['fault', 'source-unavailable'],
    ],
    ['a program', [...PAY, '--role', 'clerk', '--workload'], ['deny', 'step-up-impossible']],
    ['no rule', [...PAY, '--role', 'boss', '--level', 'mfa'], ['deny', 'no-rule']],
  ] as const) {
    it(`says what would be needed to pass: ${name}`, async () => {
      const { decision, needed } = await explained(...argv)
      assert.deepEqual([decision.outcome, decision.reason], expected)
      assert.equal(needed.length, 1)
    })
  }

  it('names the allow that would have to apply, or the one that is closest', async () => {
    const fits = await explained(...PAY, '--role', 'boss')
    assert.deepEqual(fits.needed, ['`pay` to apply: variables.clerk'])
    const near = await explained('--path', '/bills/7/pay', '--subject', 'ada')
    assert.deepEqual(near.needed, [
      'an allow rule that fits; closest: `pay` (methods), `read` (paths)',
    ])
    const anonymous = await explained(...PAY)
    assert.deepEqual(anonymous.needed, ['a login; rules that fit ask for mfa (big), mfa (pay)'])
  })

  it('makes of options what a token and a request would have in them', async () => {
    const { situation } = await explained(
      ...[
        '--path',
        '/bills?x=1',
        '--host',
        'api.example.com',
        '--header',
        'X-A: 1',
        '--header',
        'X-A: 2',
      ],
      ...[
        '--body',
        `@${at('body.json')}`,
        '--subject',
        'ada',
        '--issuer',
        'idp',
        '--client',
        'portal',
      ],
      ...[
        '--role',
        'a',
        '--role',
        'b',
        '--scope',
        'read write',
        '--claim',
        'age=7',
        '--claim',
        'city=Rome',
      ],
      ...['--acr', 'mfa', '--amr', 'pwd', '--amr', 'otp', '--auth-age', 'unknown'],
    )
    assert.deepEqual(situation, {
      request: {
        path: '/bills?x=1',
        host: 'api.example.com',
        headers: { 'X-A': ['1', '2'] },
        body: { amount: 7 },
      },
      now: '2026-11-23T10:00:00.000Z',
      subject: {
        issuer: 'idp',
        id: 'ada',
        roles: ['a', 'b'],
        scopes: ['read', 'write'],
        client_id: 'portal',
        claims: { age: 7, city: 'Rome' },
      },
      session: { acr: 'mfa', amr: ['pwd', 'otp'] },
    })
  })

  it('takes a login to be of this moment unless its age is said', async () => {
    const age = async (...argv: readonly string[]) =>
      (await explained('--path', '/bills', '--level', 'mfa', ...argv)).proven.age
    assert.equal(await age(), 0)
    assert.equal(await age('--auth-age', '2h'), 7200)
    assert.equal(await age('--auth-age', 'unknown'), null)
  })

  it('says when a request is outside the bounds of a file', async () => {
    const argv = ['--policy', at('bounds.yaml'), '--method', 'POST', '--path', '/other']
    const { out } = await stepgate('explain', ...argv)
    assert.match(
      out,
      /all \(allow\): bounds\.paths is \/team\/\*\*, not \/other; methods is GET, not POST/,
    )
  })

  it('shows the closest of many rules that do not fit, and all when asked', async () => {
    const argv = ['--policy', at('many.yaml'), '--method', 'GET', '--path', '/x']
    const { out } = await stepgate('explain', ...argv)
    assert.match(
      out,
      /^60 rules for other requests:\n {2}r42 \(allow\): paths is \/x\/42, not \/x\n/m,
    )
    assert.match(out, /and 40 more: --all shows them/)
    const all = await stepgate('explain', ...argv, '--all')
    assert.equal(all.out.match(/^ {2}r\d+ \(allow\)/gm)?.length, 60)
  })
})
