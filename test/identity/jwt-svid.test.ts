import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { createIdentify } from '../../src/identity/identify.ts'
import { outcomeOf } from './dpop-world.ts'
import { ID, LONG } from './svid-world.ts'
import { CLAIMS, ISSUER, NOW, request, token } from './tokens.ts'
import { KEYS } from './world.ts'

suite('the id of a workload as the subject of a token', () => {
  const issuer = { ...ISSUER, workloads: { clients: [], trust_domain: 'prod.example.org' } }
  const SUBJECTS: readonly (readonly [string, string, string])[] = [
    ['an id of its trust domain', ID, 'workload'],
    ['a long one', LONG, 'workload'],
    ['a person', 'ada', 'person'],
    ['another trust domain', 'spiffe://test.example.org/robot', 'claims-invalid'],
    ['the trust domain itself', 'spiffe://prod.example.org', 'claims-invalid'],
    ['an id in capitals', ID.toUpperCase(), 'claims-invalid'],
    ['an id with a query', `${ID}?x`, 'claims-invalid'],
    ['an id with a blank in front', ` ${ID}`, 'claims-invalid'],
    ['an id too LONG', `${LONG}a`, 'claims-invalid'],
  ]
  for (const [name, sub, expected] of SUBJECTS) {
    test(`${name}: ${expected}`, async () => {
      assert.equal(await subjectOf(sub, issuer), expected)
    })
  }

  test('is that of a person at an issuer that names no workloads so', async () => {
    assert.equal(await subjectOf(ID, ISSUER), 'person')
  })
})

async function subjectOf(sub: string, issuer: typeof ISSUER): Promise<string> {
  const identify = createIdentify({
    issuers: [issuer],
    keysOf: () => KEYS,
    missed: () => undefined,
    now: () => NOW * 1000,
  })
  const identity = await identify(
    request(`Bearer ${token({ ...CLAIMS, sub, auth_time: NOW - 9 })}`),
  )
  if (identity.kind !== 'authenticated') return outcomeOf(identity)
  return identity.subject.workload ? 'workload' : 'person'
}
