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
