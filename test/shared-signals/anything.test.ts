import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { receiveWorld } from './receive-world.ts'
import { ADA, CAEP, complex, opaque, RISC, STREAM, setOf, signedSet } from './sets.ts'

const TYPES = [
  `${CAEP}session-revoked`,
  `${CAEP}credential-change`,
  `${CAEP}device-compliance-change`,
  `${RISC}account-disabled`,
  `${RISC}account-enabled`,
]
const FORMATS = ['iss_sub', 'opaque', 'complex', 'aliases', 'email', 'iss-sub']

/** Any value, more often one that nearly means something. */
const anything = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.jsonValue(),
    fc.constantFrom(
      ADA,
      opaque('s'),
      complex({ user: ADA }),
      complex({ session: opaque('s') }),
      STREAM.issuer,
      'ada',
      null,
    ),
    fc.dictionary(
      fc.constantFrom('format', 'iss', 'sub', 'id', 'user', 'session', 'device', 'identifiers'),
      fc.oneof(fc.constantFrom(...FORMATS), tie('value')),
    ),
    fc.array(tie('value'), { maxLength: 3 }),
  ),
})).value

const event = fc.record(
  { event_timestamp: anything, subject: anything, change_type: anything, current_status: anything },
  { requiredKeys: [] },
)

it('whatever a transmitter says about whomever is answered, counted once, and no text of it is a reason', async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...TYPES), event, anything, async (type, said, sub_id) => {
      await using world = receiveWorld({ subjects: 'idp' })
      const receipt = await world.receive(setOf(type, said, { sub_id }))
      assert.equal(receipt.kind, 'accepted')
      assert.equal(world.reports.length, 1)
      const { result, applied } = world.reports[0] ?? assert.fail()
      assert.deepEqual(world.changes, applied)
      assert.equal(applied.length > 0, result === 'applied')
      assert.ok(applied.length <= 20)
      for (const { at } of world.changes) assert.ok(at >= 0 && at <= world.now)
    }),
    { numRuns: 400 },
  )
})

it('whatever else is signed is answered too, and changes nothing', async () => {
  const claims = fc.dictionary(
    fc.constantFrom('iss', 'aud', 'jti', 'iat', 'events', 'sub_id', 'toe', 'exp', 'nbf'),
    anything,
  )
  await fc.assert(
    fc.asyncProperty(claims, fc.object(), async (payload, header) => {
      await using world = receiveWorld()
      const { alg: _, kid: __, ...rest } = header
      const receipt = await world.receive(signedSet(payload, { ...rest, typ: 'secevent+jwt' }))
      assert.notEqual(receipt.kind, 'accepted')
      assert.deepEqual([world.changes, world.reports.length], [[], 1])
    }),
    { numRuns: 400 },
  )
})
