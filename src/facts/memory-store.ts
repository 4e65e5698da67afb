import type { CounterUse } from '../domain/facts.ts'
import { addedAfterwards, addedBy } from './counting.ts'
import { createMemoryCounters } from './memory-counters.ts'
import { createMemoryLogins } from './memory-logins.ts'
import { createMemorySubjects } from './memory-subjects.ts'
import { createMemoryUses } from './memory-uses.ts'
import type { Memory, Observed, Sighting, Store, Uses } from './store.ts'
import { type GivenLimits, STORE_LIMITS } from './store-limits.ts'

/** Bounds of a memory store. */
export type MemoryStoreOptions = GivenLimits & {
  /** Entries of each kind: subjects, sessions, counters, challenges, rounds, spent logins and used proofs. */
  readonly capacity?: number
}

const CAPACITY = 100_000

/**
 * A store in the memory of one process, for a single instance, which is empty after a restart. Of what it has no room
 * for it drops what was used longest ago, where that makes things new again; where it would make a login unspent, a
 * proof unused or a count 0, it throws.
 */
export function createMemoryStore(options: MemoryStoreOptions): Store & Uses {
  const { capacity = CAPACITY, ...given } = options
  const limits = { ...STORE_LIMITS, ...given }
  const counters = createMemoryCounters(capacity)
  const logins = createMemoryLogins(limits, capacity)
  const subjects = createMemorySubjects(limits, capacity)

  function observe(sighting: Sighting): Observed {
    sighting.counters.forEach(refuseUncountable)
    const seen = asksOfSubject(sighting) ? subjects.observe(sighting.subject, sighting) : {}
    return { ...seen, counters: sighting.counters.map((use) => counters.observe(use, sighting)) }
  }

  function remember(memory: Memory): boolean {
    const { subject, now, satisfied } = memory
    memory.giveBack.forEach(addedBy)
    memory.count.forEach(addedAfterwards)
    for (const use of memory.giveBack) counters.giveBack(use, memory)
    if (subject !== null && teaches(memory)) subjects.learn(subject, memory)
    const isAnswer =
      subject !== null && satisfied !== null && logins.satisfy(subject, satisfied, now)
    doEach(memory.count, (use) => counters.count(use, memory))
    return isAnswer
  }

  return { observe, settle: logins.settle, remember, useOnce: createMemoryUses(capacity) }
}

/** One counter for which there is no room does not keep the others from counting. */
function doEach<T>(things: readonly T[], act: (thing: T) => void): void {
  const errors: unknown[] = []
  for (const thing of things) {
    try {
      act(thing)
    } catch (error) {
      errors.push(error)
    }
  }
  if (errors.length > 0) throw errors[0]
}

/** Before anything is recorded. */
function refuseUncountable(use: CounterUse): void {
  if (use.of !== 'refused') addedBy(use)
}

/** True when something is asked of the subject, and not of counters alone. */
export function asksOfSubject(
  sighting: Sighting,
): sighting is Sighting & { subject: NonNullable<Sighting['subject']> } {
  const { device, place, session, fingerprint, roles } = sighting
  return (
    sighting.subject !== null &&
    [device, place, session, fingerprint, roles].some((one) => one !== undefined)
  )
}

/** True when something is learnt of the subject. */
export function teaches({ device, place, fingerprint, roles }: Memory): boolean {
  return [device, place, fingerprint, roles].some((one) => one !== undefined)
}
