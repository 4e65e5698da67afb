import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { observeInRedis } from '../../src/facts/redis-subjects.ts'
import { STORE_LIMITS } from '../../src/facts/store-limits.ts'

const LIMITS = { ...STORE_LIMITS, loop: { attempts: 3, window: 300_000 } }
const PLACE = '[52.5,13.4,10,"DE",7]'

/** What is made of a place, of roles and of the fingerprints of a session, as Redis has them. */
function observed({ place = PLACE, roles = '["admin"]', learnt = '["print-1"]' }) {
  const sighting = { subject: null, now: 9, stream: null, counters: [] }
  const shown = { place: 'DE/1/1', session: 'S-1', fingerprint: 'print-1', roles: ['admin'] }
  const sights = ['5', '0', '6', '0', '7', '0']
  const send = async () => ['1', learnt, place, roles, '3', ...sights]
  return observeInRedis(send, '{ada}', { ...sighting, ...shown }, LIMITS)
}

suite('what Redis has of a subject', () => {
  test('is read as it was written', async () => {
    assert.deepEqual(await observed({}), {
      session: { firstSeen: 1 },
      place: {
        last: { latitude: 52.5, longitude: 13.4, accuracyKm: 10, country: 'DE', at: 7 },
        firstSeen: 5,
      },
      fingerprint: { learnt: ['print-1'], firstSeen: 6 },
      roles: { learnt: ['admin'], learntAt: 3, firstSeen: 7 },
    })
  })

  test('may be nothing', async () => {
    const { place, roles, fingerprint } = await observed({ place: '', roles: '', learnt: '' })
    assert.deepEqual([place?.last, roles?.learnt, fingerprint?.learnt], [null, null, null])
  })

  for (const place of ['null', '{}', '[]', '["a","b",1,"DE",7]', '[52.5,13.4,10,"DE","7"]', 'x']) {
    test(`is unavailable with ${place} for a place`, () => assert.rejects(observed({ place })))
  }

  for (const list of ['null', '"print-1, admin"', '{}', '[1]', 'x']) {
    test(`is unavailable with ${list} for a list`, async () => {
      await assert.rejects(observed({ roles: list }))
      await assert.rejects(observed({ learnt: list }))
    })
  }
})
