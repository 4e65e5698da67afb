import type { Decision } from '../domain/decision.ts'
import { explain } from './explanation.ts'
import { fitsHeader } from './header-value.ts'

/** The decisions that a client can answer by authenticating. */
export type Challenged = Extract<Decision, { outcome: 'step_up' | 'unauthenticated' }>

/** What a challenge asks for, as texts; a value that is undefined is left out, one that is null cannot be written. */
export type Wish = Readonly<Record<'acr_values' | 'max_age' | 'scope', string | null | undefined>>

/**
 * The value of `WWW-Authenticate`: one Bearer challenge in the dialect of RFC 9470 §3 and RFC 6750 §3, every value
 * quoted, in the order that clients' parsers were seen to read. `error` is what to call the reason. Null when some
 * value cannot stand in a challenge.
 */
export function challengeHeader(
  decision: Challenged,
  realm: string | null,
  error: string = decision.reason,
): string | null {
  return bearerChallenge({ realm: realm ?? undefined, ...parametersOf(decision, error) })
}

/** One Bearer challenge of these parameters, in their order; null when one of them cannot be written. */
export function bearerChallenge(parameters: Parameters): string | null {
  const present = Object.entries(parameters).filter(([, value]) => value !== undefined)
  if (!present.every(([, value]) => value !== null && QUOTABLE.test(value ?? ''))) return null
  const quoted = present.map(([name, value]) => `${name}="${value}"`)
  const header = ['Bearer', quoted.join(', ')].join(' ').trimEnd()
  return fitsHeader(header) ? header : null
}

/** What the next login has to have. */
export function wishOf(decision: Challenged): Wish {
  if (decision.outcome !== 'step_up') return NOTHING
  const { acrValues, maxAge, scope } = decision.challenge
  const scopes = list(scope)
  if (decision.reason === 'insufficient_scope') return { ...NOTHING, scope: scopes }
  const age = maxAge === null ? undefined : wholeSeconds(maxAge)
  return { acr_values: list(acrValues), max_age: age, scope: scopes }
}

function parametersOf(decision: Challenged, error: string): Parameters {
  if (decision.reason === 'unauthenticated') return {}
  return { error, error_description: explain(decision).detail, ...wishOf(decision) }
}

function list(values: readonly string[]): string | null | undefined {
  if (values.length === 0) return undefined
  return values.every((value) => LIST_ITEM.test(value)) ? values.join(' ') : null
}

/** Rounded down: a login younger than that is young enough for the requirement too. */
function wholeSeconds(seconds: number): string | null {
  const whole = Math.floor(seconds)
  return Number.isSafeInteger(whole) && whole >= 0 ? String(whole) : null
}

type Parameters = Readonly<Record<string, string | null | undefined>>

const NOTHING: Wish = { acr_values: undefined, max_age: undefined, scope: undefined }

/** RFC 6750 §3: the characters of `error_description`, and of one scope (blanks separate). */
const QUOTABLE = /^[\x20\x21\x23-\x5b\x5d-\x7e]+$/
const LIST_ITEM = /^[\x21\x23-\x5b\x5d-\x7e]+$/
