/** Stops asking a source that fails, and tries it again now and then. */
export type Breaker = {
  /** True when the source may be asked; while it is broken, for one trial at a time only. */
  readonly mayTry: () => boolean
  readonly succeeded: () => void
  readonly failed: () => void
}

/** Failures in a row that break it. */
const MOST_FAILURES = 5

/** Milliseconds until the first trial; they double from trial to trial, up to the last. */
const FIRST_REST = 1000
const LAST_REST = 30_000

/** Makes one that is whole; `now` in milliseconds, on a clock that never goes back. */
export function createBreaker(now: () => number): Breaker {
  let failures = 0
  let rest = 0
  let trialAt = 0
  let trying = false
  const open = () => {
    rest = Math.min(Math.max(2 * rest, FIRST_REST), LAST_REST)
    trialAt = now() + rest
    trying = false
  }
  return {
    mayTry: () => {
      if (failures < MOST_FAILURES) return true
      if (trying || now() < trialAt) return false
      trying = true
      return true
    },
    succeeded: () => {
      failures = 0
      rest = 0
      trying = false
    },
    failed: () => {
      // Those that were under way when it broke say nothing new.
      if (failures >= MOST_FAILURES && !trying) return
      failures = Math.min(failures + 1, MOST_FAILURES)
      if (failures === MOST_FAILURES) open()
    },
  }
}
