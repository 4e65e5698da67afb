import { bucketAt, bucketWidth, type Thousandths } from './counting.ts'

/** What was added within one sixtieth of a window. */
export type Bucket = { readonly at: number; sum: Thousandths }

type Window = { buckets: Bucket[]; readonly used: number }

/** The buckets of each counter that have not left its window; `open` makes room for those of a new one. */
export type Windows = {
  readonly read: (key: string, window: number, now: number) => Bucket[]
  readonly open: (key: string, window: number, now: number) => Bucket[]
}

/** Creates them: those of one length stand in the order of their last use, in which they expire. */
export function createWindows(capacity: number): Windows {
  const windows = new Map<number, Map<string, Window>>()
  let size = 0
  const ofLength = (window: number) => {
    const known = windows.get(window) ?? new Map<string, Window>()
    windows.set(window, known)
    return known
  }
  const forget = (now: number) => {
    for (const [window, counters] of windows) size -= dropPassed(counters, window, now)
  }
  const read = (key: string, window: number, now: number): Bucket[] => {
    const oldest = bucketAt(now - window, window)
    const counter = windows.get(window)?.get(key)
    if (counter) counter.buckets = counter.buckets.filter(({ at }) => at >= oldest)
    return counter?.buckets ?? []
  }
  const open = (key: string, window: number, now: number): Bucket[] => {
    const counters = ofLength(window)
    const buckets = read(key, window, now)
    const used = Math.max(now, counters.get(key)?.used ?? 0)
    if (!counters.delete(key)) {
      if (size >= capacity) forget(now)
      if (size >= capacity) throw new Error('no room for another counter')
      size += 1
    }
    counters.set(key, { buckets, used })
    return buckets
  }
  return { read, open }
}

/** How many counters were dropped. */
function dropPassed(counters: Map<string, Window>, window: number, now: number): number {
  let dropped = 0
  for (const [key, { used }] of counters) {
    if (used + window + bucketWidth(window) > now) break
    counters.delete(key)
    dropped += 1
  }
  return dropped
}
