import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { createRedisJournal } from '../../src/facts/redis-journal.ts'
import { openFollowedStore } from '../support/followed-store.ts'
import { findRedis } from '../support/redis-binary.ts'
import { startRedis } from '../support/redis-server.ts'
import { documentedRights } from './documented-rights.ts'
import { NOW, openReplica } from './journal-suite.ts'
import { ADA, revoked } from './security-events.ts'

const redis = await findRedis()

describe('a journal in Redis', { ...('missing' in redis && { skip: redis.missing }) }, () => {
  for (const isCluster of [false, true])
    it(`needs no more than the rights that are documented${isCluster ? ', in a cluster' : ''}`, async () => {
      assert.ok('command' in redis)
      const server = await startRedis(redis, { isCluster })
      after(server.kill)
      await server.command('ACL', 'SETUSER', 'stepgate', ...(await documentedRights(isCluster)))
      const address = { url: server.url.replace('//', '//stepgate:secret@'), isCluster }
      const prefix = 'stepgate:'
      const store = await openFollowedStore({ ...address, prefix, deadline: 2_000 })
      let passed = 0
      const failures: unknown[] = []
      const journal = createRedisJournal({
        address,
        prefix,
        call: store.call,
        now: () => Date.now() + 2,
        clock: () => performance.now() + passed,
        life: 1,
        failed: (error) => failures.push(error),
      })
      const one = await openReplica(journal)
      await one.tell(revoked(NOW))
      const oldest = () => server.command('XRANGE', 'stepgate:events', '-', '+', 'COUNT', '1')
      const before = await oldest()
      // A minute later it is too old, and cut off.
      passed = 60_000
      while ((await oldest()) === before) await one.until(() => true)
      await one.until(one.isCurrent)
      assert.equal(one.isRevoked(ADA, {}), true)
      assert.deepEqual([failures, one.failures], [[], []])
      await Promise.all([one.stop(), store.stop()])
    })
})
