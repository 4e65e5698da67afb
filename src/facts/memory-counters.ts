import { LRUCache } from 'lru-cache'
import type { CounterUse } from '../domain/facts.ts'
import {
  addedAfterwards,
  addedBy,
  bucketAt,
  countOf,
  STREAM_LIFE,
  type Thousandths,
} from './counting.ts'
import { counterDigest, digest } from './digest.ts'
import { type Bucket, createWindows } from './memory-windows.ts'

/** The request that counts: when (ms since the epoch), and the stream that Envoy may retry. */
type Counted = { readonly now: number; readonly stream: string | null }

type Act = 'reserve' | 'count'

/** Sliding windows in memory. */
export type MemoryCounters = {
  /** The value, with the request at hand where the counter counts it before the outcome is known. */
  readonly observe: (use: CounterUse, request: Counted) => number
  readonly count: (use: CounterUse, request: Counted) => void
  readonly giveBack: (use: CounterUse, request: Counted) => void
}

/** What one stream added, into which bucket, when (ms), and how many attempts of it are not given back. */
type Added = {
  readonly bucket: number
  readonly units: Thousandths
  readonly at: number
  readonly attempts: number
}

/**
 * Creates the counters. No more than `capacity` are kept, and one whose window has not passed is never dropped, since it
 * would begin again at 0: without room the function throws. A stream that is dropped counts twice, or stays counted.
 */
export function createMemoryCounters(capacity: number): MemoryCounters {
  const counters = createWindows(capacity)
  const streams = new LRUCache<string, Added>({ max: capacity })

  function add(use: CounterUse, units: Thousandths, request: Counted, act: Act): Bucket[] {
    const { now, stream } = request
    const key = counterDigest(use)
    const buckets = counters.open(key, use.window, now)
    const attempt = digest(key, stream ?? '')
    const before = stream === null ? undefined : liveOf(streams.get(attempt), now)
    if (before) {
      streams.set(attempt, { ...before, attempts: before.attempts + (act === 'reserve' ? 1 : 0) })
      return buckets
    }
    const bucket = bucketAt(now, use.window)
    put(buckets, bucket, units, act)
    if (stream !== null) streams.set(attempt, { bucket, units, at: now, attempts: 1 })
    return buckets
  }

  function observe(use: CounterUse, request: Counted): number {
    if (use.of !== 'refused') return sumOf(add(use, addedBy(use), request, 'reserve'))
    return sumOf(counters.read(counterDigest(use), use.window, request.now))
  }

  function giveBack(use: CounterUse, { now, stream }: Counted): void {
    const key = counterDigest(use)
    const buckets = counters.read(key, use.window, now)
    if (stream === null) {
      take(buckets, bucketAt(now, use.window), addedBy(use))
      return
    }
    const attempt = digest(key, stream)
    const before = liveOf(streams.get(attempt), now)
    if (before === undefined) return
    if (before.attempts > 1) {
      streams.set(attempt, { ...before, attempts: before.attempts - 1 })
      return
    }
    streams.delete(attempt)
    take(buckets, before.bucket, before.units)
  }

  return {
    observe,
    count: (use, request) => void add(use, addedAfterwards(use), request, 'count'),
    giveBack,
  }
}

function liveOf(added: Added | undefined, now: number): Added | undefined {
  return added && added.at + STREAM_LIFE > now ? added : undefined
}

function sumOf(buckets: readonly Bucket[]): number {
  return countOf(buckets.reduce((sum, bucket) => sum + bucket.sum, 0))
}

/** What is reserved must fit, so that it can be given back; what is counted fills what room there is. */
function put(buckets: Bucket[], at: number, units: Thousandths, act: Act): void {
  const bucket = buckets.find((one) => one.at === at)
  const sum = (bucket?.sum ?? 0) + units
  if (sum > Number.MAX_SAFE_INTEGER && act === 'reserve') throw new Error('a counter is full')
  const fitting = Math.min(sum, Number.MAX_SAFE_INTEGER)
  if (bucket) bucket.sum = fitting
  else buckets.push({ at, sum: fitting })
}

function take(buckets: Bucket[], at: number, units: Thousandths): void {
  const bucket = buckets.find((one) => one.at === at)
  if (bucket) bucket.sum = Math.max(0, bucket.sum - units)
}
