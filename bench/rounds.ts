import type { Load } from './load.ts'
import { processorTime, residentBytes } from './machine.ts'
import type { Program } from './program.ts'
import type { Workload } from './requests.ts'

/** One thing that is measured. */
export type Contestant = {
  readonly name: string
  readonly program: Program
  readonly load: Load
  readonly workload: Workload
}

/** How long, and how often; milliseconds. */
export type Plan = {
  readonly warmUp: number
  readonly round: number
  readonly rounds: number
  /** On the clock of `performance.now`: no round begins that would end later. */
  readonly deadline: number
}

/** What one contestant did in one round. */
export type Round = {
  /** Requests a second. */
  readonly rate: number
  /** Milliseconds. */
  readonly latencies: readonly number[]
  /** Microseconds of the server's processor time a request; null where the system does not tell. */
  readonly cost: number | null
  /** Bytes. */
  readonly memory: number | null
  /** Share of the time in which the load generator itself was busy. */
  readonly busy: number
}

/**
 * Warms everyone up, then lets them run in turn, forwards and backwards, so that what slows the machine down for a while
 * slows all of them. The rounds by contestant; the same index is the same turn.
 */
export async function runRounds(
  contestants: readonly Contestant[],
  plan: Plan,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<readonly Round[][]> {
  for (const { name, load, workload } of contestants) {
    say(`warming up: ${name}`)
    await load.send(workload, plan.warmUp, signal)
  }
  const lanes = contestants.map((contestant) => ({ contestant, rounds: [] as Round[] }))
  for (let turn = 0; turn < plan.rounds && fits(plan, lanes.length); turn++) {
    say(`round ${turn + 1} of ${plan.rounds}`)
    for (const { contestant, rounds } of turn % 2 === 0 ? lanes : lanes.toReversed()) {
      signal.throwIfAborted()
      rounds.push(await runRound(contestant, plan.round, signal))
    }
  }
  return lanes.map(({ rounds }) => rounds)
}

function fits({ deadline, round }: Plan, count: number): boolean {
  return performance.now() + count * round < deadline
}

async function runRound(
  { program, load, workload }: Contestant,
  milliseconds: number,
  signal: AbortSignal,
): Promise<Round> {
  await program.emptyLog()
  const before = processorTime(program.pid)
  const idle = performance.eventLoopUtilization()
  const { latencies, elapsed } = await load.send(workload, milliseconds, signal)
  const busy = performance.eventLoopUtilization(idle).utilization
  const after = processorTime(program.pid)
  const cost =
    before === null || after === null ? null : ((after - before) * 1000) / latencies.length
  const rate = (latencies.length * 1000) / elapsed
  return { rate, latencies, cost, memory: residentBytes(program.pid), busy }
}
