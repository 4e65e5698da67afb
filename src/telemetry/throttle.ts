/** Says yes at most once per `interval`, both on the clock of `now`, in milliseconds. */
export function createThrottle(now: () => number, interval: number): () => boolean {
  let last = Number.NEGATIVE_INFINITY
  return () => {
    const time = now()
    if (time - last < interval) return false
    last = time
    return true
  }
}

/** The same for each key on its own; keys are few. */
export function createThrottles(now: () => number, interval: number): (key: string) => boolean {
  const throttles = new Map<string, () => boolean>()
  return (key) => {
    const throttle = throttles.get(key) ?? createThrottle(now, interval)
    throttles.set(key, throttle)
    return throttle()
  }
}
