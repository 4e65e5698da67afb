import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import type { SecurityEvent } from '../../src/domain/security-event.ts'
import type { Journal } from '../../src/facts/journal.ts'
import { createStandings, EVENT_LIFE, type Standings } from '../../src/facts/standings.ts'
import { ADA, disabled, enabled, ended, notCompliant, revoked } from './security-events.ts'

/** Milliseconds; every replica of a test has this time. */
export const NOW = 1_795_428_000_000

/** One replica, and what it was told. */
export type Replica = Standings & {
  readonly heard: readonly SecurityEvent[]
  readonly failures: readonly unknown[]
  /** Resolves when the condition holds; it is looked at whenever something may have changed. */
  readonly until: (condition: () => boolean) => Promise<void>
}

/** Opens a replica on a journal, which is current. */
export async function openReplica(journal: Journal): Promise<Replica> {
  const heard: SecurityEvent[] = []
  const failures: unknown[] = []
  const looks = new Set<() => void>()
  const look = () => {
    for (const one of looks) one()
  }
  const watched: Journal = {
    ...journal,
    follow: (reader) =>
      journal.follow({
        ...reader,
        caughtUp: () => {
          reader.caughtUp()
          look()
        },
      }),
  }
  const until = (condition: () => boolean) =>
    new Promise<void>((resolve) => {
      const one = () => {
        if (!condition()) return
        looks.delete(one)
        resolve()
      }
      looks.add(one)
      one()
    })
  const standings = createStandings({
    journal: watched,
    now: () => NOW,
    onEvent: (event) => {
      heard.push(event)
      look()
    },
    onCurrent: look,
    failed: (error) => failures.push(error),
  })
  await until(standings.isCurrent)
  return { ...standings, heard, failures, until }
}

/** What every journal makes of events; `open` opens one that is empty. */
export function describeJournal(name: string, open: () => Journal | Promise<Journal>): void {
  const opened: Replica[] = []
  const replica = async () => {
    const one = await openReplica(await open())
    opened.push(one)
    return one
  }
  after(() => Promise.all(opened.map((one) => one.stop())))

  describe(name, () => {
    it('knows of nothing before anything is told', async () => {
      const { isRevoked, isDisabled, isNotCompliant } = await replica()
      assert.deepEqual([isRevoked(ADA, {}), isDisabled(ADA), isNotCompliant('laptop')], NOTHING)
    })

    it('applies what it is told before it says so', async () => {
      const one = await replica()
      assert.equal(await one.tell(revoked(NOW - 5_000)), 'applied')
      assert.equal(one.isRevoked(ADA, { authTime: NOW / 1000 - 6 }), true)
      assert.equal(one.isRevoked(ADA, { authTime: NOW / 1000 - 4 }), false)
      assert.equal(await one.tell(disabled(NOW)), 'applied')
      assert.equal(one.isDisabled(ADA), true)
      assert.equal(await one.tell(notCompliant(NOW)), 'applied')
      assert.equal(one.isNotCompliant('laptop'), true)
      assert.equal(await one.tell(ended(NOW - 5_000)), 'applied')
      assert.equal(one.isRevoked(ADA, { sessionId: 's', authTime: NOW / 1000 }), true)
      assert.equal(one.isRevoked(ADA, { sessionId: 't', authTime: NOW / 1000 }), false)
    })

    it('says of what is old or was told before that it is superseded, and tells nobody of it', async () => {
      const one = await replica()
      const told = [revoked(NOW), revoked(NOW), revoked(NOW - 1), enabled(NOW), disabled(NOW - 1)]
      const results: string[] = []
      for (const event of told) results.push(await one.tell(event))
      assert.deepEqual(results, ['applied', 'superseded', 'superseded', 'applied', 'superseded'])
      assert.deepEqual(one.heard, [revoked(NOW), enabled(NOW)])
    })

    it('does not tell twice that a session ended', async () => {
      const one = await replica()
      const results: string[] = []
      for (const event of [ended(NOW), ended(NOW), ended(NOW - 1), ended(NOW, 's', 'other')])
        results.push(await one.tell(event))
      assert.deepEqual(results, ['applied', 'superseded', 'superseded', 'applied'])
    })

    it('takes an event out of the future for one of soon: later ones are not lost by it', async () => {
      const one = await replica()
      await one.tell(enabled(NOW * 1000))
      assert.deepEqual(one.heard, [enabled(NOW + 301_000)])
      assert.equal(await one.tell(disabled(NOW + 301_000)), 'applied')
      assert.equal(one.isDisabled(ADA), true)
    })

    it('remembers longer than any access token lives', () => {
      assert.ok(EVENT_LIFE >= 30 * 86_400_000)
    })
  })
}

const NOTHING = [false, false, false]
