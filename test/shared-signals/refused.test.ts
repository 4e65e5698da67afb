import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { describe, it } from 'node:test'
import type { SetError } from '../../src/shared-signals/verify-set.ts'
import { EC, EC_OTHER, key, keySet, NOW, part, RSA, signed } from '../identity/tokens.ts'
import { receiveWorld } from './receive-world.ts'
import { ADA, CAEP, claimsOf, RISC, STREAM, setOf, signedSet } from './sets.ts'

const REVOKED = `${CAEP}session-revoked`
const CLAIMS = claimsOf(REVOKED)
const without = (name: string) =>
  Object.fromEntries(Object.entries(CLAIMS).filter(([key]) => key !== name))
const withClaim = (more: object) => setOf(REVOKED, {}, more)
const GOOD = setOf(REVOKED)
const [HEAD = '', BODY = '', SIGNATURE = ''] = GOOD.split('.')

/** The public key, as the text that a confused verifier would take for a shared secret. */
function confused(): string {
  const input = `${part({ alg: 'HS256', kid: EC.kid, typ: 'secevent+jwt' })}.${BODY}`
  const secret = EC.pair.publicKey.export({ type: 'spki', format: 'pem' })
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`
}

const other = { [`${RISC}account-enabled`]: {} }

const CASES: readonly (readonly [string, string, SetError])[] = [
  ['another signature', `${HEAD}.${BODY}.${part(Buffer.alloc(64, 1))}`, 'authentication_failed'],
  ['no signature', `${HEAD}.${BODY}.`, 'authentication_failed'],
  [
    'another body under its signature',
    `${HEAD}.${part(claimsOf(REVOKED, {}, { jti: 'other' }) as never)}.${SIGNATURE}`,
    'authentication_failed',
  ],
  [
    'signed by another key under the name of ours',
    signedSet(CLAIMS, { kid: EC.kid }, EC_OTHER),
    'authentication_failed',
  ],
  ['unsigned', `${part({ alg: 'none', typ: 'secevent+jwt' })}.${BODY}.`, 'authentication_failed'],
  ['signed with the public key as a secret', confused(), 'authentication_failed'],
  [
    'an algorithm that is not the stream’s',
    signedSet(CLAIMS, { alg: 'PS256' }, RSA),
    'authentication_failed',
  ],
  ['for another audience', withClaim({ aud: 'https://other.example.com' }), 'invalid_audience'],
  ['for several others', withClaim({ aud: ['a', `${STREAM.audience}/`] }), 'invalid_audience'],
  ['for nobody', signedSet(without('aud')), 'invalid_audience'],
  ['an audience of another type', withClaim({ aud: { [STREAM.audience]: 1 } }), 'invalid_audience'],
  ['from another issuer', withClaim({ iss: 'https://evil.example.com' }), 'invalid_issuer'],
  ['from nearly the same issuer', withClaim({ iss: `${STREAM.issuer}/` }), 'invalid_issuer'],
  ['from one of several issuers', withClaim({ iss: [STREAM.issuer] }), 'invalid_issuer'],
  ['from nobody', signedSet(without('iss')), 'invalid_issuer'],
  ['no typ', signedSet(CLAIMS, { typ: undefined }), 'invalid_request'],
  ['an access token', signedSet(CLAIMS, { typ: 'at+jwt' }), 'invalid_request'],
  ['an ID token', signedSet(CLAIMS, { typ: 'JWT' }), 'invalid_request'],
  ['a logout token', signedSet(CLAIMS, { typ: 'logout+jwt' }), 'invalid_request'],
  ['a typ that only begins so', signedSet(CLAIMS, { typ: 'secevent+jwt2' }), 'invalid_request'],
  ['two events', withClaim({ events: { [REVOKED]: {}, ...other } }), 'invalid_request'],
  ['no event', withClaim({ events: {} }), 'invalid_request'],
  ['no events', signedSet(without('events')), 'invalid_request'],
  ['events as a list', withClaim({ events: [{ [REVOKED]: {} }] }), 'invalid_request'],
  ['an event that says null', withClaim({ events: { [REVOKED]: null } }), 'invalid_request'],
  ['an event that is a list', withClaim({ events: { [REVOKED]: [] } }), 'invalid_request'],
  ['no jti', signedSet(without('jti')), 'invalid_request'],
  ['an empty jti', withClaim({ jti: '' }), 'invalid_request'],
  ['a jti that is a number', withClaim({ jti: 7 }), 'invalid_request'],
  ['a jti that is too long', withClaim({ jti: 'j'.repeat(1025) }), 'invalid_request'],
  ['no iat', signedSet(without('iat')), 'invalid_request'],
  ['an iat of text', withClaim({ iat: String(NOW) }), 'invalid_request'],
  ['an iat before all time', withClaim({ iat: -1 }), 'invalid_request'],
  ['an iat in the future', withClaim({ iat: NOW + 61 }), 'invalid_request'],
  ['an iat in milliseconds', withClaim({ iat: NOW * 1000 }), 'invalid_request'],
  ['past its exp', withClaim({ exp: NOW - 61 }), 'invalid_request'],
  ['before its nbf', withClaim({ nbf: NOW + 61 }), 'invalid_request'],
  ['an extension that must be known', signedSet(CLAIMS, { crit: ['x'], x: 1 }), 'invalid_request'],
  [
    'a body that is not base64',
    signedSet(CLAIMS, { crit: ['b64'], b64: false }),
    'invalid_request',
  ],
  ['encrypted', `${HEAD}.a.b.c.d`, 'invalid_request'],
  ['a body that is no JSON', signed(`${HEAD}.${part('{')}`, EC), 'invalid_request'],
  ['a body that is a list', signed(`${HEAD}.${part('[]')}`, EC), 'invalid_request'],
  ['no JWT', 'hello', 'invalid_request'],
  ['nothing', '', 'invalid_request'],
  ['JSON', JSON.stringify({ payload: BODY, signature: SIGNATURE }), 'invalid_request'],
  ['too large', withClaim({ pad: 'x'.repeat(32_768) }), 'invalid_request'],
]

describe('a SET that is not for us, or from nobody we know, changes nothing and is counted', () => {
  for (const [name, set, err] of CASES) {
    it(`${name}: ${err}`, async () => {
      await using world = receiveWorld()
      const receipt = await world.receive(set)
      assert.equal(receipt.kind === 'refused' && receipt.err, err)
      assert.deepEqual([world.changes, world.forgotten], [[], []])
      assert.deepEqual(
        world.reports.map(({ stream, type, result, id }) => [stream, type, result, id]),
        [['okta', 'none', 'rejected', null]],
      )
    })
  }

  it('and no description says what the SET said', async () => {
    await using world = receiveWorld()
    const marked = { jti: '', sub_id: { ...ADA, sub: 'canary' }, canary: 'canary' }
    const sets = [withClaim(marked), withClaim({ ...marked, iss: 'https://canary' })]
    for (const set of sets) assert.doesNotMatch(JSON.stringify(await world.receive(set)), /canary/)
    assert.doesNotMatch(JSON.stringify(world.reports), /canary/)
  })
})

describe('a key that is not there', () => {
  const rotated = key('ec-new', 'ES256')
  const set = signedSet(CLAIMS, {}, rotated)

  it('is looked for once, and the SET comes again until that was done', async () => {
    await using world = receiveWorld()
    assert.equal((await world.receive(set)).kind, 'retry')
    assert.equal(world.asked(), 1)
    world.now += 30_000
    assert.equal((await world.receive(set)).kind, 'retry')
    world.keysLoaded()
    world.now += 30_000
    const receipt = await world.receive(set)
    assert.equal(receipt.kind === 'refused' && receipt.err, 'invalid_key')
    assert.deepEqual(
      world.reports.map(({ result }) => result),
      ['failed', 'failed', 'rejected'],
    )
    assert.deepEqual(world.changes, [])
  })

  it('is there when the SET comes again: nothing is lost by a rotation', async () => {
    const [before, after] = [await keySet(EC), await keySet(rotated)]
    let keys = before
    await using world = receiveWorld({}, { keysOf: () => keys })
    assert.equal((await world.receive(set)).kind, 'retry')
    assert.deepEqual(world.changes, [])
    keys = after
    world.keysLoaded()
    assert.equal((await world.receive(set)).kind, 'accepted')
    assert.equal(world.changes.length, 1)
  })

  it('is looked for again some minutes later: it may have been rotated in', async () => {
    await using world = receiveWorld()
    await world.receive(set)
    world.keysLoaded()
    world.now += 300_001
    assert.equal((await world.receive(set)).kind, 'retry')
  })

  it('nor are any yet: the SET comes again', async () => {
    await using world = receiveWorld({}, { keysOf: () => null })
    assert.equal((await world.receive(GOOD)).kind, 'retry')
    assert.equal(world.reports[0]?.result, 'failed')
  })

  it('is any that fits where the SET names none', async () => {
    for (const keys of [await keySet(EC), await keySet(EC_OTHER, RSA, EC)]) {
      await using world = receiveWorld({}, { keysOf: () => keys })
      const receipt = await world.receive(signedSet(CLAIMS, { kid: undefined }))
      assert.equal(receipt.kind, 'accepted')
      assert.equal(world.changes.length, 1)
    }
  })

  it('is looked for where the SET names none, and none that is there fits', async () => {
    for (const keys of [await keySet(EC), await keySet(EC, EC_OTHER)]) {
      await using world = receiveWorld({}, { keysOf: () => keys })
      const unnamed = signedSet(CLAIMS, { kid: undefined }, rotated)
      assert.equal((await world.receive(unnamed)).kind, 'retry')
      world.now += 30_000
      world.keysLoaded()
      const receipt = await world.receive(unnamed)
      assert.equal(receipt.kind === 'refused' && receipt.err, 'invalid_key')
      assert.deepEqual(world.changes, [])
    }
  })

  it('is looked for where the one that is there cannot be used', async () => {
    const keysOf = () => () => Promise.reject(new TypeError('too short'))
    await using world = receiveWorld({}, { keysOf })
    assert.equal((await world.receive(GOOD)).kind, 'retry')
  })
})
