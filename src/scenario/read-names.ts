import type { RiskView } from '../decision/risk.ts'
import type { Evaluation } from '../decision/world.ts'
import type { Scope } from '../policy/compiled-policy.ts'
import type { Expression } from '../policy/expression/expression.ts'
import type { Roots } from '../policy/expression/roots.ts'
import { Unavailable } from '../policy/expression/unavailable.ts'
import type { PathParams } from '../policy/match/path-template.ts'

/** A name that an expression reads: the value that it saw, as JSON, or why there was none. */
export type NameReading = { readonly name: string } & (
  | { readonly value: unknown; readonly unavailable?: undefined }
  | { readonly unavailable: string }
) & {
    /** Of a variable: its expression, and what that reads. */
    readonly text?: string
    readonly reads?: readonly NameReading[]
  }

/** Where names are read: one request, seen from one file, with the parameters that one rule captured. */
export type Viewpoint = {
  readonly evaluation: Evaluation
  readonly scope: Scope
  readonly params: PathParams
  readonly view: RiskView
  /** What the login proves, for `session.at_least`. */
  readonly level: string | null
}

/** The values of the names that an expression reads, by the roots that it is evaluated on. */
export function readNames(expression: Expression, viewpoint: Viewpoint): readonly NameReading[] {
  const { evaluation, scope, params, view } = viewpoint
  let readings: readonly NameReading[] = []
  const condition = (roots: Roots) => {
    readings = namesOf(expression, roots).map((name) => readName(name, roots, viewpoint))
    return true
  }
  try {
    evaluation.evaluate({ scope, condition }, params, view)
  } catch {
    // A failure of ours in one of the names: it stands in its reading, and in the result of the condition.
  }
  return readings
}

/** Loop variables and roots are names as well; only what stands under a root has a value to show. */
function namesOf(expression: Expression, roots: Roots): readonly string[] {
  return [...expression.reads].filter((name) => {
    const root = name.split('.', 1)[0] ?? ''
    return (root in roots && root !== name) || COUNTER.test(name)
  })
}

function readName(name: string, roots: Roots, viewpoint: Viewpoint): NameReading {
  const [, field] = /^variables\.(\w+)$/.exec(name) ?? []
  const variable = field === undefined ? undefined : viewpoint.scope.variables.get(field)
  const reading = { name, ...readValue(name, roots, viewpoint) }
  if (!variable) return reading
  const reads = namesOf(variable, roots).map((inner) => readName(inner, roots, viewpoint))
  return { ...reading, text: variable.text, reads }
}

function readValue(
  name: string,
  roots: Roots,
  { evaluation, level }: Viewpoint,
): { value: unknown } | { unavailable: string } {
  if (name === 'session.at_least') return { value: level }
  if (name === 'risk.at_least') return { value: evaluation.risk.reading() }
  const counter = COUNTER.exec(name)?.[1]
  try {
    if (counter !== undefined) return { value: roots.counters.read(counter) }
    const value = follow(roots, name.split('.'))
    if (value === undefined) return { unavailable: 'absent' }
    return value === null ? { unavailable: 'not of the declared type' } : { value: plain(value) }
  } catch (error) {
    return { unavailable: reasonOf(error) }
  }
}

/** Keys of a map may have dots, so a map takes all that is left of a name. */
function follow(from: unknown, steps: readonly string[]): unknown {
  const [step, ...rest] = steps
  if (step === undefined || from === undefined || from === null) return from
  if (from instanceof Map) return from.get(steps.join('.'))
  return follow((from as Record<string, unknown>)[step], rest)
}

/** What CEL has no name for in JSON: maps, instants, durations, 64-bit integers, objects of a class. */
function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value)
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof Date) return value.toISOString()
  if (value instanceof Map)
    return Object.fromEntries([...value].map(([key, of]) => [key, plain(of)]))
  if (Array.isArray(value)) return value.map(plain)
  const number = value.valueOf()
  return typeof number === 'number' ? `${number / 1000}s` : { ...value }
}

function reasonOf(error: unknown): string {
  if (error instanceof Unavailable) return error.message
  return error instanceof Error ? (error.message.split('\n', 1)[0] ?? '') : String(error)
}

const COUNTER = /^(?:rate|total)\((.*)\)$/
