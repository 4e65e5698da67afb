import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, describe, it } from 'node:test'
import { stringify } from 'yaml'
import type { FactGroup } from '../../src/domain/facts.ts'
import type { SecurityEvent } from '../../src/domain/security-event.ts'
import { createLifecycle } from '../../src/runtime/lifecycle.ts'
import { type FactsDeps, type RunningFacts, startFacts } from '../../src/service/start-facts.ts'
import { readSecrets } from '../../src/settings/read-secrets.ts'
import type { Settings } from '../../src/settings/read-settings.ts'
import { ada, requestWith } from '../facts/asking.ts'
import { disabled, revoked } from '../facts/security-events.ts'
import { settingsOf } from '../settings/reading.ts'
import { findRedis } from '../support/redis-binary.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'

const redis = await findRedis()
const SECOND = Math.floor(Date.now() / 1000)
const GROUPS: ReadonlySet<FactGroup> = new Set(['session-revoked', 'subject-disabled'])

const SIGNALS = {
  streams: {
    idp: {
      issuer: 'https://idp.example.com',
      audience: 'stepgate',
      keys: { jwks_uri: 'https://idp.example.com/jwks' },
      push: {},
    },
  },
}

const silent = () => {}
const SILENT: FactsDeps['events'] = {
  storeState: silent,
  storeWarning: silent,
  storeFailed: silent,
  storeAnswered: silent,
  dataLoaded: silent,
  dataFailed: silent,
  challengeSatisfied: silent,
}

function secretsOf(settings: Settings, { url }: RedisServer) {
  const read = readSecrets(settings, { REDIS_URL: url }, () => assert.fail('no file is read'))
  return read.kind === 'secrets' ? read.secrets : assert.fail('a secret is missing')
}

/** A replica's facts, and what it heard. */
type Replica = {
  readonly facts: RunningFacts
  readonly heard: readonly SecurityEvent[]
  /** Resolves once the condition holds; looked at when something was heard or became ready. */
  readonly until: (condition: () => boolean) => Promise<void>
}

describe('replicas on one Redis', { ...('missing' in redis && { skip: redis.missing }) }, () => {
  const ends: (() => Promise<unknown>)[] = []
  after(async () => {
    for (const end of ends.reverse()) await end()
  })

  function startReplica(server: RedisServer, prefix: string, signals: object | undefined): Replica {
    const lifecycle = createLifecycle((failure) => assert.fail(JSON.stringify(failure)))
    ends.push(() => lifecycle.stop())
    const heard: SecurityEvent[] = []
    let look = () => {}
    const settings = settingsOf(
      stringify({
        issuers: { idp: { issuer: 'https://idp.example.com', audiences: ['api'] } },
        state: { redis: { url: 'env:REDIS_URL', prefix, deadline: '1s' } },
        ...(signals && { shared_signals: signals }),
      }),
    )
    const facts = startFacts(
      {
        settings,
        secrets: secretsOf(settings, server),
        lifecycle,
        events: SILENT,
        now: Date.now,
        clock: () => performance.now(),
        onSecurityEvent: (event) => {
          heard.push(event)
          look()
        },
      },
      () => look(),
    )
    const until = (condition: () => boolean) =>
      new Promise<void>((resolve) => {
        look = () => {
          if (condition()) resolve()
        }
        look()
      })
    return { facts, heard, until }
  }

  function factsOf({ facts }: Replica) {
    const asked = {
      request: requestWith(),
      identity: ada({}, { authTime: SECOND }),
      now: Date.now(),
    }
    const fetched = facts.facts.fetch({ groups: GROUPS, counters: [] }, asked)
    assert.ok(!(fetched instanceof Promise), 'it waits for the network')
    return fetched.facts
  }

  it('agree on what one of them was told, and ask nobody when they decide', async () => {
    assert.ok('command' in redis)
    const server = await startRedis(redis)
    ends.push(server.kill)
    const prefix = `${randomUUID()}:`
    const [one, other] = [
      startReplica(server, prefix, SIGNALS),
      startReplica(server, prefix, SIGNALS),
    ]
    assert.deepEqual(factsOf(one), {}, 'nothing is known before the journal is read')
    assert.equal(one.facts.ready(), false)
    for (const each of [one, other]) {
      await each.until(each.facts.ready)
      assert.deepEqual(factsOf(each), { sessionRevoked: false, subjectDisabled: false })
    }
    await one.facts.standings?.tell(revoked(SECOND * 1000))
    await one.facts.standings?.tell(disabled(SECOND * 1000))
    await other.until(() => other.heard.length === 2)
    for (const each of [one, other])
      assert.deepEqual(factsOf(each), { sessionRevoked: true, subjectDisabled: true })
    const late = startReplica(server, prefix, SIGNALS)
    await late.until(late.facts.ready)
    assert.deepEqual(factsOf(late), { sessionRevoked: true, subjectDisabled: true })
  })

  it('know of nothing without shared signals, and are ready all the same', async () => {
    assert.ok('command' in redis)
    const server = await startRedis(redis)
    ends.push(server.kill)
    const one = startReplica(server, `${randomUUID()}:`, undefined)
    await one.until(one.facts.ready)
    assert.equal(one.facts.standings, null)
    assert.deepEqual(factsOf(one), {})
  })
})
