import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, describe, test } from 'node:test'
import { POLICY, type Stack, startStack } from '../../demo/stack.ts'
import { sendRaw } from './raw-request.ts'
import { createSigningKey, signToken } from './tokens.ts'

const TIER = '/v1/licenses/L-1/tier'
const JSON_TYPE = ['content-type', 'application/json']
const signingKey = createSigningKey()

/** Under the sample policy with a broad allow: what slips past a step_up would pass. */
const BROAD = `
  - id: broad-allow
    match: { paths: ["/v1/**"] }
    when: subject.authenticated
    effect: allow
`

describe('behind a real Envoy, what is odd falls to the stricter side', () => {
  let stack: Stack
  let mfa: readonly string[]
  before(async () => {
    stack = await startStack({ say: () => {}, signingKey })
    const from = stack.service.journal.position()
    await stack.writePolicy((await readFile(POLICY, 'utf8')) + BROAD)
    await stack.service.journal.find((line) => line.event === 'policy-loaded', { from })
    const claims = { acr: 'urn:example:acr:mfa', amr: ['pwd', 'otp'] }
    const token = await signToken(signingKey, stack.provider.issuer, { claims })
    // From the office: elsewhere the place would be one odd thing, and the unknown device another.
    mfa = ['authorization', `Bearer ${token}`, 'x-forwarded-for', '10.1.2.3']
  })
  after(() => stack?.stop())

  const change = (body: string | Uint8Array, headers: readonly string[] = JSON_TYPE, path = TIER) =>
    sendRaw(stack.url, path, [...mfa, ...headers], 'PUT', body)

  test('a few seats pass with a second factor', async () => {
    assert.equal((await change('{"tier":"business","seats":60}')).status, 200)
  })

  const bodies: readonly (readonly [string, string | Uint8Array, (readonly string[])?])[] = [
    ['many seats', '{"seats":501}'],
    ['many seats in an exponent', '{"seats":5.01e2}'],
    ['a number as text', '{"seats":"600"}'],
    ['the tier as a list and no seats', '{"tier":["enterprise"]}'],
    ['two keys that differ in case', '{"seats":1,"Seats":600}'],
    ['a key twice', '{"seats":1,"seats":600}'],
    ['null', 'null'],
    ['a null in the field', '{"seats":null}'],
    ['an array 4,000 deep', '['.repeat(4000) + ']'.repeat(4000)],
    ['a body that is cut off', `{"seats":1,"pad":"${'x'.repeat(9000)}"}`],
    ['no body', ''],
    ['not JSON', '{"seats":1'],
    ['bytes that are not UTF-8', Buffer.from([0x7b, 0xff, 0x7d])],
    ['another content type', '{"seats":1}', ['content-type', 'text/plain']],
    ['another charset', '{"seats":1}', ['content-type', 'application/json; charset=utf-7']],
    ['a coding', '{"seats":1}', [...JSON_TYPE, 'content-encoding', 'gzip']],
  ]
  for (const [name, body, headers] of bodies) {
    test(`${name} asks for a passkey`, async () => {
      const reached = stack.api.requests()
      const { status, body: problem } = await change(body, headers)
      assert.equal(status, 401)
      assert.deepEqual((problem.required as { level: string }).level, 'phishing-resistant')
      assert.equal(stack.api.requests(), reached)
    })
  }

  const spellings = [
    `${TIER}/`,
    '/v1/licenses/L-1/TIER',
    '/v1/licenses/L-1/Tier/',
    '/v1/LICENSES/L-1/tier',
    '/v1/licenses/L-1/ti%65r',
    '/v1/licenses/L-1/ti%65R/',
    '/v1/licenses/L%2D1/tier',
    '/v1/licenses/a:b/tier',
    `${TIER}?x=1`,
    '/v1/licenses/L-1/./tier',
    '/v1/licenses/x/../L-1/tier',
    '/v1//licenses/L-1//tier',
    `${TIER};x=1`,
    '/v1/licenses/L-1;x=1/tier',
    '/v1/licenses/L-1/%2e/tier',
    '/v1/licenses/L-1%2Ftier',
    '/v1/licenses/L-1/tier%2F',
    '/v1/licenses/L-1\\tier',
    '/v1/licenses/L-1/tier%00',
    '/v1/licenses/L-1/tier%20',
    '/v1/licenses/L-1/%74%69%65%72',
    '/v1/licenses/L-1/%2574ier',
  ]
  for (const path of spellings) {
    test(`a big change does not slip past the step_up as ${path}`, async () => {
      const { status } = await change('{"tier":"enterprise","seats":600}', JSON_TYPE, path)
      const isOther = path === '/v1/licenses/L-1/tier%20'
      assert.ok(isOther ? status !== 200 : [400, 401, 403, 307].includes(status), `${status}`)
    })
  }
})
