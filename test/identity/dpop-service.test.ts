import assert from 'node:assert/strict'
import { test } from 'node:test'
import { boundTo, HOLDER, proof, proofClaims } from './dpop-world.ts'
import { startRunningWorld } from './service-world.ts'

const HTU = 'https://licensing.example.com/v1/licenses'

test('the service that is started checks proofs', async () => {
  await using w = await startRunningWorld()
  const seconds = Math.floor(Date.now() / 1000)
  const times = { iat: seconds, exp: seconds + 60 }
  const bound = boundTo(HOLDER.pair.publicKey, { iss: w.provider.url, ...times })
  const made = { ...proofClaims(bound), htm: 'GET', htu: HTU, iat: seconds }
  assert.equal(await w.ask(`DPoP ${bound}`), 'invalid_token')
  assert.equal(
    await w.ask(`DPoP ${bound}`, { dpop: proof({ ...made, htm: 'PUT' }) }),
    'invalid_token',
  )
  assert.equal(await w.ask(`DPoP ${bound}`, { dpop: proof(made) }), 'allow')
  assert.equal(await w.ask(`Bearer ${bound}`, { dpop: proof(made) }), 'invalid_token')
})
