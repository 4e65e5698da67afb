import { setTimeout as wait } from 'node:timers/promises'
import { createRedisLine, type RedisLineOptions } from './redis-line.ts'
import type { Send } from './redis-script.ts'
import { within } from './within.ts'

/** What keeps the way to Redis open, and who follows it. */
export type RedisLinkOptions = RedisLineOptions & {
  /** Told whenever it is ready again, or down for another reason; `reason` is empty when it is ready. */
  readonly onState: (state: RedisState, reason: string) => void
}

/** `down`: nothing is asked of Redis but whether it is well again. */
export type RedisState = 'ready' | 'down'

/** The way to Redis. */
export type RedisLink = {
  /** Does some work within the deadline, or rejects; at once when Redis is down. */
  readonly call: <T>(work: (send: Send) => Promise<T>) => Promise<T>
  /** Resolves after the first attempt to connect, whatever came of it; more are made for as long as it takes. */
  readonly start: () => Promise<void>
  /** Resolves when nothing of it is left. */
  readonly stop: () => Promise<void>
  readonly state: () => RedisState
}

/** Calls that fail one after the other before none is tried any more: those sent before the last failure do not count. */
const ENOUGH_FAILURES = 3
/** Milliseconds between two attempts to find Redis well again. */
const AGAIN = 100

/** Creates the link: down until it is started, and whenever calls fail one after the other or the connection breaks. */
export function createRedisLink(options: RedisLinkOptions): RedisLink {
  const stopping = new AbortController()
  const health = createHealth(options.onState)
  const line = createRedisLine(options, fall)
  let healing: Promise<void> | null = null

  function fall(error: unknown): void {
    health.fall(error)
    // The first attempt is made at once: often it was this process that was busy, and not Redis.
    healing ??= heal(0)
  }

  async function attempt(): Promise<void> {
    await line.prove().then(health.rise, health.fall)
  }

  async function heal(delay: number): Promise<void> {
    for (let pause = delay; health.reason() !== null && !stopping.signal.aborted; pause = AGAIN) {
      await wait(pause, undefined, { ref: false, signal: stopping.signal }).then(attempt, () => {})
    }
    healing = null
  }

  async function call<T>(work: (send: Send) => Promise<T>): Promise<T> {
    const reason = health.reason()
    if (reason !== null) throw new Error(`Redis is down: ${reason}`)
    const began = options.clock()
    try {
      const result = await within(work(line.send), options.deadline)
      health.succeeded()
      return result
    } catch (error) {
      if (health.failed(error, began, options.clock()) >= ENOUGH_FAILURES) fall(error)
      throw error
    }
  }

  async function start(): Promise<void> {
    await attempt()
    if (health.reason() !== null) healing ??= heal(AGAIN)
  }

  async function stop(): Promise<void> {
    health.end()
    stopping.abort()
    line.hangUp()
    await healing
    line.hangUp()
  }
  return { call, start, stop, state: health.state }
}

/** What stands under one key is odd: that says nothing of the server, and must not take it from everybody else. */
function isAboutOneKey(error: unknown): boolean {
  return (
    error instanceof Error &&
    /^(?:WRONGTYPE|ERR|Redis (?:gave|remembered|settled)) /.test(error.message)
  )
}

/** Why Redis is down, null when it is ready, and how many calls have failed since the last that did not. */
function createHealth(onState: RedisLinkOptions['onState']) {
  let down: string | null = 'not started'
  let failures = 0
  let lastFailed = Number.NEGATIVE_INFINITY
  let hasEnded = false
  return {
    reason: () => down,
    state: (): RedisState => (down === null ? 'ready' : 'down'),
    succeeded: () => {
      failures = 0
    },
    failed: (error: unknown, began: number, ended: number) => {
      // Those that waited together while this process was busy are one.
      if (began >= lastFailed && !isAboutOneKey(error)) {
        failures += 1
        lastFailed = ended
      }
      return failures
    },
    rise: () => {
      if (hasEnded) return
      failures = 0
      down = null
      onState('ready', '')
    },
    fall: (error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error)
      if (hasEnded || reason === down) return
      down = reason
      onState('down', reason)
    },
    end: () => {
      hasEnded = true
      down = 'stopped'
    },
  }
}
