import type { Decision } from '../domain/decision.ts'
import { explain } from './explanation.ts'
import { fitsHeader } from './header-value.ts'

/** The decisions that a client can answer by authenticating. */
export type Challenged = Extract<Decision, { outcome: 'step_up' | 'unauthenticated' }>

/**
 * The value of `WWW-Authenticate`: one Bearer challenge in the dialect of RFC 9470 §3 and RFC 6750 §3, every value
 * quoted, in the order that clients' parsers were seen to read. Null when some value cannot stand in a challenge.
 */
export function challengeHeader(decision: Challenged, realm: string | null): string | null {
  const parameters = [['realm', realm ?? undefined] as const, ...parametersOf(decision)]
  const present = parameters.filter(([, value]) => value !== undefined)
  if (!present.every(([, value]) => value !== null && QUOTABLE.test(value ?? ''))) return null
  const quoted = present.map(([name, value]) => `${name}="${value}"`)
  const header = ['Bearer', quoted.join(', ')].join(' ').trimEnd()
  return fitsHeader(header) ? header : null
}

function parametersOf(decision: Challenged): readonly Parameter[] {
  if (decision.reason === 'unauthenticated') return []
  const error: readonly Parameter[] = [
    ['error', decision.reason],
    ['error_description', explain(decision).detail],
  ]
  return decision.outcome === 'step_up' ? [...error, ...stepUpParameters(decision)] : error
}

function stepUpParameters(decision: Extract<Challenged, { outcome: 'step_up' }>) {
  const { acrValues, maxAge, scope } = decision.challenge
  const scopes: Parameter = ['scope', list(scope)]
  if (decision.reason === 'insufficient_scope') return [scopes]
  const levels: Parameter = ['acr_values', list(acrValues)]
  const age: Parameter = ['max_age', maxAge === null ? undefined : wholeSeconds(maxAge)]
  return [levels, age, scopes]
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

/** A value that is undefined is left out; one that is null cannot be written. */
type Parameter = readonly [name: string, value: string | null | undefined]

/** RFC 6750 §3: the characters of `error_description`, and of one scope (blanks separate). */
const QUOTABLE = /^[\x20\x21\x23-\x5b\x5d-\x7e]+$/
const LIST_ITEM = /^[\x21\x23-\x5b\x5d-\x7e]+$/
