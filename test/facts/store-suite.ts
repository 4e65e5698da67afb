import { describe } from 'node:test'
import type { Store, Uses } from '../../src/facts/store.ts'
import type { StoreLimits } from '../../src/facts/store-limits.ts'
import { describeCounters } from './suite-counters.ts'
import { describeSettle } from './suite-settle.ts'
import { describeSights } from './suite-sights.ts'
import { describeSubjects } from './suite-subjects.ts'
import { describeUses } from './suite-uses.ts'

/** Opens a new, empty store, with three rounds in five minutes unless something else is said. */
export type OpenStore = (limits?: Partial<StoreLimits>) => Promise<Store & Uses>

/** Everything that both stores do alike; registers the tests. */
export function describeStore(name: string, open: OpenStore): void {
  describe(name, () => {
    describeSettle(open)
    describeSights(open)
    describeSubjects(open)
    describeCounters(open)
    describeUses(open)
  })
}
