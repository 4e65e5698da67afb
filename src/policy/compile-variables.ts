import {
  type BaseEnvironment,
  type PolicyEnvironment,
  withVariables,
} from './expression/environment.ts'
import {
  compileExpression,
  type Expression,
  type ExpressionProblem,
} from './expression/expression.ts'
import type { KnownNames } from './expression/profile.ts'
import { isOfParams, placeOf } from './expression/walk.ts'
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
  const { ordered, circular } = inOrder(written)
  const types = new Map([...circular].map((name) => [name, 'dyn']))
  for (const name of ordered) {
    const { text, report } = written.get(name) ?? { text: '', report: null }
    const { cel } = withVariables(base, types)
    const compiled = compileExpression(cel, text, known, null)
    if (Array.isArray(compiled)) report?.expression(compiled)
    else variables.set(name, compiled)
    types.set(name, Array.isArray(compiled) ? 'bool' : compiled.type)
    if (!Array.isArray(compiled)) report?.expression(paramsRead(compiled))
  }
  return { environment: withVariables(base, types), variables }
}

function paramsRead({ ast, reads }: Expression): ExpressionProblem[] {
  const code = 'params-in-variable'
  const message = '`request.params` belong to one rule and cannot be read in a variable'
  const hint = 'write it into the `when` of the rule'
  const names = [...reads].filter(isOfParams)
  return names.map((name) => ({ ...placeOf(ast, name), code, message, hint }))
}

type Written = ReadonlyMap<string, WrittenVariable>

/** The order so far: what is done, what stands on a circle, and the way down to what is looked at. */
type Order = {
  readonly ordered: Set<string>
  readonly circular: Set<string>
  readonly open: Set<string>
  readonly path: { readonly name: string; readonly waiting: string[] }[]
}

/** Names sorted so that each comes after what it reads; those on a circle are reported and left out. */
function inOrder(written: Written): Order {
  const order: Order = { ordered: new Set(), circular: new Set(), open: new Set(), path: [] }
  for (const first of written.keys()) {
    enter(first, written, order)
    // A loop, no recursion: a chain of variables may be as long as the file.
    for (let top = order.path.at(-1); top !== undefined; top = order.path.at(-1)) {
      const next = top.waiting.pop()
      if (next === undefined) leave(top.name, order)
      else enter(next, written, order)
    }
  }
  return order
}

function enter(name: string, written: Written, order: Order): void {
  const { ordered, circular, open, path } = order
  if (ordered.has(name) || circular.has(name)) return
  if (open.has(name)) {
    const names = path.map((step) => step.name)
    reportCircle(names.slice(names.indexOf(name)), written, circular)
  } else {
    open.add(name)
    path.push({ name, waiting: needs(written, name) })
  }
}

function leave(name: string, { ordered, circular, open, path }: Order): void {
  path.pop()
  open.delete(name)
  if (!circular.has(name)) ordered.add(name)
}

/** `a` reads `b`, which reads `a`: one mistake, shown at the first of them. */
function reportCircle(names: readonly string[], written: Written, circular: Set<string>): void {
  const [first = '', ...others] = names
  const way = [...others, first].map((name) => `\`${name}\``).join(', which reads ')
  const message = `\`${first}\` reads itself`
  written.get(first)?.report.keyError('cycle', message, `it reads ${way}`)
  for (const name of names) circular.add(name)
}

/** The variables that one reads, seen in its text: enough for the order, and it needs no types yet. */
function needs(written: ReadonlyMap<string, WrittenVariable>, name: string): string[] {
  const text = written.get(name)?.text ?? ''
  return [...text.matchAll(/\bvariables\s*(?:\.\s*|\[\s*["'])([a-z][a-z0-9_]*)/g)].flatMap(
    ([, other]) => (other !== undefined && written.has(other) ? [other] : []),
  )
}
