import { streamOf } from '../domain/access-request.ts'
import type { Aftermath, CounterUse, FactNeeds, Facts } from '../domain/facts.ts'
import { createMayBeAnswer } from './answered.ts'
import { isCountable } from './counting.ts'
import { type Fetched, memoryOf } from './memory.ts'
import { recall } from './recall.ts'
import { type Asked, readShown, type Shown, type Sources } from './shown.ts'
import type { Observed, Sighting, Store } from './store.ts'
import { placeName } from './travel.ts'

/** Looks facts up before a decision, and remembers what the decision came to after it. */
export type FactSource = {
  /**
   * What is needed, as far as it can be had: what the store cannot say is absent. Waits for the store only, and asks it
   * at most once, and not at all when nothing needs it. Never throws or rejects.
   */
  readonly fetch: (needs: FactNeeds | null, asked: Asked) => Fetched | Promise<Fetched>
  /** What of it needs no store. Never throws. */
  readonly atHand: (needs: FactNeeds | null, asked: Asked) => Facts
  /** The answer does not wait for it. Never throws. */
  readonly remember: (fetched: Fetched, aftermath: Aftermath) => void
}

/** Where facts come from, and who is told of them. */
export type FactDeps = Sources & {
  readonly store: Store
  /** Milliseconds for which the rounds of a challenge are remembered. */
  readonly loopWindow: number
  /** A request passed that had been challenged before, with the level that was required (null: none). */
  readonly satisfied: (level: string | null) => void
  /** The store failed. */
  readonly failed: (error: unknown) => void
}

/** Creates the policy information point (NIST SP 800-162). */
export function createFacts(deps: FactDeps): FactSource {
  const { store, failed, satisfied } = deps
  const mayBeAnswer = createMayBeAnswer(deps.loopWindow)
  return {
    fetch: (needs, asked) => {
      const { groups, counters } = needs ?? NO_NEEDS
      const shown = readShown(deps, groups, asked)
      const uses = counters.filter(({ amount }) => amount !== null)
      const { now, request } = asked
      const bare = { facts: shown.facts, shown, now, stream: streamOf(request), uses }
      const sighting = sightingOf(bare)
      if (sighting === null) return { ...bare, observed: null }
      const lost = (error: unknown): Fetched => {
        failed(error)
        return { ...bare, observed: null }
      }
      const seen = (observed: Observed): Fetched => {
        const recalled = recall({ groups, shown, observed, now })
        const facts = { ...shown.facts, ...recalled, ...counted(sighting, observed) }
        return { ...bare, facts, observed }
      }
      return whenThere(() => store.observe(sighting), seen, lost)
    },
    atHand: (needs, asked) => readShown(deps, needs?.groups ?? NO_NEEDS.groups, asked).facts,
    remember: (fetched, aftermath) => {
      const { satisfied: met } = aftermath
      const isNews = met !== null && mayBeAnswer(fetched.shown, met, fetched.now)
      const memory = memoryOf(fetched, isNews ? aftermath : { ...aftermath, satisfied: null })
      if (memory === null) return
      const kept = (answered: boolean) => {
        if (answered) satisfied(aftermath.satisfied?.level ?? null)
      }
      void whenThere(() => store.remember(memory), kept, failed)
    },
  }
}

const NO_NEEDS: FactNeeds = { groups: new Set(), counters: [] }

/** Goes on at once with what is there at once; what goes wrong on either way is `lost`. */
function whenThere<Found, Result>(
  ask: () => Found | Promise<Found>,
  found: (found: Found) => Result,
  lost: (error: unknown) => Result,
): Result | Promise<Result> {
  try {
    const asked = ask()
    return asked instanceof Promise ? asked.then(found).catch(lost) : found(asked)
  } catch (error) {
    return lost(error)
  }
}

/** Null when there is nothing to ask. */
function sightingOf({ shown, now, stream, uses }: Omit<Fetched, 'observed'>): Sighting | null {
  const { facts: _facts, login: _login, subject, place, ...rest } = shown
  const about = place === undefined ? rest : { ...rest, place: placeName(place) }
  const counters = uses.filter((use) => use.read && isCountable(use))
  if (counters.length === 0 && Object.keys(about).length === 0) return null
  return { subject, now, ...seenAt(shown, now), stream, ...about, counters }
}

function seenAt({ login }: Shown, now: number): Pick<Sighting, 'seenAt'> {
  const { authTime = 0 } = login ?? {}
  return authTime * 1000 > now ? { seenAt: authTime * 1000 } : {}
}

function counted({ counters }: Sighting, observed: Observed): Facts {
  if (counters.length === 0) return {}
  const values = counters.flatMap(({ id }: CounterUse, at): [string, number][] => {
    const value = observed.counters[at]
    return value !== undefined && Number.isFinite(value) ? [[id, value]] : []
  })
  return { counters: new Map(values) }
}
