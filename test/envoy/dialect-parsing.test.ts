import assert from 'node:assert/strict'
import { test } from 'node:test'
import { httpRequest, OktaAuth } from '@okta/okta-auth-js'
import fc from 'fast-check'
import { readVisit } from '../../examples/client/step-up-page.ts'
import { explain } from '../../src/envoy/explanation.ts'
import { parseChallenges } from '../support/challenge-parser.ts'
import { clientChallenges } from '../support/client-challenges.ts'
import { challenged, meaning } from './challenged.ts'
import { declaring, KEY, type Told, tell } from './dialect-support.ts'
import { NOW } from './read-support.ts'
import { STEP_UP } from './samples.ts'
import { message } from './support.ts'

const CLIENTS = ['any', 'okta', 'entra', 'redirect', 'grpc']

test('whatever is asked for in whatever dialect: one challenge of printable ASCII, or a fault', async () => {
  const seen = new Map<string | undefined, number>()
  await fc.assert(
    fc.asyncProperty(challenged, fc.constantFrom(...CLIENTS), async (decision, client) => {
      const grpc = client === 'grpc'
      const told = tell(decision, client, { grpc, identity: declaring(['cp1']) })
      seen.set(told.dialect, (seen.get(told.dialect) ?? 0) + 1)
      const { location, 'www-authenticate': challenge } = told.headers
      for (const value of Object.values(told.headers)) assert.match(value, /^[\x20-\x7e]{1,4096}$/)
      // What can be said does not depend on the dialect: a decision is a fault in all of them or in none.
      assert.equal(told.http === 503, meaning(decision, 'licensing') === null)
      const challenges = [location, challenge].filter((value) => value !== undefined)
      assert.equal(challenges.length, told.http === 503 ? 0 : 1)
      if (challenge === undefined) return
      assert.equal(parseChallenges(challenge).length, 1)
      if (told.http !== 302) assert.equal((await clientChallenges(challenge, told.http))?.length, 1)
    }),
    { numRuns: 500 },
  )
  for (const dialect of [
    'rfc9470',
    'insufficient_scope',
    'okta',
    'entra',
    'redirect',
    'grpc',
    undefined,
  ])
    assert.ok((seen.get(dialect) ?? 0) > 8, `${dialect}: ${seen.get(dialect)}`)
})

test('okta-auth-js lifts level and age into its error', async () => {
  const plain = fc.stringMatching(/^[a-z][a-z0-9:._/-]{0,40}$/)
  await fc.assert(
    fc.asyncProperty(
      fc.array(plain, { minLength: 1, maxLength: 3 }),
      fc.nat(),
      async (acrValues, maxAge) => {
        const challenge = { acrValues, maxAge, scope: [] }
        const error = await oktaError(tell({ ...STEP_UP, challenge }, 'okta'))
        assert.deepEqual(error, {
          errorSummary: 'insufficient_authentication_context',
          errorCauses: [{ errorSummary: explain(STEP_UP).detail }],
          meta: { acr_values: acrValues[0], max_age: maxAge },
        })
      },
    ),
    { numRuns: 50 },
  )
})

test('where no age is asked for it makes one up that is no number', async () => {
  const challenge = { acrValues: ['phr'], maxAge: null, scope: [] }
  const { meta } = await oktaError(tell({ ...STEP_UP, challenge }, 'okta'))
  assert.deepEqual(meta, { acr_values: 'phr', max_age: Number.NaN })
})

test('of the common dialect it lifts nothing, which is why it has one of its own', async () => {
  const error = await oktaError(tell(STEP_UP, 'any'))
  assert.ok(!('acr_values' in error.meta))
})

test('the page of the application reads out of a redirect what was asked for', () => {
  const page = { key: KEY, origins: ['https://portal.example.com'] }
  let read = 0
  fc.assert(
    fc.property(challenged, (decision) => {
      const { location } = tell(decision, 'redirect').headers
      if (location === undefined || decision.outcome !== 'step_up') return
      const { wish } = readVisit(new URL(location).searchParams, page, NOW) ?? assert.fail(location)
      const meant = meaning(decision, null) ?? assert.fail(location)
      assert.deepEqual(
        [wish.acrValues, wish.maxAge?.toString(), wish.scope],
        [meant.acr_values, meant.max_age, meant.scope],
      )
      read++
    }),
    { numRuns: 400 },
  )
  assert.ok(read > 50, String(read))
})

test('a gRPC client finds reason and wish in the details of the status', () => {
  let read = 0
  fc.assert(
    fc.property(challenged, (decision) => {
      const { headers, http, body } = tell(decision, 'any', { grpc: true })
      const details = headers['grpc-status-details-bin']
      if (http === 503 || details === undefined) return
      const {
        code,
        message: text,
        details: [detail],
      } = decoded('google.rpc.Status', details)
      assert.deepEqual([code, text], [http === 403 ? 7 : 16, body])
      assert.equal(detail?.type_url, 'type.googleapis.com/google.rpc.ErrorInfo')
      const { reason, domain, metadata } = decoded('google.rpc.ErrorInfo', detail.value)
      const { realm, error, error_description, ...wish } = meaning(decision, null) ?? {}
      assert.deepEqual([reason, domain], [decision.reason.toUpperCase(), 'stepgate'])
      assert.deepEqual(metadata, wish)
      read++
    }),
    { numRuns: 400 },
  )
  assert.ok(read > 100, String(read))
})

/** What `okta-auth-js` throws for this answer. */
async function oktaError({ http: status, headers, body }: Told) {
  const okta = new OktaAuth({
    issuer: 'https://okta.example/oauth2/default',
    clientId: 'portal',
    redirectUri: 'https://portal.example.com/callback',
    httpRequestClient: async () => {
      throw { status, headers: new Headers(headers), responseText: body, responseType: 'json' }
    },
  })
  const request = { url: 'https://api.example/', method: 'GET', accessToken: 'token' }
  const failed = await httpRequest(okta, request).then(assert.fail, (error) => error)
  const { errorSummary, errorCauses, meta } = failed
  return { errorSummary, errorCauses, meta }
}

type Decoded = {
  readonly code: number
  readonly message: string
  readonly details: readonly { readonly type_url: string; readonly value: Buffer }[]
  readonly reason: string
  readonly domain: string
  readonly metadata: Readonly<Record<string, string>>
}

/** By the official messages. */
function decoded(name: string, bytes: string | Buffer): Decoded {
  const buffer = typeof bytes === 'string' ? Buffer.from(bytes, 'base64') : bytes
  return message(name).deserialize(buffer) as Decoded
}
