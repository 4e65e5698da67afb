import type { CounterUse } from '../../src/domain/facts.ts'
import type { Memory, Observed, Sighting, Store } from '../../src/facts/store.ts'
import { NOW } from './settlements.ts'

/** A sighting of Ada, so many milliseconds after `NOW`, of whatever is given. */
export function see(
  store: Store,
  at: number,
  shown: Partial<Sighting>,
): Observed | Promise<Observed> {
  return store.observe({ subject: ADA, stream: null, counters: [], ...shown, now: NOW + at })
}

/** Remembers of Ada whatever is given, so many milliseconds after `NOW`. */
export function learn(
  store: Store,
  at: number,
  learnt: Partial<Memory>,
): boolean | Promise<boolean> {
  return store.remember({ ...NOTHING, ...learnt, now: NOW + at })
}

export const ADA = { issuer: 'idp', id: 'ada' }
const NOTHING = { subject: ADA, stream: null, count: [], giveBack: [], satisfied: null }

/** A counter of one minute, with one-second buckets, that adds 1. */
export function counter(use: Partial<CounterUse> = {}): CounterUse {
  return { id: 'c', key: 'k', window: 60_000, of: 'attempts', amount: 1, read: true, ...use }
}

/** The value of one counter as one request reads it. */
export async function count(
  store: Store,
  at: number,
  use: CounterUse,
  stream: string | null = null,
): Promise<number> {
  const { counters } = await see(store, at, { subject: null, stream, counters: [use] })
  return counters[0] ?? Number.NaN
}
