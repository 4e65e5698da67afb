import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { Decision } from '../../src/domain/decision.ts'
import { createMemoryStore } from '../../src/facts/memory-store.ts'
import type { Store } from '../../src/facts/store.ts'
import { createReplica, requestOf, tokenOf } from '../support/chain.ts'
import { POLICIES, sentByAda, sentByThief } from './thief-scene.ts'
import type { What } from './thief-stories.ts'

const START = 1_795_428_000_000

type Asks = {
  readonly who: 'ada' | 'thief'
  readonly what: What
  readonly replica: number
  readonly device: 'own' | 'another' | 'none'
}

const asks: fc.Arbitrary<Asks> = fc.record({
  who: fc.constantFrom('ada', 'thief', 'thief'),
  what: fc.constantFrom('read', 'change', 'plain'),
  replica: fc.nat({ max: 1 }),
  device: fc.constantFrom('own', 'another', 'none'),
})

/** Requests that are made all at once; before them Ada may log in anew. */
const rounds = fc.array(
  fc.record({ login: fc.boolean(), all: fc.array(asks, { minLength: 2, maxLength: 8 }) }),
  { minLength: 1, maxLength: 5 },
)

describe('a thief who asks many replicas at once', () => {
  it('gets no signal out, in whatever order the store answers', async () => {
    const played = fc.asyncProperty(fc.scheduler(), rounds, async (scheduler, all) => {
      for (const { asked, decision } of await play(scheduler, all)) {
        const on = decision.risk?.signals ?? []
        const isMissing = (id: string) => asked.what !== 'plain' && !on.includes(id)
        assert.deepEqual(['device', 'fingerprint'].filter(isMissing), [])
      }
    })
    await fc.assert(played, { numRuns: 200 })
  })
})

/** Two replicas on one store whose answers come in any order; what the thief was told. */
async function play(
  scheduler: fc.Scheduler,
  all: readonly { readonly login: boolean; readonly all: readonly Asks[] }[],
) {
  let now = START
  let stream = 0
  const store = scheduled(scheduler)
  const decide = [0, 1].map(() => createReplica({ policy: POLICIES.all, store, now: () => now }))
  const stolen = START / 1000
  let held = stolen
  const told: { readonly asked: Asks; readonly decision: Decision }[] = []
  const ask = async (asked: Asks) => {
    stream += 1
    const request = requestOf(sentBy(asked, stream), { id: `stream-${stream}`, time: now })
    const authTime = asked.who === 'ada' ? held : stolen
    const token = tokenOf({ id: 'ada', roles: ['manager'] }, { acr: 'mfa', authTime })
    const decision = await (decide[asked.replica] ?? assert.fail())(request, token)
    if (asked.who === 'thief') told.push({ asked, decision })
  }
  for (const round of all) {
    now += 20_000
    if (round.login) held = now / 1000
    await scheduler.waitFor(Promise.all(round.all.map(ask)))
  }
  return told
}

function sentBy({ who, what, replica, device }: Asks, stream: number) {
  const base = { what, replica }
  if (who === 'ada') {
    return sentByAda({ ...base, kind: 'ada', device: 'laptop', city: 'berlin', answersAfter: null })
  }
  const city = 'tokyo'
  return sentByThief(
    { ...base, kind: 'thief', device, city, roles: 'stolen', retried: false },
    stream,
  )
}

function scheduled(scheduler: fc.Scheduler): Store {
  const store = createMemoryStore({ loop: { attempts: 3, window: 300_000 }, capacity: 100 })
  const turn = () => scheduler.schedule(Promise.resolve())
  return {
    ...store,
    observe: async (sighting) => {
      await turn()
      return store.observe(sighting)
    },
    remember: async (memory) => {
      await turn()
      return store.remember(memory)
    },
    settle: async (settlement) => {
      await turn()
      return store.settle(settlement)
    },
  }
}
