import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { NOW } from './settlements.ts'
import { see } from './sightings.ts'
import type { OpenStore } from './store-suite.ts'

const DAY = 86_400_000

/** What every store knows of values that were seen and not learnt. */
export function describeSights(open: OpenStore): void {
  describe('a first sight', () => {
    it('is of the value, for the subject, whenever it is asked for again', async () => {
      const store = await open()
      const shown = { device: 'x', place: 'x', session: 'x', fingerprint: 'x', roles: ['x'] }
      await see(store, 5, shown)
      const seen = await see(store, 900, shown)
      assert.deepEqual(seen, {
        device: { learnt: false, firstSeen: NOW + 5 },
        place: { last: null, firstSeen: NOW + 5 },
        session: { firstSeen: NOW + 5 },
        fingerprint: { learnt: null, firstSeen: NOW + 5 },
        roles: { learnt: null, learntAt: 0, firstSeen: NOW + 5 },
        counters: [],
      })
    })

    it('of another value, subject or issuer is another', async () => {
      const store = await open()
      await see(store, 0, { device: 'x' })
      for (const [at, shown] of [
        { device: 'y' },
        { device: 'x', subject: { issuer: 'idp', id: 'bob' } },
        { device: 'x', subject: { issuer: 'other', id: 'ada' } },
      ].entries()) {
        const { device } = await see(store, at + 1, shown)
        assert.deepEqual(device, { learnt: false, firstSeen: NOW + at + 1 })
      }
    })

    it('of several roles is that of the latest; without roles there is none', async () => {
      const store = await open()
      await see(store, 0, { roles: ['reader'] })
      assert.equal((await see(store, 7, { roles: ['admin', 'reader'] })).roles?.firstSeen, NOW + 7)
      assert.equal((await see(store, 8, { roles: ['reader'] })).roles?.firstSeen, NOW)
      assert.equal((await see(store, 9, { roles: [] })).roles?.firstSeen, NOW + 9)
    })

    it('is forgotten with all the others of its kind when there are too many', async () => {
      const store = await open({ sights: 4 })
      const first = async (at: number, device: string) =>
        ((await see(store, at, { device })).device?.firstSeen ?? 0) - NOW
      await see(store, 0, { place: 'berlin' })
      for (const [at, device] of ['a', 'b', 'c', 'd'].entries()) await first(at, device)
      assert.equal(await first(10, 'a'), 0)
      assert.equal(await first(11, 'e'), 11)
      assert.deepEqual([await first(20, 'a'), await first(20, 'e')], [20, 11])
      assert.equal((await see(store, 21, { place: 'berlin' })).place?.firstSeen, NOW)
    })

    it('is of a time to come where one is given', async () => {
      const store = await open()
      await see(store, 0, { seenAt: NOW + 8, device: 'x', roles: ['admin'] })
      const seen = await see(store, 9, { device: 'x', roles: ['admin'] })
      assert.deepEqual([seen.device?.firstSeen, seen.roles?.firstSeen], [NOW + 8, NOW + 8])
    })

    it('that nothing was learnt of is forgotten after a day', async () => {
      const store = await open()
      const shown = { device: 'x', place: 'x', session: 's', fingerprint: 'x', roles: ['x'] }
      const first = async (at: number) => {
        const { device, place, fingerprint, roles } = await see(store, at, shown)
        return [device, place, fingerprint, roles].map((one) => (one?.firstSeen ?? 0) - NOW)
      }
      await first(0)
      assert.deepEqual(await first(DAY - 1), [0, 0, 0, 0])
      assert.deepEqual(await first(DAY), [DAY, DAY, DAY, DAY])
    })

    it('of more roles than are kept stays new', async () => {
      const store = await open({ roleSights: 3 })
      const roles = ['a', 'b', 'c', 'd']
      await see(store, 0, { roles })
      assert.equal((await see(store, 5, { roles })).roles?.firstSeen, NOW + 5)
    })
  })
}
