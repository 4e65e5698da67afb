import {
  type BaseEnvironment,
  type PolicyEnvironment,
  withVariables,
} from './expression/environment.ts'
import { compileExpression, type Expression } from './expression/expression.ts'
import type { KnownNames } from './expression/profile.ts'
import type { Reporter } from './reporter.ts'

/** A variable as written: its text and where to report mistakes in it. */
export type WrittenVariable = { readonly text: string; readonly report: Reporter }

/** The variables of a policy, compiled in the order in which they need each other. */
export type CompiledVariables = {
  readonly environment: PolicyEnvironment
  readonly variables: ReadonlyMap<string, Expression>
}

/** Compiles variables, those that others read first. One that reads itself, in a circle or not, is an error. */
export function compileVariables(
  written: ReadonlyMap<string, WrittenVariable>,
  base: BaseEnvironment,
  known: KnownNames,
): CompiledVariables {
  const variables = new Map<string, Expression>()
  const types = new Map<string, string>()
  for (const name of inOrder(written)) {
    const { text, report } = written.get(name) ?? { text: '', report: null }
    const { cel } = withVariables(base, types)
    const compiled = compileExpression(cel, text, known, null)
    if (Array.isArray(compiled)) report?.expression(compiled)
    else variables.set(name, compiled)
    types.set(name, Array.isArray(compiled) ? 'bool' : compiled.type)
    if (readsParams(compiled)) {
      report?.error(
        'params-in-variable',
        '`request.params` belong to one rule and cannot be read in a variable',
      )
    }
  }
  return { environment: withVariables(base, types), variables }
}

function readsParams(compiled: Expression | readonly unknown[]): boolean {
  return (
    'reads' in compiled && [...compiled.reads].some((name) => name.startsWith('request.params'))
  )
}

/** Names sorted so that each comes after what it reads; those on a circle are reported and come last. */
function inOrder(written: ReadonlyMap<string, WrittenVariable>): readonly string[] {
  const ordered: string[] = []
  let waiting = [...written.keys()]
  while (waiting.length > 0) {
    const ready = waiting.filter((name) =>
      needs(written, name).every((other) => !waiting.includes(other)),
    )
    if (ready.length === 0) {
      for (const name of waiting)
        written.get(name)?.report.error('cycle', `\`${name}\` reads itself`, circle(written, name))
      return ordered
    }
    ordered.push(...ready)
    waiting = waiting.filter((name) => !ready.includes(name))
  }
  return ordered
}

/** The variables that one reads, seen in its text: enough for the order, and it needs no types yet. */
function needs(written: ReadonlyMap<string, WrittenVariable>, name: string): string[] {
  const text = written.get(name)?.text ?? ''
  return [...text.matchAll(/\bvariables\s*\.\s*([a-z][a-z0-9_]*)/g)].flatMap(([, other]) =>
    other !== undefined && written.has(other) ? [other] : [],
  )
}

function circle(written: ReadonlyMap<string, WrittenVariable>, name: string): string {
  return `it reads ${needs(written, name)
    .map((other) => `\`${other}\``)
    .join(', ')}`
}
