import type { Round } from './rounds.ts'

/** Smallest, middle and largest of several rounds. */
export type Spread = { readonly min: number; readonly median: number; readonly max: number }

/** What came of one contestant. */
export type Summary = {
  readonly name: string
  readonly requestsPerSecond: Spread
  /** To the first contestant, turn by turn. */
  readonly ratio: Spread
  /** Milliseconds, over all requests, with every stream busy. */
  readonly latency: { readonly p50: number; readonly p99: number }
  /**
   * Microseconds of processor time a request, in the round with the least: what else the machine does only adds. Null
   * where the system does not tell.
   */
  readonly cost: number | null
  /** Megabytes after the last round; null where the system does not tell. */
  readonly memory: number | null
  /** Share of the time in which the load generator was busy, at most: near 1, it was the bound. */
  readonly loadBusy: number
}

/** Sums up one contestant's rounds beside those of the yardstick. */
export function summarise(
  name: string,
  rounds: readonly Round[],
  yardstick: readonly Round[],
): Summary {
  const latencies = rounds.flatMap((round) => round.latencies).toSorted((a, b) => a - b)
  const costs = rounds.flatMap(({ cost }) => cost ?? [])
  const memory = rounds.at(-1)?.memory ?? null
  return {
    name,
    requestsPerSecond: spread(rounds.map(({ rate }) => rate)),
    ratio: spread(rounds.map(({ rate }, turn) => rate / (yardstick[turn]?.rate ?? Number.NaN))),
    latency: { p50: quantile(latencies, 0.5), p99: quantile(latencies, 0.99) },
    cost: costs.length === 0 ? null : spread(costs).min,
    memory: memory === null ? null : memory / 1e6,
    loadBusy: Math.max(...rounds.map(({ busy }) => busy)),
  }
}

function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b)
  return { min: quantile(sorted, 0), median: quantile(sorted, 0.5), max: quantile(sorted, 1) }
}

/** Of sorted values, the nearest one that is there. */
function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.round(share * (sorted.length - 1))] ?? Number.NaN
}
