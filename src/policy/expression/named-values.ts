import { counterRead } from '../fact-groups.ts'
import type { KnownNames } from './known-names.ts'
import type { Roots } from './roots.ts'

/** Of the names that an expression reads, those that have a value; loop variables and bare roots have none to show. */
export function namesWithValue(
  reads: ReadonlySet<string>,
  { fields }: KnownNames,
): readonly string[] {
  return [...reads].filter((name) => {
    const root = name.split('.', 1)[0] ?? ''
    return (fields.has(root) && root !== name) || counterRead(name) !== undefined
  })
}

/** The value of a name; undefined when it is absent. Throws what reading it throws, such as `Unavailable`. */
export function valueNamed(name: string, roots: Roots): unknown {
  const counter = counterRead(name)
  return counter === undefined ? follow(roots, name.split('.')) : roots.counters.read(counter)
}

/** What CEL has no name for in JSON: maps, instants, durations, 64-bit integers, objects of a class. */
export function plainValue(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value)
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof Map)
    return Object.fromEntries([...value].map(([key, of]) => [key, plainValue(of)]))
  if (Array.isArray(value)) return value.map(plainValue)
  if ('toISOString' in value && typeof value.toISOString === 'function') return value.toISOString()
  const number = value.valueOf()
  return typeof number === 'number' ? `${number / 1000}s` : { ...value }
}

/** Keys of a map may have dots, so a map takes all that is left of a name. */
function follow(from: unknown, steps: readonly string[]): unknown {
  const [step, ...rest] = steps
  if (step === undefined || from === undefined || from === null) return from
  if (from instanceof Map) return from.get(steps.join('.'))
  return follow((from as Record<string, unknown>)[step], rest)
}
