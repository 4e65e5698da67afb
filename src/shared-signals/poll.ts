import {
  type Ask,
  type PollEndpoint,
  type PolledSets,
  pollOnce,
  type SetProblem,
} from './poll-request.ts'
import type { Receive } from './receive.ts'
import type { Stream } from './stream.ts'

/** A stream whose SETs are fetched. */
export type PollStream = PollEndpoint & {
  readonly stream: Stream
  /** Milliseconds from one visit to the next. */
  readonly every: number
}

/** Runs a callback once after so many milliseconds, unless the function it returns is called before. */
export type Schedule = (milliseconds: number, callback: () => void) => () => void

/** The world around a poller. */
export type PollDeps = {
  readonly ask: Ask
  readonly receive: Receive
  /** A visit has ended; `problem` says why the transmitter could not be asked, null when it could. */
  readonly onVisit: (stream: string, problem: string | null) => void
  /** From 0 to below 1: spreads the retries of replicas. */
  readonly random: () => number
  readonly schedule?: Schedule
  /** Milliseconds for one request. */
  readonly timeout?: number
}

/** Fetches the SETs of one stream until it is stopped. */
export type Poller = {
  /** Makes the first visit; later calls do nothing. */
  readonly start: () => void
  /** Ends the timer and the request under way; resolves when what was received of it is dealt with. */
  readonly stop: () => Promise<void>
}

const FIRST_RETRY = 1000
const LAST_RETRY = 300_000

/** Requests in a row, as long as each brings something. */
const LONGEST_VISIT = 1000

/** What is to be told of SETs that were received, until it has been told. */
type Pending = { ack: string[]; setErrs: [string, SetProblem][] }

/** How a visit ended; `unkept`: with SETs that must come again. */
type Visit =
  | { readonly kind: 'well' | 'unkept' }
  | { readonly kind: 'failed'; readonly problem: string }

/** Creates a poller (RFC 8936). */
export function createPoller(stream: PollStream, deps: PollDeps): Poller {
  const { schedule = scheduleQuietly, random, onVisit } = deps
  const stopped = new AbortController()
  const pending: Pending = { ack: [], setErrs: [] }
  let failures = 0
  let disarm = (): void => undefined
  let visiting: Promise<void> | null = null

  async function visit(): Promise<void> {
    const ended = await tryVisit(stream, pending, deps, stopped.signal)
    if (stopped.signal.aborted) return
    failures = ended.kind === 'well' ? 0 : failures + 1
    onVisit(stream.stream.name, ended.kind === 'failed' ? ended.problem : null)
    disarm = schedule(delayAfter(ended, failures, stream.every, random()), begin)
  }

  function begin(): void {
    visiting = visit()
  }

  return {
    start: () => {
      if (visiting === null && !stopped.signal.aborted) begin()
    },
    stop: async () => {
      stopped.abort()
      disarm()
      await visiting
    },
  }
}

/** Milliseconds until the next visit. A transmitter that is well is not left alone for longer than usual. */
function delayAfter({ kind }: Visit, failures: number, every: number, chance: number): number {
  if (kind === 'well') return every
  const delay = retryDelay(failures, chance)
  return kind === 'unkept' ? Math.min(delay, every) : delay
}

/** Fetches until nothing comes, or nothing new: some transmitters take their time with what they were told. */
async function tryVisit(
  stream: PollStream,
  pending: Pending,
  deps: PollDeps,
  stopped: AbortSignal,
): Promise<Visit> {
  try {
    for (let request = 0; request < LONGEST_VISIT && !stopped.aborted; request++) {
      const { news, unkept } = await fetchSome(stream, pending, deps, stopped)
      if (unkept > 0) return { kind: 'unkept' }
      if (news === 0) break
    }
    return { kind: 'well' }
  } catch (error) {
    return { kind: 'failed', problem: error instanceof Error ? error.message : String(error) }
  }
}

/**
 * One request, which also tells of the SETs of the one before it; how many came besides those, and how many must come
 * again.
 */
async function fetchSome(
  stream: PollStream,
  pending: Pending,
  { ask, receive, timeout = 10_000 }: PollDeps,
  stopped: AbortSignal,
): Promise<{ readonly news: number; readonly unkept: number }> {
  const signal = AbortSignal.any([stopped, AbortSignal.timeout(timeout)])
  const sets = await pollOnce(ask, stream, pending, signal)
  const told = new Set([...pending.ack, ...pending.setErrs.map(([id]) => id)])
  pending.ack = []
  pending.setErrs = []
  const unkept = await receiveAll(stream.stream, sets, pending, receive)
  return { news: sets.filter(([id]) => !told.has(id)).length, unkept }
}

/** In the order of their arrival; how many are not to be acknowledged, since they must come again. */
async function receiveAll(
  stream: Stream,
  sets: PolledSets,
  pending: Pending,
  receive: Receive,
): Promise<number> {
  let unkept = 0
  for (const [id, set] of sets) {
    const receipt = await receive(stream, set)
    switch (receipt.kind) {
      case 'accepted':
        pending.ack.push(id)
        break
      case 'refused':
        pending.setErrs.push([id, { err: receipt.err, description: receipt.description }])
        break
      case 'retry':
        unkept++
    }
  }
  return unkept
}

/** Doubles from failure to failure up to a limit, less up to a half by `chance`, from 0 to below 1. */
function retryDelay(failures: number, chance: number): number {
  return Math.min(FIRST_RETRY * 2 ** (failures - 1), LAST_RETRY) * (1 - chance / 2)
}

/** A timer that does not keep the process alive. */
function scheduleQuietly(milliseconds: number, callback: () => void): () => void {
  const timer = setTimeout(callback, milliseconds).unref()
  return () => clearTimeout(timer)
}
