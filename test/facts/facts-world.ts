import assert from 'node:assert/strict'
import type { AccessRequest } from '../../src/domain/access-request.ts'
import type { Aftermath, CounterUse, FactGroup } from '../../src/domain/facts.ts'
import type { Identity } from '../../src/domain/identity.ts'
import { createFacts, type FactDeps } from '../../src/facts/facts.ts'
import type { Fetched } from '../../src/facts/memory.ts'
import type { Memory, Observed, Sighting, Store } from '../../src/facts/store.ts'
import { ada, NOW, requestWith } from './asking.ts'

/** Second of `NOW`. */
export const SECOND = NOW / 1000

/** What the fake sources know. */
export const BERLIN = { latitude: 52.52, longitude: 13.405, accuracyKm: 10 }

const locate: FactDeps['locate'] = () => ({
  country: { value: 'DE' },
  asn: { value: 64_500 },
  point: { value: BERLIN },
})

type Answer = Observed | Promise<Observed>

/** What one test changes. */
export type Given = {
  readonly groups?: readonly FactGroup[]
  readonly counters?: readonly CounterUse[]
  readonly identity?: Identity
  readonly request?: AccessRequest
  /** What the store answers; it must not be asked without. */
  readonly observed?: Partial<Observed> | ((sighting: Sighting) => Answer)
  readonly remember?: Store['remember']
  readonly sources?: Partial<FactDeps>
}

/** One request, with everything that was asked of the store and told to others. */
export function play(given: Given) {
  const sightings: Sighting[] = []
  const memories: Memory[] = []
  const failures: unknown[] = []
  const satisfied: (string | null)[] = []
  const { observed, remember } = given
  const facts = createFacts({
    locate,
    device: () => ({ id: 'laptop-7', trusted: true }),
    fingerprint: () => 'print-1',
    standings: null,
    store: {
      observe: (sighting) => {
        sightings.push(sighting)
        if (typeof observed === 'function') return observed(sighting)
        return observed ? { counters: [], ...observed } : assert.fail('the store was asked')
      },
      remember: (memory) => {
        memories.push(memory)
        return remember?.(memory) ?? false
      },
      settle: () => assert.fail('nothing to settle'),
    },
    loopWindow: 300_000,
    satisfied: (level) => satisfied.push(level),
    failed: (error) => failures.push(error),
    ...given.sources,
  })
  const { groups = [], counters = [], request = requestWith(), identity = ada() } = given
  const needs = { groups: new Set(groups), counters }
  const fetched = facts.fetch(needs, { request, identity, now: NOW })
  const { remember: keep } = facts
  return { sightings, memories, failures, satisfied, fetched, remember: keep }
}

/** The same, of a store that answers at once. */
export function playNow(given: Given) {
  const played = play(given)
  const { fetched } = played
  return fetched instanceof Promise ? assert.fail('it waited') : { ...played, fetched }
}

/** Its facts. */
export function factsOf(given: Given): Fetched['facts'] {
  return playNow(given).fetched.facts
}

/** What an allowed request, from which nothing is learnt, leaves. */
export const ALLOWED: Aftermath = { allowed: true, learn: [], satisfied: null }

/** A counter that counts this request once. */
export function use(id: string, of: CounterUse['of'], read: boolean, amount: number | null = 1) {
  return { id, key: 'ada', window: 60_000, of, amount, read }
}
