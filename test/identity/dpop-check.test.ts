import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { suite, test } from 'node:test'
import { type Decision, NO_GROUNDS } from '../../src/domain/decision.ts'
import type { TokenProblem } from '../../src/domain/identity.ts'
import { createCheck } from '../../src/envoy/check.ts'
import { inDpop } from '../../src/envoy/dpop-challenge.ts'
import { createMemoryStore } from '../../src/facts/memory-store.ts'
import { createIdentify } from '../../src/identity/identify.ts'
import { createPossession } from '../../src/service/prove-possession.ts'
import { decodeOfficial, encodeOfficial, PLAIN, rooms } from '../envoy/support.ts'
import { IDP, settingsOf } from '../settings/reading.ts'
import { parseChallenges } from '../support/challenge-parser.ts'
import { asking, BOUND, boundTo, HOLDER, proof, proofClaims, THIEF } from './dpop-world.ts'
import { CLAIMS, ISSUER, NOW, token } from './tokens.ts'
import { KEYS } from './world.ts'

const HTU = 'https://licensing.example.com/v1/licenses'
const DPOP = `DPoP ${BOUND}`
const now = () => NOW * 1000

type Answered = { readonly headers: ReadonlyMap<string, string> }

/** The rooms from Envoy's bytes to the answer's, as the settings say; everybody who is known is let through. */
function serviceWith(settings: string) {
  const possession = createPossession({
    settings: settingsOf(`${IDP}\n${settings}`),
    secrets: { nonceKey: Buffer.alloc(32, 7) },
    useOnce: createMemoryStore({ loop: { attempts: 3, window: 1 }, capacity: 100 }).useOnce,
    now,
    failed: (error) => assert.fail(String(error)),
  })
  const identify = createIdentify({
    issuers: [ISSUER],
    keysOf: () => KEYS,
    missed: () => undefined,
    now,
    provePossession: possession.prove,
  })
  const dpop = { algorithms: ['ES256', 'PS256'], nonce: possession.nonces?.current ?? null }
  const decide = (_: unknown, identity: { readonly kind: string; readonly problem?: unknown }) =>
    identity.kind === 'authenticated' ? ALLOW : refused((identity.problem ?? null) as TokenProblem)
  const check = createCheck(rooms({ identify, decide, dpop }))
  return async (headers: Record<string, string>, http: object = {}, source: object = {}) => {
    const raw = Object.entries(headers).map(([key, value]) => ({
      key,
      raw_value: Buffer.from(value),
    }))
    const asked = { ...PLAIN, header_map: { headers: raw }, ...http }
    const bytes = encodeOfficial({ attributes: { source, request: { http: asked } } })
    const { status, denied_response: denied } = decodeOfficial(await check(bytes, () => undefined))
    const answered = denied?.headers.map(({ header }) => [header.key, header.value]) ?? []
    return { code: status?.code, headers: new Map(answered as [string, string][]) }
  }
}

const ALLOW: Decision = {
  ...NO_GROUNDS,
  outcome: 'allow',
  requirement: { level: null, rank: 0, maxAge: null, amr: [], scope: [], singleUse: false },
}

function refused(problem: TokenProblem | null): Decision {
  return { ...NO_GROUNDS, outcome: 'unauthenticated', reason: 'invalid_token', problem }
}

function challengeOf({ headers }: Answered): Readonly<Record<string, string | undefined>> {
  const [challenge, ...more] = parseChallenges(headers.get('www-authenticate') ?? '')
  assert.equal(more.length, 0)
  return { scheme: challenge?.scheme, ...challenge?.parameters }
}

const proving = (claims: object = {}) => proof({ htm: 'GET', htu: HTU, ...claims })

suite('a token that is bound to a key, from Envoy and back', () => {
  test('passes with a proof, and not with the same one again', async () => {
    const ask = serviceWith('')
    const headers = { authorization: DPOP, dpop: proving() }
    assert.equal((await ask(headers)).code, 0)
    assert.equal((await ask(headers)).code, 0, 'a retry of the same attempt')
    const again = await ask(headers, { id: '8' })
    assert.equal(again.code, 16)
    assert.partialDeepStrictEqual(challengeOf(again), {
      scheme: 'dpop',
      error: 'invalid_dpop_proof',
      error_description: 'The DPoP proof was used before',
      algs: 'ES256 PS256',
    })
  })

  test('the port is part of where it was sent', async () => {
    const ask = serviceWith('')
    const there = { host: 'licensing.example.com:8443' }
    const elsewhere = await ask({ authorization: DPOP, dpop: proving() }, there)
    assert.equal(elsewhere.code, 16)
    const right = proving({ htu: HTU.replace('.com', '.com:8443') })
    assert.equal((await ask({ authorization: DPOP, dpop: right }, there)).code, 0)
  })

  test('the settings say under which origin clients know the service, and for how long a proof is good', async () => {
    const ask = serviceWith(
      'bound_tokens: { dpop: { origins: ["https://Licensing.example.com"], window: 5s, ahead: 0s } }',
    )
    const behind = { scheme: 'http', host: 'licensing.example.com:8080' }
    const codes = [proving(), proving({ iat: NOW - 5 }), proving({ iat: NOW + 1 })].map(
      async (dpop, at) =>
        (await ask({ authorization: DPOP, dpop }, { ...behind, id: `${at}` })).code,
    )
    assert.deepEqual(await Promise.all(codes), [0, 16, 16])
  })

  test('a nonce is asked for, handed out, and then good', async () => {
    const ask = serviceWith('bound_tokens: { dpop: { nonce: { key: "env:NONCE" } } }')
    const headers = { authorization: DPOP, origin: 'https://app.example.com' }
    const first = await ask({ ...headers, dpop: proving() })
    assert.equal(challengeOf(first).error, 'use_dpop_nonce')
    assert.match(first.headers.get('access-control-expose-headers') ?? '', /, DPoP-Nonce$/)
    const nonce = first.headers.get('dpop-nonce')
    assert.equal((await ask({ ...headers, dpop: proving({ nonce }) })).code, 0)
  })

  test('the certificate of the connection is what Envoy says it is', async () => {
    const certificate = '-----BEGIN CERTIFICATE-----\nTUlJ\n-----END CERTIFICATE-----\n'
    const digest = hash('sha256', 'MII', 'base64url')
    const bearer = `Bearer ${token({ ...CLAIMS, cnf: { 'x5t#S256': digest } })}`
    const ask = serviceWith('')
    const shown = { certificate: encodeURIComponent(certificate) }
    assert.equal((await ask({ authorization: bearer }, {}, shown)).code, 0)
    assert.equal((await ask({ authorization: bearer })).code, 16)
  })
})

const ERRORS: readonly (readonly [string, string, string, Record<string, string | undefined>])[] = [
  ['no proof', DPOP, '', { scheme: 'dpop', error: 'invalid_dpop_proof' }],
  [
    'another method',
    DPOP,
    proving({ htm: 'PUT' }),
    { scheme: 'dpop', error: 'invalid_dpop_proof' },
  ],
  ['a token of no key', `DPoP ${token()}`, proving(), { scheme: 'dpop', error: 'invalid_token' }],
  [
    'an expired token',
    `DPoP ${boundTo(HOLDER.pair.publicKey, { exp: 1 })}`,
    proving(),
    { scheme: 'dpop', error: 'invalid_token' },
  ],
  [
    'a downgrade',
    `Bearer ${BOUND}`,
    proving(),
    { scheme: 'bearer', error: 'invalid_token', algs: undefined },
  ],
]

suite('a refusal, in the scheme that the client used', () => {
  for (const [name, authorization, dpop, expected] of ERRORS) {
    test(`${name}: ${expected.scheme} ${expected.error}`, async () => {
      const ask = serviceWith('')
      const answer = await ask({ authorization, ...(dpop && { dpop }) })
      const challenge = challengeOf(answer)
      for (const [key, value] of Object.entries(expected)) assert.equal(challenge[key], value, key)
      assert.equal(answer.headers.has('dpop-nonce'), false)
    })
  }

  test('another key than the token’s: the token is not for this client', async () => {
    const theirs = boundTo(THIEF.pair.publicKey)
    const ask = serviceWith('')
    const made = proof({ ...proofClaims(theirs), htm: 'GET', htu: HTU })
    const answer = await ask({ authorization: `DPoP ${theirs}`, dpop: made })
    assert.equal(challengeOf(answer).error, 'invalid_token')
  })

  test('what is no challenge stays as it is', () => {
    const terms = { algorithms: ['ES256'], nonce: () => 'n' }
    const redirect = { header: { key: 'location', value: 'https://x' }, appendAction: 2 } as const
    const response = {
      status: { code: 16 },
      deniedResponse: { status: { code: 401 }, headers: [redirect], body: '' },
      dynamicMetadata: { fields: {} },
    } as const
    assert.deepEqual(inDpop(response, refused(null), asking(DPOP, []), terms), response)
    assert.equal(inDpop(response, refused(null), asking('Bearer x', []), terms), response)
  })
})
