/** One line of the service's log. */
export type LogLine = Readonly<Record<string, unknown>>

/** The log of the service while it runs: look back, or wait for what is to come. */
export type Journal = {
  /** Takes a line of output; one that is not JSON is passed over. */
  readonly add: (text: string) => void
  /** How many lines there have been: a bookmark for `find`. */
  readonly position: () => number
  /** The first fitting line at or after `from` (default: all that are kept), now or within `limit` milliseconds. */
  readonly find: (fits: (line: LogLine) => boolean, search?: Search) => Promise<LogLine>
  /** Calls back on every line from now on. */
  readonly follow: (listener: (line: LogLine) => void) => void
}

/** Where a search starts and how long it may take. */
export type Search = {
  readonly from?: number
  readonly limit?: number
  readonly signal?: AbortSignal | undefined
}

const KEPT = 2_000
const LIMIT = 5_000

/** An empty journal. */
export function createJournal(): Journal {
  const lines: LogLine[] = []
  const listeners = new Set<(line: LogLine) => void>()
  let dropped = 0
  return {
    add(text) {
      const line = parseLine(text)
      if (line === null) return
      lines.push(line)
      if (lines.length > KEPT) {
        lines.shift()
        dropped++
      }
      for (const listener of listeners) listener(line)
    },
    position: () => dropped + lines.length,
    find(fits, { from = 0, limit = LIMIT, signal } = {}) {
      const found = lines.slice(Math.max(from - dropped, 0)).find(fits)
      return found === undefined ? next(listeners, fits, limit, signal) : Promise.resolve(found)
    },
    follow: (listener) => void listeners.add(listener),
  }
}

function next(
  listeners: Set<(line: LogLine) => void>,
  fits: (line: LogLine) => boolean,
  limit: number,
  signal: AbortSignal | undefined,
): Promise<LogLine> {
  const timeout = AbortSignal.timeout(limit)
  const ending = signal === undefined ? timeout : AbortSignal.any([timeout, signal])
  return new Promise((resolve, reject) => {
    const listener = (line: LogLine) => {
      if (fits(line)) end(() => resolve(line))
    }
    const giveUp = () => end(() => reject(ending.reason))
    const end = (settle: () => void) => {
      listeners.delete(listener)
      ending.removeEventListener('abort', giveUp)
      settle()
    }
    listeners.add(listener)
    ending.addEventListener('abort', giveUp)
  })
}

function parseLine(text: string): LogLine | null {
  if (!text.startsWith('{')) return null
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
