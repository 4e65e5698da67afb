import assert from 'node:assert/strict'
import { hash, X509Certificate } from 'node:crypto'
import { suite, test } from 'node:test'
import { createProvePossession } from '../../src/identity/possession.ts'
import { certificate } from '../support/certificate.ts'
import { asking, HOLDER, outcomeOf, proof, proofClaims, thumbprint } from './dpop-world.ts'
import { answer, introspectionWorld, json, OPAQUE, type World } from './introspection-world.ts'
import { NOW } from './tokens.ts'

suite('an opaque token that is bound', () => {
  test('to a certificate passes with it, each time, and not without', async () => {
    const { pem } = certificate()
    const digest = hash('sha256', new X509Certificate(pem).raw, 'base64url')
    const source = { ip: null, principal: '', certificate: encodeURIComponent(pem) }
    await bound({ 'x5t#S256': digest }, async (w) => {
      const asked = asking(`Bearer ${OPAQUE}`, [])
      for (const _ of [1, 2]) {
        assert.equal((await w.ask({ ...asked, source })).kind, 'authenticated')
        assert.equal(outcomeOf(await w.ask(asked)), 'key-bound')
      }
      assert.equal(w.questions.length, 1, 'the answer is remembered, the proof is not')
    })
  })

  test('to a key is no bearer token, and needs a proof', async () => {
    await bound({ jkt: thumbprint(HOLDER.pair.publicKey) }, async (w) => {
      assert.equal(await w.outcome(), 'key-bound')
      const identity = await w.identify(`DPoP ${OPAQUE}`)
      assert.ok(identity.kind === 'rejected')
      assert.equal(identity.problem, 'proof-missing')
      const proven = asking(`DPoP ${OPAQUE}`, [proof(proofClaims(OPAQUE))])
      assert.equal((await w.ask(proven)).kind, 'authenticated')
      const other = asking(`DPoP ${OPAQUE}`, [proof(proofClaims('another'))])
      assert.equal(outcomeOf(await w.ask(other)), 'proof-other-token')
    })
  })

  test('to nothing is no DPoP token', async () => {
    await bound(undefined, async (w) => {
      const identity = await w.identify(`DPoP ${OPAQUE}`)
      assert.ok(identity.kind === 'rejected')
      assert.equal(identity.problem, 'not-bound')
    })
  })
})

async function bound(cnf: object | undefined, check: (w: World) => Promise<void>) {
  const provePossession = createProvePossession({
    certificate: 'source',
    dpop: {
      algorithms: ['ES256'],
      window: 60,
      ahead: 10,
      origins: [],
      nonces: null,
      useOnce: () => true,
      now: () => NOW * 1000,
      failed: (error) => assert.fail(String(error)),
    },
  })
  await using w = await introspectionWorld({ provePossession })
  w.state.reply = json(answer({ cnf }))
  await check(w)
}
