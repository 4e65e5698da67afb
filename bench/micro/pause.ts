import { performance } from 'node:perf_hooks'

/** What work came to, and the longest turn of the event loop meanwhile, in milliseconds. */
export type Paused<T> = {
  readonly value: T
  /** By the clock: on a busy machine mostly time that other processes had. */
  readonly pause: number
  /** Of this thread's own work. */
  readonly work: number
}

/** Runs work and measures the longest turn of this thread's event loop meanwhile, which has nothing else to do. */
export async function longestPause<T>(run: () => Promise<T>): Promise<Paused<T>> {
  const longest = { pause: 0, work: 0 }
  let last = { at: performance.now(), busy: busyTime() }
  let isDone = false
  const turn = () => {
    const now = { at: performance.now(), busy: busyTime() }
    longest.pause = Math.max(longest.pause, now.at - last.at)
    longest.work = Math.max(longest.work, now.busy - last.busy)
    last = now
    if (!isDone) setImmediate(turn)
  }
  setImmediate(turn)
  const value = await run()
  await new Promise((resolve) => setImmediate(resolve))
  isDone = true
  return { value, ...longest }
}

/** Milliseconds that the processor has spent on this thread. */
function busyTime(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}
