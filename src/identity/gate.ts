import type { Breaker } from './breaker.ts'
import type { Schedule } from './schedule.ts'

/**
 * Lets work through that a request waits for, by the key of what is asked: null when the answer is not there in time, or
 * was not even asked for. Never rejects.
 */
export type Gate<T> = (key: string, work: () => Promise<T>) => Promise<T | null>

/** What bounds it. */
export type GateOptions = {
  /** Milliseconds that a request waits. */
  readonly deadline: number
  /** Works under way at once; one more is not begun. */
  readonly atMost: number
  readonly breaker: Breaker
  readonly schedule: Schedule
  /** True for a failure that is no answer at all; any other shows that the source is there. */
  readonly isOutage: (error: unknown) => boolean
  /** Told once of each work that failed, or took longer than the deadline. */
  readonly failed: (error: unknown) => void
}

/**
 * Makes one. The same key at the same time is one piece of work, and whoever joins waits no longer than the first would.
 * Work that is late goes on, so that what it finds can be kept for the next request.
 */
export function createGate<T>({
  deadline,
  atMost,
  breaker,
  schedule,
  isOutage,
  failed,
}: GateOptions): Gate<T> {
  const underWay = new Map<string, Promise<T | null>>()

  function fail(error: unknown, outage: boolean): null {
    if (outage) breaker.failed()
    else breaker.succeeded()
    failed(error)
    return null
  }

  async function carryOut(key: string, work: () => Promise<T>): Promise<T | null> {
    let late = false
    const cancel = schedule(deadline, () => {
      late = true
      fail(new Error(`no answer within ${deadline} ms`), true)
    })
    try {
      const found = await work()
      breaker.succeeded()
      return found
    } catch (error) {
      return late ? null : fail(error, isOutage(error))
    } finally {
      cancel()
      underWay.delete(key)
    }
  }

  function begin(key: string, work: () => Promise<T>): Promise<T | null> {
    const begun = carryOut(key, work)
    underWay.set(key, begun)
    return begun
  }

  return async (key, work) => {
    const begun = underWay.get(key)
    if (begun !== undefined) return within(begun, deadline, schedule)
    if (underWay.size >= atMost || !breaker.mayTry()) return null
    return within(begin(key, work), deadline, schedule)
  }
}

function within<T>(begun: Promise<T>, deadline: number, schedule: Schedule): Promise<T | null> {
  return new Promise((resolve) => {
    const cancel = schedule(deadline, () => resolve(null))
    void begun.then((found) => {
      cancel()
      resolve(found)
    })
  })
}
