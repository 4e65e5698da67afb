/*
 * `npm run bench` measures how many decisions a second one core makes. It starts the real service with the sample policy
 * padded to 1,000 rules, a second one with the sample policy as it is, and as a yardstick a server of grpc-js and
 * proto-loader that decodes every request and says OK; each is a process of its own on one core, the load generator sits
 * on another. They answer the same CheckRequests of about 1.4 KB in turn, round by round, over 2 connections with 16
 * streams each, so every figure stands beside the first one's of the same seconds: between machines or runs, only the
 * ratio can be compared. Tokens are cached after their first request, metrics are on, every decision is logged to a
 * file, spans are off. `--telemetry` compares ways to be watched instead, all with 1,000 rules: nothing at all (which the others are compared
 * with), metrics and log, with spans, with the audit record. `--quick` takes 15 seconds at most instead of 60, `--format json` prints JSON, `--profile` writes
 * a processor profile of the service with 1,000 rules to `var/profile`.
 */
import { constants } from 'node:os'
import { parseArgs } from 'node:util'
import { type Contest, type ContestOptions, startContest } from './contestants.ts'
import { CONNECTIONS, STREAMS } from './load.ts'
import { type Cores, pinLoad } from './machine.ts'
import { formatTable } from './report.ts'
import { type Plan, runRounds } from './rounds.ts'
import { type Summary, summarise } from './summary.ts'

type Schedule = Omit<Plan, 'deadline'> & { readonly limit: number }

/** Milliseconds; `limit` covers everything. */
const FULL: Schedule = { warmUp: 4500, round: 1000, rounds: 8, limit: 60_000 }
const QUICK: Schedule = { warmUp: 1000, round: 500, rounds: 3, limit: 15_000 }

/** There are more of them. */
const TELEMETRY: Schedule = { warmUp: 8000, round: 500, rounds: 24, limit: 180_000 }
const QUICK_TELEMETRY: Schedule = { warmUp: 1500, round: 700, rounds: 4, limit: 45_000 }

const SCHEDULES = {
  rules: { quick: QUICK, full: FULL },
  telemetry: { quick: QUICK_TELEMETRY, full: TELEMETRY },
}

/** Left of the limit for ending everything. */
const RESERVE = 2000

const options = readArguments()
if (options === null) process.exitCode = 2
else process.exitCode = await run(options)

type Options = Readonly<Record<'quick' | 'json' | 'profile', boolean>> &
  Pick<ContestOptions, 'compare'>

function readArguments(): Options | null {
  try {
    const { values } = parseArgs({
      options: {
        quick: { type: 'boolean', default: false },
        profile: { type: 'boolean', default: false },
        telemetry: { type: 'boolean', default: false },
        format: { type: 'string', default: 'text' },
      },
    })
    const { format, telemetry, ...switches } = values
    const compare = telemetry ? 'telemetry' : 'rules'
    if (format === 'text' || format === 'json')
      return { ...switches, compare, json: format === 'json' }
    console.error(`bench: unknown format "${format}": text or json`)
  } catch (error) {
    console.error(`bench: ${(error as Error).message}`)
  }
  console.error('usage: npm run bench -- [--quick] [--profile] [--telemetry] [--format text|json]')
  return null
}

async function run({ quick, json, profile, compare }: Options): Promise<number> {
  const schedule = SCHEDULES[compare][quick ? 'quick' : 'full']
  const deadline = performance.now() + schedule.limit - RESERVE
  const stop = new AbortController()
  const interrupted = interruptible(stop)
  const cores = pinLoad()
  const folder = profile ? 'var/profile' : null
  let contest: Contest | null = null
  try {
    say('starting the servers')
    contest = await startContest({ cores, profile: folder, compare, signal: stop.signal })
    const summaries = await measure(contest, { ...schedule, deadline }, stop.signal)
    print({ summaries, contest, cores, schedule, json })
    return 0
  } catch (error) {
    if (!stop.signal.aborted) say(error instanceof Error ? error.message : String(error))
    return interrupted() ?? 1
  } finally {
    await contest?.stop()
  }
}

/** Ctrl-C ends the measurement, and then everything that was started; returns how to ask for the exit code. */
function interruptible(stop: AbortController): () => number | null {
  let code: number | null = null
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      code ??= 128 + constants.signals[signal]
      stop.abort()
    })
  }
  return () => code
}

async function measure(contest: Contest, plan: Plan, signal: AbortSignal): Promise<Summary[]> {
  const { contestants } = contest
  const results = await runRounds(contestants, plan, say, signal)
  const [yardstick = []] = results
  if (yardstick.length === 0) throw new Error('no time was left for a single round')
  return results.map((rounds, index) =>
    summarise(contestants[index]?.name ?? '', rounds, yardstick),
  )
}

type Result = {
  readonly summaries: readonly Summary[]
  readonly contest: Contest
  readonly cores: Cores
  readonly schedule: Schedule
  readonly json: boolean
}

function print({ summaries, contest, cores, schedule, json }: Result): void {
  const sizes = contest.contestants.flatMap(({ workload }) => workload.sizes)
  const circumstances = {
    node: process.version,
    requestBytes: { min: Math.min(...sizes), max: Math.max(...sizes) },
    ...{ connections: CONNECTIONS, streams: STREAMS, roundMs: schedule.round, cores },
  }
  const text = json
    ? JSON.stringify({ ...circumstances, summaries }, null, 2)
    : formatTable(circumstances, summaries)
  console.log(text)
}

function say(line: string): void {
  console.error(`bench: ${line}`)
}
