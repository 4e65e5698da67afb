/** What to end, in the words of the log, and how many milliseconds it may take. */
export type Stoppable = {
  readonly name: string
  readonly stop: () => void | Promise<void>
  readonly deadline: number
  /** How many records are lost if it does not end as it should. Such a part is one that must. */
  readonly lost?: () => number
}

/** The parts that are running, and the way to end them. */
export type Lifecycle = {
  /** Registers a part that has just been started. */
  started(part: Stoppable): void
  /**
   * Ends the parts, the latest first, each within its deadline; false when one did not end that must. Later calls get the
   * same promise. Never rejects.
   */
  stop(): Promise<boolean>
}

/** Why a part did not end as it should: what it threw, or that its deadline passed; and how many records that costs. */
export type StopFailure = { readonly name: string; readonly reason: string; readonly lost?: number }

/** The part of `process` that signals need. */
export type ProcessHandle = {
  on(signal: StopSignal, listener: (signal: StopSignal) => void): unknown
  exit(code: number): void
}

/** The signals that end the service. */
export type StopSignal = 'SIGTERM' | 'SIGINT'

/** Creates a lifecycle with nothing started. */
export function createLifecycle(onFailure: (failure: StopFailure) => void): Lifecycle {
  const parts: Stoppable[] = []
  let stopping: Promise<boolean> | undefined
  return {
    started: (part) => void parts.push(part),
    stop: () => {
      stopping ??= stopAll(parts.toReversed(), onFailure)
      return stopping
    },
  }
}

/** Milliseconds in which one Ctrl-C can arrive several times: from the terminal, from npm, from whoever started us. */
const ONE_KEYSTROKE = 500

/**
 * Stops at the first SIGTERM or SIGINT and then exits with 0, or with 1 when something was lost; a later one, not the same keystroke, exits with 1 at once.
 * `now` in milliseconds.
 */
export function stopOnSignals(
  process: ProcessHandle,
  lifecycle: Pick<Lifecycle, 'stop'>,
  onStopping: (signal: StopSignal) => void,
  now: () => number,
): void {
  let since: number | null = null
  const handle = (signal: StopSignal) => {
    if (since !== null) return now() - since > ONE_KEYSTROKE ? process.exit(1) : undefined
    since = now()
    onStopping(signal)
    void lifecycle.stop().then((isWhole) => process.exit(isWhole ? 0 : 1))
  }
  process.on('SIGTERM', handle)
  process.on('SIGINT', handle)
}

async function stopAll(
  parts: readonly Stoppable[],
  onFailure: (failure: StopFailure) => void,
): Promise<boolean> {
  let isWhole = true
  for (const part of parts) {
    const reason = await stopOne(part)
    if (reason === null) continue
    const { name, lost } = part
    onFailure({ name, reason, ...(lost && { lost: lost() }) })
    if (lost) isWhole = false
  }
  return isWhole
}

/** Why the part failed to end, null when it ended. */
async function stopOne({ stop, deadline }: Stoppable): Promise<string | null> {
  const { promise, resolve } = Promise.withResolvers<string>()
  const timer = setTimeout(() => resolve(`not stopped within ${deadline} ms`), deadline)
  try {
    return await Promise.race([Promise.resolve(stop()).then(() => null), promise])
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  } finally {
    clearTimeout(timer)
  }
}
