import * as promises from 'node:fs/promises'
import type { Entry } from './chain.ts'
import { type AuditFs, createFileSink } from './file-sink.ts'
import { createQueue } from './queue.ts'
import { type Rounds, startRounds } from './rounds.ts'
import type { Signer } from './signer.ts'
import { createStreamSink, type LineStream } from './stream-sink.ts'
import { createWriter, type Head } from './writer.ts'

/** The record of what was decided. Nothing that it does holds up a decision. */
export type Audit = {
  /** Takes an entry, to be written soon. False: there is no room for it, and it is counted as missing. */
  readonly append: (entry: Entry) => boolean
  /**
   * Writes and syncs now. True: all that was appended before is safe; false: not yet, and it is tried again by itself.
   * Whoever must not go on before an entry is safe appends it and waits for this; all who wait share one sync.
   */
  readonly flush: () => Promise<boolean>
  /** Writes what waits and the last checkpoint, and closes. Rejects when that cannot be done. */
  readonly stop: () => Promise<void>
  /** Records that were to be written and were not, or not yet: when `stop` has failed, those that are lost. */
  readonly unwritten: () => number
  /** False while nothing may be allowed: the record cannot be kept, and the setting is `stop`. */
  readonly healthy: () => boolean
  /** What is wrong, for readiness; null when nothing is. */
  readonly problem: () => AuditProblem | null
}

/** `unwritable`: the last attempt failed. `slow`: one takes too long, or too many wait. `dropping`: entries do not fit any more. */
export type AuditProblem = {
  readonly kind: 'unwritable' | 'slow' | 'dropping'
  /** For the operator: lowercase, one sentence without a full stop. */
  readonly message: string
}

/** Where the record goes, and the world around it. Times in milliseconds. */
export type AuditOptions = {
  /** A path, which no other process writes to, or a stream. */
  readonly to: string | LineStream
  readonly instance: string
  readonly newChainId: () => string
  /** Null: checkpoints are not signed. */
  readonly signer: Signer | null
  readonly whenUnwritable: 'stop' | 'go-on'
  /** The longest that an entry waits for its sync to begin. */
  readonly syncEvery: number
  /** Null: the file is rotated from outside only. */
  readonly rotateBytes: number | null
  /** Since the epoch. */
  readonly now: () => number
  /** On a clock that never goes back. */
  readonly clock: () => number
  /** Called when the state changes; null: all is well again. */
  readonly onProblem: (problem: AuditProblem | null) => void
  /** Told of each checkpoint, to be kept where nobody who can change the record can change it. */
  readonly onCheckpoint: (head: Head) => void
  readonly limits?: Partial<AuditLimits>
  readonly fs?: AuditFs
}

/** Bounds that need no setting. */
export type AuditLimits = {
  /** Entries that wait to be written. */
  readonly queueBytes: number
  readonly checkpointRecords: number
  readonly checkpointEvery: number
  /** A write that takes longer is a problem. */
  readonly slowAfter: number
  readonly retryAfter: number
}

const LIMITS: AuditLimits = {
  queueBytes: 8 * 1024 * 1024,
  checkpointRecords: 1000,
  checkpointEvery: 60_000,
  slowAfter: 500,
  retryAfter: 250,
}

/**
 * Opens the record: a file that is there is continued, and a torn line at its end is cut off and told of. Resolves after
 * the first attempt to write, also when that failed: see `problem`. It heals by itself.
 */
export async function openAudit(options: AuditOptions): Promise<Audit> {
  const { to, fs = promises, now, clock, whenUnwritable } = options
  const bounds = { ...LIMITS, ...options.limits }
  const sink = typeof to === 'string' ? createFileSink({ path: to, fs, now }) : createStreamSink(to)
  const queue = createQueue(bounds.queueBytes)
  const writer = createWriter({ ...options, ...bounds, sink, queue })
  const state = createCondition(options.onProblem)
  const crowding = () => (queue.isFilling() ? CROWDED : null)
  const rounds = startRounds({
    ...bounds,
    writer,
    syncEvery: options.syncEvery,
    clock,
    isIdle: queue.isEmpty,
    onEnded: (error) => state.set(error === null ? crowding() : unwritable(error)),
    onSlow: (took) => state.worsen(slow(took)),
  })
  await firstAttempt(rounds, bounds.slowAfter)
  let stopping: Promise<void> | null = null
  return {
    append: (entry) => {
      if (stopping !== null) return false
      const isTaken = queue.put(entry, now())
      const problem = isTaken ? crowding() : DROPPING
      if (problem !== null) state.worsen(problem)
      rounds.soon()
      return isTaken
    },
    flush: rounds.flush,
    stop: () => {
      stopping ??= rounds.stop()
      return stopping
    },
    unwritten: writer.unwritten,
    healthy: () => whenUnwritable === 'go-on' || state.problem() === null,
    problem: state.problem,
  }
}

/** A disk that does not answer must not keep anybody from starting. */
async function firstAttempt(rounds: Rounds, patience: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, 2 * patience)
  await Promise.race([rounds.flush(), promise])
  clearTimeout(timer)
}

/** Remembers what is wrong, and tells it once. */
function createCondition(onProblem: AuditOptions['onProblem']) {
  let current: AuditProblem | null = null
  const set = (problem: AuditProblem | null) => {
    const isNews = problem?.kind !== current?.kind
    current = problem
    if (isNews) onProblem(problem)
  }
  return {
    problem: () => current,
    set,
    /** What is wrong already says more. */
    worsen: (problem: AuditProblem) => {
      if (current === null || (current === CROWDED && problem === DROPPING)) set(problem)
    },
  }
}

function unwritable(error: unknown): AuditProblem {
  const why = error instanceof Error ? error.message : String(error)
  return { kind: 'unwritable', message: `cannot write the audit record: ${why}` }
}

function slow(took: number): AuditProblem {
  const message = `a write to the audit record takes ${Math.round(took)} ms by now`
  return { kind: 'slow', message }
}

/** Said while there is room for the decisions in flight, so that none of them goes out unrecorded. */
const CROWDED: AuditProblem = {
  kind: 'slow',
  message: 'the audit record is written too slowly: half of what may wait for it does',
}

const DROPPING: AuditProblem = {
  kind: 'dropping',
  message: 'the audit record is written too slowly: entries are missing from it',
}
