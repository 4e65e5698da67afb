import type { CounterUse } from '../domain/facts.ts'

/**
 * Counters count whole thousandths, in which sums are exact: what was added can be taken away again, and nothing else
 * with it, however large it was.
 */
export type Thousandths = number

/** The most that one request can add. */
const MOST = 1e12

/** True for what can be reserved: more than that is counted only afterwards, as the most there is. */
export function isCountable({ amount }: CounterUse): boolean {
  return amount !== null && amount <= MOST
}

/**
 * What a request adds to a counter, rounded up; what is negative adds nothing. Throws when it cannot be counted: then
 * the counter is unavailable, which is the stricter side.
 */
export function addedBy({ id, amount }: CounterUse): Thousandths {
  if (amount === null || !(amount <= MOST)) {
    throw new Error(`counter ${id} cannot count ${amount}: it takes numbers up to ${MOST}`)
  }
  const positive = Math.max(0, amount)
  // 15 digits take back what the multiplication adds: 1.1 is 1100 thousandths, not 1101.
  return Number.isInteger(positive)
    ? positive * 1000
    : Math.ceil(Number((positive * 1000).toPrecision(15)))
}

/**
 * What a request adds whose answer is given already, so that it is too late to refuse what cannot be counted: that
 * counts as the most there is.
 */
export function addedAfterwards(use: CounterUse): Thousandths {
  const isTooMuch = use.amount !== null && !(use.amount <= MOST)
  return isTooMuch ? MOST * 1000 : addedBy(use)
}

/** The value of a sum. Throws when it is none. */
export function countOf(sum: Thousandths): number {
  if (Number.isFinite(sum)) return sum / 1000
  throw new Error('the sum of a counter is not a number')
}

/** A sixtieth of the window, in milliseconds: what is counted within it leaves the window together, with the last. */
export function bucketWidth(window: number): number {
  return Math.max(1, Math.ceil(window / 60))
}

/** The number of the bucket that a time is in, counted from the epoch. */
export function bucketAt(time: number, window: number): number {
  return Math.floor(time / bucketWidth(window))
}

/** Milliseconds within which one Envoy stream counts once, however often it is retried. */
export const STREAM_LIFE = 60_000
