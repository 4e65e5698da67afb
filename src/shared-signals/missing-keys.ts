/** Tells whether it is worth waiting for a key that is not there. */
export type MissingKeys = {
  /** A SET named a key that its stream does not have: true when it may be there later, false when it was looked for. */
  readonly missed: (stream: string) => boolean
  /** The keys of a stream were loaded anew. */
  readonly loaded: (stream: string) => void
}

/** Milliseconds after which a missing key is looked for again. */
const PATIENCE = 300_000

/** Creates it. `ask` begins a load before long; `now` in milliseconds, on a clock that never goes back. */
export function createMissingKeys(ask: (stream: string) => void, now: () => number): MissingKeys {
  const asked = new Map<string, number>()
  const loaded = new Map<string, number>()
  return {
    missed: (stream) => {
      const time = now()
      const since = asked.get(stream)
      ask(stream)
      if (since === undefined || time - since > PATIENCE) {
        asked.set(stream, time)
        return true
      }
      return (loaded.get(stream) ?? Number.NEGATIVE_INFINITY) <= since
    },
    loaded: (stream) => void loaded.set(stream, now()),
  }
}
