import { performance } from 'node:perf_hooks'

/** Something to measure; it is given a number that counts up. */
export type Work = (at: number) => unknown

/** How long to measure, milliseconds a work and round. */
export type Budget = { readonly warmUp: number; readonly round: number; readonly rounds: number }

/**
 * Nanoseconds a call of each work, the median of its rounds. The works take turns round by round, so that what else
 * the machine does falls on all of them and their ratio holds.
 */
export async function measureInTurn(
  works: readonly Work[],
  { warmUp, round, rounds }: Budget,
): Promise<readonly number[]> {
  for (const work of works) await repeat(work, warmUp)
  const results = works.map((): number[] => [])
  for (let left = rounds; left > 0; left--) {
    for (const [at, work] of works.entries()) results[at]?.push(await repeat(work, round))
  }
  return results.map(median)
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[(numbers.length - 1) >> 1] ?? Number.NaN
}

/** Calls in batches that grow until looking at the clock costs nothing; waits only for what is a promise. */
async function repeat(work: Work, milliseconds: number): Promise<number> {
  const start = performance.now()
  let calls = 0
  let batch = 1
  for (;;) {
    for (let left = batch; left > 0; left--) {
      const result = work(calls++)
      if (result instanceof Promise) await result
    }
    const elapsed = performance.now() - start
    if (elapsed >= milliseconds) return (elapsed / calls) * 1e6
    if (elapsed < milliseconds / 20) batch *= 2
  }
}
