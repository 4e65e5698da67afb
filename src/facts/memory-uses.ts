import type { SingleUse } from './store.ts'

type Used = { readonly stream: string | null; readonly until: number }

/**
 * Creates the memory of what was used up, at most `capacity` at a time: when there is no room for another, it throws
 * rather than forget one.
 */
export function createMemoryUses(capacity: number): (use: SingleUse) => boolean {
  const uses = new Map<string, Used>()
  const add = ({ name, now, until, stream }: SingleUse): true => {
    if (uses.size >= capacity) forgetPassed(uses, now)
    if (uses.size >= capacity) throw new Error('no room to remember another proof')
    uses.delete(name)
    uses.set(name, { stream, until })
    return true
  }
  return (use) => {
    const before = uses.get(use.name)
    if (before === undefined || before.until <= use.now) return add(use)
    return use.stream !== null && before.stream === use.stream
  }
}

/** They stand in the order of their use, in which they expire, or nearly so. */
function forgetPassed(uses: Map<string, Used>, now: number): void {
  for (const [name, { until }] of uses) {
    if (until > now) return
    uses.delete(name)
  }
}
