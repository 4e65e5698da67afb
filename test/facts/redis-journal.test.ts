import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, describe, it } from 'node:test'
import { createRedisJournal, type RedisJournalOptions } from '../../src/facts/redis-journal.ts'
import { EVENT_LIFE } from '../../src/facts/standings.ts'
import { openFollowedStore } from '../support/followed-store.ts'
import { findRedis } from '../support/redis-binary.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'
import { describeJournal, NOW, openReplica, type Replica } from './journal-suite.ts'
import { ADA, disabled, enabled, ended, notCompliant, revoked } from './security-events.ts'

const redis = await findRedis()
const BOB = { issuer: 'idp', id: 'bob' }

/** What a test gives a journal that is not as usual. */
type Given = Partial<Pick<RedisJournalOptions, 'clock' | 'now' | 'capacity'>> & {
  readonly deadline?: number
  /** Where it is, where the store is elsewhere. */
  readonly at?: RedisServer
}

// Without a Redis, its reason stands in the report; with REQUIRE_REDIS the search itself fails.
if ('missing' in redis) describe('a journal in Redis', { skip: redis.missing })
else {
  const alone = await startRedis(redis)
  const cluster = await startRedis(redis, { isCluster: true })
  const ends: (() => Promise<unknown>)[] = []
  const openJournal = async (server: RedisServer, prefix: string, given: Given = {}) => {
    const { deadline = 2_000, at = server, ...options } = given
    const addressOf = (one: RedisServer) => ({ url: one.url, isCluster: one === cluster })
    const store = await openFollowedStore({ ...addressOf(server), prefix, deadline })
    ends.push(store.stop)
    return createRedisJournal({
      address: addressOf(at),
      prefix,
      call: store.call,
      now: Date.now,
      clock: () => performance.now(),
      life: EVENT_LIFE,
      failed: () => {},
      ...options,
    })
  }
  const replica = async (server: RedisServer, prefix: string, given?: Given): Promise<Replica> => {
    const one = await openReplica(await openJournal(server, prefix, given))
    ends.push(one.stop)
    return one
  }

  for (const [name, server] of [
    ['a journal in Redis', alone],
    ['a journal in a Redis cluster', cluster],
  ] as const) {
    describeJournal(name, () => openJournal(server, `${randomUUID()}:`))

    it(`${name} tells every replica, and one that starts later`, async () => {
      const prefix = `${randomUUID()}:`
      const [one, other] = [await replica(server, prefix), await replica(server, prefix)]
      await one.tell(revoked(NOW))
      await other.tell(disabled(NOW))
      await one.tell(ended(NOW))
      await one.until(() => one.heard.length === 3)
      await other.until(() => other.heard.length === 3)
      const late = await replica(server, prefix)
      for (const { isRevoked, isDisabled } of [one, other, late]) {
        assert.equal(isRevoked(ADA, { authTime: NOW / 1000 - 1 }), true)
        assert.equal(isRevoked(BOB, { authTime: NOW / 1000, sessionId: 's' }), true)
        assert.equal(isDisabled(ADA), true)
      }
      assert.deepEqual(late.heard, [revoked(NOW), disabled(NOW), ended(NOW)])
    })
  }

  describe('a journal in Redis', () => {
    it('is read whole, however long it is', async () => {
      const prefix = `${randomUUID()}:`
      const one = await replica(alone, prefix)
      const ids = Array.from({ length: 2_500 }, (_, at) => `u${at}`)
      await Promise.all(ids.map((id) => one.tell(disabled(NOW, { issuer: 'idp', id }))))
      const late = await replica(alone, prefix)
      assert.ok(ids.every((id) => late.isDisabled({ issuer: 'idp', id }) === true))
    })

    it('takes what it cannot read for a lost revocation', async () => {
      const prefix = `${randomUUID()}:`
      await alone.command('XADD', `${prefix}events`, '*', 'e', '{"kind":"of-tomorrow"}')
      const written = Date.now() / 1000
      const one = await replica(alone, prefix)
      assert.equal(one.isRevoked(ADA, { authTime: Math.floor(written) - 10 }), true)
      assert.equal(one.isRevoked(ADA, { authTime: Math.ceil(written) + 10 }), false)
      assert.equal(one.isDisabled(ADA), false)
    })
  })

  describe('a journal in Redis that is cut off', () => {
    /** Three minutes pass for the one who looks at what is too much. */
    const cutting = async (prefix: string, given: Given) => {
      let passed = 0
      const one = await replica(alone, prefix, {
        clock: () => performance.now() + passed,
        ...given,
      })
      const before = Number(await alone.command('XLEN', `${prefix}events`))
      passed = 180_000
      while (Number(await alone.command('XLEN', `${prefix}events`)) === before)
        await one.until(() => true)
      await one.stop()
      return await replica(alone, prefix)
    }

    it('by age keeps what is still disabled or not compliant, and forgets the rest', async () => {
      const prefix = `${randomUUID()}:`
      const one = await replica(alone, prefix)
      for (const event of [revoked(NOW), disabled(NOW), notCompliant(NOW), disabled(NOW, BOB)])
        await one.tell(event)
      await one.tell(enabled(NOW + 1, BOB))
      await one.until(() => one.heard.length === 5)
      const late = await cutting(prefix, { now: () => Date.now() + EVENT_LIFE + 60_000 })
      assert.equal(late.isDisabled(ADA), true)
      assert.equal(late.isNotCompliant('laptop'), true)
      assert.equal(late.isDisabled(BOB), false)
    })

    it('by size says up to when revocations are lost', async () => {
      const prefix = `${randomUUID()}:`
      const one = await replica(alone, prefix)
      const seconds = [5, 4, 3, 2, 1].map((ago) => NOW / 1000 - ago)
      await one.tell(disabled(NOW))
      for (const second of seconds)
        await one.tell(revoked(second * 1000, null, { issuer: 'idp', id: `u${second}` }))
      await one.until(() => one.heard.length === 6)
      const late = await cutting(prefix, { capacity: 3 })
      assert.equal(late.isDisabled(ADA), true)
      assert.equal(late.isRevoked(ADA, { authTime: NOW / 1000 - 4 }), true)
      assert.equal(late.isRevoked(ADA, { authTime: NOW / 1000 }), false)
    })
  })

  describe('a journal in Redis that does not answer', () => {
    it('is not current until it has been read, and then knows all of it', async () => {
      const prefix = `${randomUUID()}:`
      await (await replica(alone, prefix)).tell(revoked(NOW))
      alone.freeze()
      const journal = await openJournal(cluster, prefix, { at: alone })
      const opening = openReplica(journal)
      assert.equal(journal.isCurrent(), false)
      alone.thaw()
      const late = await opening
      ends.push(late.stop)
      assert.equal(late.isRevoked(ADA, { authTime: NOW / 1000 - 1 }), true)
    })

    it('is not current after ten seconds, takes nothing, and is again by itself', async () => {
      let passed = 0
      const clock = () => performance.now() + passed
      const one = await replica(alone, `${randomUUID()}:`, { clock, deadline: 50 })
      await one.tell(disabled(NOW))
      alone.freeze()
      await assert.rejects(one.tell(enabled(NOW + 1)))
      assert.equal(one.isDisabled(ADA), true)
      passed = 11_000
      assert.deepEqual(
        [one.isDisabled(ADA), one.isRevoked(ADA, {}), one.isNotCompliant('laptop')],
        [undefined, undefined, undefined],
      )
      alone.thaw()
      await one.until(one.isCurrent)
      assert.equal(one.isRevoked(ADA, {}), false)
    })
  })

  after(async () => {
    await Promise.all(ends.map((end) => end()))
    await Promise.all([alone.kill(), cluster.kill()])
  })
}
