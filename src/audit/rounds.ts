import type { Writer } from './writer.ts'

/** Lets a writer write at the right times, one round after the other. */
export type Rounds = {
  /** Something waits: it is written soon, and synced in time. */
  readonly soon: () => void
  /** Writes and syncs at once; false when it could not be done now. */
  readonly flush: () => Promise<boolean>
  /** Lets the round under way come to its end, and ends. Rejects when what waits cannot be written. */
  readonly stop: () => Promise<void>
}

/** Times in milliseconds. */
export type RoundsOptions = {
  readonly writer: Writer
  readonly syncEvery: number
  readonly retryAfter: number
  readonly slowAfter: number
  /** On a clock that never goes back. */
  readonly clock: () => number
  /** Whether nothing waits to be written. */
  readonly isIdle: () => boolean
  /** A round has ended: with an error, or null. */
  readonly onEnded: (error: unknown) => void
  /** A round takes that many milliseconds by now. */
  readonly onSlow: (took: number) => void
}

/**
 * What is written soon is gathered that long, or less where it has to be safe before: so much a kill without warning can
 * lose. A round costs as much as a hundred records, so that many short ones would be the most that a record costs.
 */
const GATHERING = 100

/** How often the file is looked after while nothing is written. */
const HEARTBEAT = 250

type State = RoundsOptions & {
  /** The next round, and when it is due by `clock`. */
  next: { readonly timer: NodeJS.Timeout; readonly due: number } | null
  /** The round under way, and when it began. */
  current: { readonly done: Promise<void>; readonly since: number } | null
  /** Since when something waits to be safe; null: all is. */
  unsafeSince: number | null
  failed: boolean
  waiting: ((safe: boolean) => void)[]
  stopped: boolean
}

/** Begins with the first `soon` or `flush`. */
export function startRounds(options: RoundsOptions): Rounds {
  const state: State = {
    ...options,
    next: null,
    current: null,
    unsafeSince: null,
    failed: false,
    waiting: [],
    stopped: false,
  }
  const heartbeat = setInterval(() => beat(state), HEARTBEAT).unref()
  return {
    soon: () => {
      if (state.unsafeSince === null) state.unsafeSince = state.clock()
      if (state.next === null && !state.failed) plan(state, gathering(state))
    },
    flush: () =>
      new Promise((resolve) => {
        if (state.stopped) return resolve(false)
        state.waiting.push(resolve)
        plan(state, 0)
      }),
    stop: () => {
      clearInterval(heartbeat)
      return stop(state)
    },
  }
}

async function stop(state: State): Promise<void> {
  state.stopped = true
  if (state.next !== null) clearTimeout(state.next.timer)
  await state.current?.done
  try {
    await state.writer.end()
    answer(state.waiting, true)
  } finally {
    answer(state.waiting, false)
  }
}

/** Notices what nobody else would: a round that does not come back, a file that went away in a quiet hour. */
function beat(state: State): void {
  const took = state.current === null ? 0 : state.clock() - state.current.since
  if (took >= state.slowAfter) state.onSlow(took)
  else if (state.next === null) plan(state, 0)
}

/** Sees to it that a round begins in so many milliseconds at the latest. */
function plan(state: State, delay: number): void {
  if (state.current !== null || state.stopped) return
  const due = state.clock() + delay
  if (state.next !== null && state.next.due <= due) return
  if (state.next !== null) clearTimeout(state.next.timer)
  const timer = setTimeout(() => begin(state), delay)
  // What cannot be written must not keep a process from ending.
  if (state.failed) timer.unref()
  state.next = { due, timer }
}

function begin(state: State): void {
  state.next = null
  state.current = { since: state.clock(), done: round(state) }
}

/** Never rejects. */
async function round(state: State): Promise<void> {
  const waiting = state.waiting.splice(0)
  const error = await writeAndSync(state, waiting.length > 0).then(
    () => null,
    (reason: unknown) => reason ?? new Error('unknown'),
  )
  state.current = null
  state.failed = error !== null
  state.onEnded(error)
  answer(waiting, error === null)
  planNext(state)
}

async function writeAndSync(state: State, atOnce: boolean): Promise<void> {
  await state.writer.write()
  const { unsafeSince, clock, syncEvery } = state
  const isDue = unsafeSince !== null && clock() - unsafeSince >= syncEvery
  if (!isDue && !atOnce) return
  await state.writer.sync()
  // What came meanwhile is not safe yet.
  state.unsafeSince = state.isIdle() ? null : clock()
}

function planNext(state: State): void {
  const { unsafeSince, syncEvery, clock } = state
  if (state.waiting.length > 0) plan(state, 0)
  else if (state.failed) plan(state, state.retryAfter)
  else if (!state.isIdle()) plan(state, gathering(state))
  else if (unsafeSince !== null) plan(state, Math.max(0, unsafeSince + syncEvery - clock()))
}

function gathering({ syncEvery }: State): number {
  return Math.min(GATHERING, syncEvery)
}

function answer(waiting: ((safe: boolean) => void)[], safe: boolean): void {
  for (const resolve of waiting.splice(0)) resolve(safe)
}
