import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ANONYMOUS } from '../facts/asking.ts'
import { clientChallenges } from '../support/client-challenges.ts'
import { declaring, type Told, tell } from './dialect-support.ts'
import { ONE_LEVEL, TABLE } from './dialect-table.ts'
import { STEP_UP } from './samples.ts'

describe('each demand in each dialect', () => {
  for (const [demand, decision, client, dialect, http, exact] of TABLE) {
    test(`${demand}, to ${client}`, async () => {
      const identity = decision.outcome === 'step_up' ? declaring(['CP1']) : ANONYMOUS
      const told = tell(decision, client, { grpc: client === 'grpc', identity })
      assert.deepEqual([told.dialect, told.http], [dialect, http])
      const { 'www-authenticate': challenge, location } = told.headers
      assert.deepEqual([challenge, location?.replace(/&state=.*$/, '')].filter(Boolean), [exact])
      // One challenge, and every Bearer challenge is one that the OAuth client of Node reads.
      if (challenge !== undefined)
        assert.equal((await clientChallenges(challenge, http))?.length, 1)
    })
  }
})

describe('what a claims challenge and a body say', () => {
  const dialectOf = (told: Told) => [told.dialect, told.http, told.headers['www-authenticate']]

  for (const declared of [undefined, [], 'cp1', ['cp2'], [1], { 0: 'cp1' }]) {
    test(`an application that declares ${JSON.stringify(declared)} is refused, for it could not read a claims challenge`, () => {
      const told = tell(ONE_LEVEL, 'entra', { identity: declaring(declared) })
      assert.deepEqual(dialectOf(told), ['none', 403, undefined])
      assert.deepEqual(JSON.parse(told.body).required.acr_values, ['c1'])
    })
  }

  test('what a claims challenge asks for is what OpenID Connect calls a claims request', () => {
    const challenge = tell(ONE_LEVEL, 'entra', { identity: declaring(['cp1']) })
    const [, claims = ''] =
      /claims="([^"]*)"/.exec(challenge.headers['www-authenticate'] ?? '') ?? []
    assert.deepEqual(JSON.parse(atob(claims)), {
      access_token: { acrs: { essential: true, value: 'c1' } },
    })
  })

  test('the body repeats what was asked for, and the decision stays as it was', () => {
    const { body } = tell(STEP_UP, 'okta')
    assert.deepEqual(JSON.parse(body).required.acr_values, ['urn:okta:loa:2fa:any'])
  })
})
