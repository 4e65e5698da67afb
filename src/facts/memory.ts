import type { Aftermath, CounterUse, Facts } from '../domain/facts.ts'
import { isCountable } from './counting.ts'
import type { Shown } from './shown.ts'
import type { Memory, Observed } from './store.ts'

/** What was looked up for a request, and what remembering it needs. */
export type Fetched = {
  readonly facts: Facts
  readonly shown: Shown
  /** Milliseconds since the epoch. */
  readonly now: number
  readonly stream: string | null
  /** Of every counter that counts this request and has an amount. */
  readonly uses: readonly CounterUse[]
  /** Null when the store was not asked, or did not answer: then nothing is known to be reserved. */
  readonly observed: Observed | null
}

/** Milliseconds for which a place need not be seen again. */
const FRESH = 60_000

/** What is to be remembered of a decision; null for nothing. */
export function memoryOf(fetched: Fetched, aftermath: Aftermath): Memory | null {
  const { shown, now, stream } = fetched
  const learnt = { ...refreshed(fetched, aftermath), ...learntOf(fetched, aftermath) }
  const counts = countsOf(fetched, aftermath)
  const satisfied = aftermath.satisfied?.about ?? null
  const isEmpty =
    Object.keys(learnt).length + counts.count.length + counts.giveBack.length === 0 &&
    satisfied === null
  return isEmpty ? null : { subject: shown.subject, now, stream, ...learnt, ...counts, satisfied }
}

type Learnt = Pick<Memory, 'device' | 'place' | 'fingerprint' | 'roles'>

function learntOf({ shown }: Fetched, { learn }: Aftermath): Learnt {
  const { device, place, session, fingerprint: value, roles } = shown
  const isLearnt = new Set(learn)
  return {
    ...(isLearnt.has('device') && device !== undefined ? { device } : {}),
    ...(isLearnt.has('place') && place !== undefined ? { place } : {}),
    ...(isLearnt.has('fingerprint') && session !== undefined && value !== undefined
      ? { fingerprint: { session, value } }
      : {}),
    ...(isLearnt.has('roles') && roles !== undefined ? { roles } : {}),
  }
}

/**
 * Where the subject still is: seen there now, but in the middle that was learnt, so that many small steps do not add up
 * to a journey that nobody notices.
 */
function refreshed({ facts, shown, observed, now }: Fetched, { allowed }: Aftermath): Learnt {
  const last = observed?.place?.last ?? null
  const isElsewhere = facts.unlearnt?.has('place') ?? true
  if (!allowed || last === null || shown.place === undefined || isElsewhere) return {}
  return now - last.at >= FRESH ? { place: { ...last, at: now } } : {}
}

/** A counter that was reserved has counted the request already, also if it should not have. */
function countsOf(
  { uses, observed }: Fetched,
  { allowed }: Aftermath,
): Pick<Memory, 'count' | 'giveBack'> {
  const isReserved = (use: CounterUse) =>
    observed !== null && use.read && use.of !== 'refused' && isCountable(use)
  const isCounted = ({ of }: CounterUse) =>
    of === 'attempts' || of === (allowed ? 'allowed' : 'refused')
  return {
    count: uses.filter((use) => isCounted(use) && !isReserved(use)),
    giveBack: uses.filter((use) => isReserved(use) && !isCounted(use)),
  }
}
