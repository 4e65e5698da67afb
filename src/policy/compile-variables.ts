import type { PolicyFile } from './compile-definitions.ts'
import { type PolicyEnvironment, withVariables } from './expression/environment.ts'
import { compileExpression, type Expression } from './expression/expression.ts'
import type { KnownNames } from './expression/profile.ts'
import type { Reporter } from './reporter.ts'

/** A variable as written: its text and where to report mistakes in it. */
type Written = { readonly text: string; readonly report: Reporter }

/** The variables of a policy, compiled in the order in which they need each other. */
export type CompiledVariables = {
  readonly environment: PolicyEnvironment
  readonly variables: ReadonlyMap<string, Expression>
}

/** Collects `variables` from all files; a name may be given once. */
export function collectVariables(files: readonly PolicyFile[]): ReadonlyMap<string, Written> {
  const all = new Map<string, Written>()
  for (const { document, report } of files) {
    for (const [name, text] of Object.entries(document.variables ?? {})) {
      const place = report.at('variables', name)
      if (all.has(name))
        place.keyError('duplicate-name', `\`${name}\` is declared in another file too`)
      all.set(name, { text, report: place })
    }
  }
  return all
}

/** Compiles variables, those that others read first. One that reads itself, in a circle or not, is an error. */
export function compileVariables(
  written: ReadonlyMap<string, Written>,
  base: Omit<PolicyEnvironment, 'Variables'>,
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
function inOrder(written: ReadonlyMap<string, Written>): readonly string[] {
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
function needs(written: ReadonlyMap<string, Written>, name: string): string[] {
  const text = written.get(name)?.text ?? ''
  return [...text.matchAll(/\bvariables\s*\.\s*([a-z][a-z0-9_]*)/g)].flatMap(([, other]) =>
    other !== undefined && written.has(other) ? [other] : [],
  )
}

function circle(written: ReadonlyMap<string, Written>, name: string): string {
  return `it reads ${needs(written, name)
    .map((other) => `\`${other}\``)
    .join(', ')}`
}
