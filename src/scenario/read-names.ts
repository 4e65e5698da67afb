import type { RiskView } from '../decision/risk.ts'
import type { Evaluation } from '../decision/world.ts'
import type { Scope } from '../policy/compiled-policy.ts'
import type { Expression } from '../policy/expression/expression.ts'
import { plainValue, valueNamed } from '../policy/expression/named-values.ts'
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
    readings = expression.names.map((name) => readName(name, roots, viewpoint))
    return true
  }
  try {
    evaluation.evaluate({ scope, condition }, params, view)
  } catch {
    // A failure of ours in one of the names: it stands in its reading, and in the result of the condition.
  }
  return readings
}

function readName(name: string, roots: Roots, viewpoint: Viewpoint): NameReading {
  const [, field] = /^variables\.(\w+)$/.exec(name) ?? []
  const variable = field === undefined ? undefined : viewpoint.scope.variables.get(field)
  const reading = { name, ...readValue(name, roots, viewpoint) }
  if (!variable) return reading
  const reads = variable.names.map((inner) => readName(inner, roots, viewpoint))
  return { ...reading, text: variable.text, reads }
}

function readValue(
  name: string,
  roots: Roots,
  { evaluation, level }: Viewpoint,
): { value: unknown } | { unavailable: string } {
  if (name === 'session.at_least') return { value: level }
  if (name === 'risk.at_least') return { value: evaluation.risk.reading() }
  try {
    const value = valueNamed(name, roots)
    if (value === undefined) return { unavailable: 'absent' }
    return value === null
      ? { unavailable: 'not of the declared type' }
      : { value: plainValue(value) }
  } catch (error) {
    return { unavailable: reasonOf(error) }
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof Unavailable) return error.message
  return error instanceof Error ? (error.message.split('\n', 1)[0] ?? '') : String(error)
}
