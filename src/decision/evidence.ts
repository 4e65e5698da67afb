import type { Evidence } from '../domain/decision.ts'
import type { CompiledSignal } from '../policy/compiled-policy.ts'
import type { Roots } from '../policy/expression/roots.ts'
import { counterRead } from '../policy/fact-groups.ts'

/** The values that a signal saw, of the names that may be reported; null for one that was unavailable. */
export function evidenceFor(
  { id, evidence }: Pick<CompiledSignal, 'id' | 'evidence'>,
  roots: Roots,
): readonly Evidence[] {
  return evidence.map((name) => ({ signal: id, name, value: reportable(valueOfName(name, roots)) }))
}

function valueOfName(name: string, roots: Roots): unknown {
  try {
    const counter = counterRead(name)
    if (counter !== undefined) return roots.counters.read(counter)
    const [root = '', field = ''] = name.split('.')
    const from = (roots as Readonly<Record<string, object>>)[root]
    return (from as Readonly<Record<string, unknown>> | undefined)?.[field]
  } catch {
    return null
  }
}

/** A value as it may be reported. Numbers are rounded: nobody needs the metre, and a place could be told from it. */
export function reportable(value: unknown): Evidence['value'] {
  if (typeof value === 'boolean' || typeof value === 'string') return value
  if (Array.isArray(value)) return value.map(String).join(' ')
  const number = Number(value?.valueOf())
  return value === null || value === undefined || Number.isNaN(number) ? null : Math.round(number)
}
