import { type DestinationStream, type Logger, pino } from 'pino'
import { createIsoTime } from './iso-time.ts'
import type { LogLevel } from './log-level.ts'
import { scrub } from './redact.ts'

/** The logger that the rest of telemetry writes to. */
export type Log = Logger & {
  /** Writes an event that comes with every request: the members of its JSON object, formed and free of secrets already. */
  readonly line: (level: 'info' | 'warn', members: string) => void
}

/** Top-level names that nobody should log; masked in case someone does. */
const SECRET_KEYS = [
  'authorization',
  'cookie',
  'token',
  'access_token',
  'id_token',
  'refresh_token',
  'client_secret',
  'password',
  'headers',
  'claims',
  'query',
  'body',
]

/** Opens a log with one JSON line an event. */
export function createLog(level: LogLevel, destination: DestinationStream): Log {
  const isoTime = createIsoTime()
  const logger = pino(
    {
      level,
      base: null,
      timestamp: () => `,"time":"${isoTime(Date.now())}"`,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: SECRET_KEYS, censor: '[redacted]' },
      serializers: { err: describeError },
      hooks: { streamWrite: scrub },
    },
    destination,
  )
  return Object.assign(logger, {
    line: (at: LogLevel, members: string) => {
      const time = isoTime(Date.now())
      destination.write(`{"level":"${at}","time":"${time}",${members}}\n`)
    },
  })
}

/** Name, message, code and stack: whatever else hangs on an error may hold a request, and with it a token. */
function describeError(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { message: String(error) }
  const code = 'code' in error ? { code: error.code } : {}
  return { type: error.name, message: error.message, ...code, stack: error.stack }
}
