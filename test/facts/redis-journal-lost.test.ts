import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, describe, it } from 'node:test'
import { createRedisJournal } from '../../src/facts/redis-journal.ts'
import { EVENT_LIFE } from '../../src/facts/standings.ts'
import { openFollowedStore } from '../support/followed-store.ts'
import { findRedis } from '../support/redis-binary.ts'
import { startRedis } from '../support/redis-server.ts'
import { NOW, openReplica, type Replica } from './journal-suite.ts'
import { ADA, disabled, enabled, ended, notCompliant, revoked } from './security-events.ts'

const redis = await findRedis()

// Without a Redis, its reason stands in the report; with REQUIRE_REDIS the search itself fails.
if ('missing' in redis) describe('a journal in Redis', { skip: redis.missing })
else {
  const server = await startRedis(redis)
  const ends: (() => Promise<unknown>)[] = []
  const replica = async (prefix: string): Promise<Replica> => {
    const { url } = server
    const { call, stop } = await openFollowedStore({ url, prefix, deadline: 2_000 })
    const journal = createRedisJournal({
      address: { url },
      prefix,
      call,
      now: Date.now,
      clock: () => performance.now(),
      life: EVENT_LIFE,
      failed: () => {},
    })
    const one = await openReplica(journal)
    ends.push(one.stop, stop)
    return one
  }

  /** Waits until it has read everything once more. */
  const nextLook = (one: Replica) => {
    let looks = 0
    return one.until(() => ++looks > 1)
  }

  describe('a journal in Redis', () => {
    it('that has lost its data gets back what the replicas remember', async () => {
      const prefix = `${randomUUID()}:`
      const one = await replica(prefix)
      await one.tell(revoked(NOW))
      await one.tell(disabled(NOW))
      await one.tell(enabled(NOW + 1))
      await one.tell(ended(NOW))
      await one.until(() => one.heard.length === 4)
      await one.tell(notCompliant(NOW))
      await server.command('DEL', `${prefix}events`)
      while (Number(await server.command('XLEN', `${prefix}events`)) < 4)
        await one.until(() => true)
      const late = await replica(prefix)
      assert.equal(late.isRevoked(ADA, { authTime: NOW / 1000 - 1 }), true)
      assert.equal(late.isRevoked(ADA, { authTime: NOW / 1000 + 1, sessionId: 's' }), true)
      assert.equal(late.isDisabled(ADA), false)
      assert.equal(late.isNotCompliant('laptop'), true)
      assert.equal(await late.tell(disabled(NOW)), 'superseded')
    })

    it('that goes on after it has lost its data gets back what was before, too', async () => {
      const prefix = `${randomUUID()}:`
      const key = `${prefix}events`
      const one = await replica(prefix)
      await one.tell(revoked(NOW))
      await one.until(() => one.heard.length === 1)
      const entry = JSON.stringify(disabled(NOW))
      const script = `redis.call('DEL', KEYS[1]) return redis.call('XADD', KEYS[1], '*', 'e', ARGV[1])`
      await server.command('EVAL', script, '1', key, entry)
      await one.until(() => one.heard.length === 2)
      for (let looks = 0; looks < 3 && Number(await server.command('XLEN', key)) < 2; looks++)
        await nextLook(one)
      const late = await replica(prefix)
      assert.equal(late.isRevoked(ADA, { authTime: NOW / 1000 - 1 }), true)
      assert.equal(late.isDisabled(ADA), true)
    })
  })

  after(async () => {
    await Promise.all(ends.map((end) => end()))
    await server.kill()
  })
}
