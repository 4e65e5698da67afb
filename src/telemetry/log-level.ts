import type { Issue } from '../domain/issue.ts'
import { nearest } from '../domain/nearest.ts'

/** From the most talkative; `silent` writes nothing. */
const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const

/** How much is logged. Decisions are `info`, faults `warn`. */
export type LogLevel = (typeof LOG_LEVELS)[number]

/** The level, or what is wrong with the variable that names it. */
export type LogLevelResult =
  | { readonly ok: true; readonly level: LogLevel }
  | { readonly ok: false; readonly issue: Issue }

const VARIABLE = 'LOG_LEVEL'

/** Reads `LOG_LEVEL`, in any case; `info` when it is unset or empty. */
export function readLogLevel(env: Readonly<Record<string, string | undefined>>): LogLevelResult {
  const text = env[VARIABLE]?.trim() || 'info'
  const level = LOG_LEVELS.find((known) => known === text.toLowerCase())
  return level === undefined ? { ok: false, issue: unknownLevel(text) } : { ok: true, level }
}

function unknownLevel(text: string): Issue {
  const close = nearest(text, LOG_LEVELS)
  return {
    severity: 'error',
    code: 'bad-value',
    message: `\`${VARIABLE}\` cannot be \`${text}\``,
    file: 'environment',
    line: 0,
    column: VARIABLE.length + 2,
    source: `${VARIABLE}=${text}`,
    length: text.length,
    hint: close === null ? `it is one of ${LOG_LEVELS.join(', ')}` : `did you mean \`${close}\`?`,
  }
}
