import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { NOW } from './settlements.ts'
import { learn, see } from './sightings.ts'
import type { OpenStore } from './store-suite.ts'

const DAY = 86_400_000
const BERLIN = { latitude: 52.52, longitude: 13.405, accuracyKm: 20, country: 'DE', at: NOW }

/** What every store knows of subjects. */
export function describeSubjects(open: OpenStore): void {
  describe('a device', () => {
    it('is known from when it is learnt until it was not used for half a year', async () => {
      const store = await open()
      const known = async (at: number) => (await see(store, at, { device: 'x' })).device
      await known(0)
      await learn(store, 1, { device: 'x' })
      assert.deepEqual(await known(179 * DAY), { learnt: true, firstSeen: NOW })
      await learn(store, 179 * DAY, { device: 'x' })
      assert.deepEqual(await known(350 * DAY), { learnt: true, firstSeen: NOW })
      const late = 359 * DAY
      assert.deepEqual(await known(late), { learnt: false, firstSeen: NOW + late })
    })

    it('that is refused all the time does not stay known by being seen', async () => {
      const store = await open({ deviceLife: 10 })
      await learn(store, 0, { device: 'x' })
      for (const at of [3, 6, 9]) await see(store, at, { device: 'x' })
      assert.equal((await see(store, 10, { device: 'x' })).device?.learnt, false)
    })

    it('is not pushed out by new ones, but by known ones that were used since', async () => {
      const store = await open({ sights: 2, known: 2 })
      const isKnown = async (at: number, device: string) =>
        (await see(store, at, { device })).device?.learnt
      await learn(store, 1, { device: 'a' })
      for (let at = 2; at < 9; at += 1) await see(store, at, { device: `new-${at}` })
      assert.equal(await isKnown(9, 'a'), true)
      await learn(store, 10, { device: 'b' })
      await learn(store, 11, { device: 'a' })
      await learn(store, 12, { device: 'c' })
      assert.deepEqual(
        [await isKnown(13, 'a'), await isKnown(13, 'b'), await isKnown(13, 'c')],
        [true, false, true],
      )
    })
  })

  describe('a place', () => {
    it('is the last one that was learnt', async () => {
      const store = await open()
      const paris = { ...BERLIN, latitude: 48.86, country: 'FR', at: NOW + 5 }
      await learn(store, 0, { place: BERLIN })
      assert.deepEqual((await see(store, 1, { place: 'fr' })).place?.last, BERLIN)
      await learn(store, 2, { place: paris })
      assert.deepEqual((await see(store, 3, { place: 'fr' })).place, {
        last: paris,
        firstSeen: NOW + 1,
      })
    })
  })

  describe('a fingerprint', () => {
    const fingerprintIn = (store: Awaited<ReturnType<OpenStore>>, at: number, session: string) =>
      see(store, at, { session, fingerprint: 'chrome' })

    it('is learnt in its session; its first sight is of the subject', async () => {
      const store = await open()
      await fingerprintIn(store, 0, 's1')
      await learn(store, 1, { fingerprint: { session: 's1', value: 'chrome' } })
      const here = (await fingerprintIn(store, 2, 's1')).fingerprint
      const there = (await fingerprintIn(store, 3, 's2')).fingerprint
      assert.deepEqual(here, { learnt: ['chrome'], firstSeen: NOW })
      assert.deepEqual(there, { learnt: null, firstSeen: NOW })
    })

    it('is one of the last few of the session', async () => {
      const store = await open({ sessionFingerprints: 2 })
      for (const [at, value] of ['a', 'b', 'a', 'c'].entries()) {
        await learn(store, at, { fingerprint: { session: 's1', value } })
      }
      assert.deepEqual((await fingerprintIn(store, 9, 's1')).fingerprint?.learnt, ['a', 'c'])
    })

    it('is forgotten with its session, a month after that was last seen', async () => {
      const store = await open()
      await learn(store, 0, { fingerprint: { session: 's1', value: 'chrome' } })
      const later = await fingerprintIn(store, 29 * DAY, 's1')
      assert.deepEqual([later.session?.firstSeen, later.fingerprint?.learnt], [NOW, ['chrome']])
      const late = await fingerprintIn(store, 59 * DAY, 's1')
      assert.deepEqual([late.session?.firstSeen, late.fingerprint?.learnt], [NOW + 59 * DAY, null])
    })
  })

  describe('roles', () => {
    it('are learnt as a whole, and one that was taken away is new when it is given again', async () => {
      const store = await open()
      await see(store, 0, { roles: ['reader', 'admin'] })
      await learn(store, 1, { roles: ['reader', 'admin'] })
      await learn(store, 2, { roles: ['reader'] })
      const { roles } = await see(store, 3, { roles: ['reader', 'admin'] })
      assert.deepEqual(roles, { learnt: ['reader'], learntAt: NOW + 2, firstSeen: NOW + 3 })
      await learn(store, 4, { roles: [] })
      const none = (await see(store, 5, { roles: ['reader'] })).roles
      assert.deepEqual(none, { learnt: [], learntAt: NOW + 4, firstSeen: NOW + 5 })
    })

    it('may be written in any script', async () => {
      const store = await open()
      const roles = ['Prüfer', '管理者', '"quoted\\"', '', 'a/b', '💡']
      await learn(store, 0, { roles })
      assert.deepEqual((await see(store, 1, { roles })).roles?.learnt, roles)
    })
  })

  describe('a subject', () => {
    it('is new when it was not seen for as long as anything is kept', async () => {
      const store = await open({ deviceLife: 50, sessionLife: 60 })
      await learn(store, 0, { place: BERLIN, roles: ['reader'] })
      const seen = await see(store, 59, { place: 'de', roles: ['reader'] })
      assert.deepEqual([seen.place?.last, seen.roles?.learnt], [BERLIN, ['reader']])
      const late = await see(store, 119, { place: 'de', roles: ['reader'] })
      assert.deepEqual([late.place?.last, late.roles?.learnt], [null, null])
    })

    it('is not made younger by a clock that goes back', async () => {
      const store = await open()
      await see(store, 1000, { session: 's', device: 'x' })
      const seen = await see(store, 0, { session: 's', device: 'x' })
      assert.deepEqual([seen.session?.firstSeen, seen.device?.firstSeen], [NOW + 1000, NOW + 1000])
    })
  })
}
