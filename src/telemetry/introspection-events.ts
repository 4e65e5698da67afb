import type { Log } from './log.ts'
import type { Metrics } from './metrics.ts'
import { createThrottles } from './throttle.ts'

/** What comes of asking issuers about opaque tokens. */
export type IntrospectionEvents = {
  /** An issuer said whether a token is good. */
  introspected(): void
  /** It could not be asked, or did not answer in time. Logged at most once a minute for each issuer. */
  introspectionFailed(issuer: string, error: unknown): void
}

/** What the events are written to; `now` in milliseconds. */
type Deps = { readonly log: Log; readonly metrics: Metrics; readonly now: () => number }

const MINUTE = 60_000

/** Creates the functions that report them. */
export function introspectionEvents({ log, metrics, now }: Deps): IntrospectionEvents {
  const mayLog = createThrottles(now, MINUTE)
  return {
    introspected: () => metrics.introspected('ok'),
    introspectionFailed: (issuer, error) => {
      metrics.introspected('failed')
      const reason = error instanceof Error ? error.message : String(error)
      if (mayLog(issuer)) log.warn({ event: 'introspection-failed', issuer, reason })
    },
  }
}
