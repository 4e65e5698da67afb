import {
  type BaseEnvironment,
  type PolicyEnvironment,
  withVariables,
} from './expression/environment.ts'
import { compileExpression, type Expression } from './expression/expression.ts'
import type { ExpressionProblem, KnownNames } from './expression/known-names.ts'
import { isOfParams, placeOf } from './expression/walk.ts'
import type { Reporter } from './reporter.ts'

/** A variable as written: its text and where to report mistakes in it. */
export type WrittenVariable = { readonly text: string; readonly report: Reporter }

/** The variables of a policy, compiled in the order in which they need each other. */
export type CompiledVariables = {
  readonly environment: PolicyEnvironment
  readonly variables: ReadonlyMap<string, Expression>
}

/** Variables that read variables that read variables: deeper than that is no help to a reader. */
const MAX_DEPTH = 32

/** Compiles variables, those that others read first. One that reads itself, in a circle or not, is an error. */
export function compileVariables(
  written: Written,
  base: BaseEnvironment,
  known: KnownNames,
): CompiledVariables {
  const variables = new Map<string, Expression>()
  const types = new Map([...written.keys()].map((name) => [name, 'dyn']))
  const layers = layersOf(inOrder(written), written)
  reportDepth(layers[MAX_DEPTH] ?? [], written)
  for (const layer of layers.slice(0, MAX_DEPTH)) {
    const { cel } = withVariables(base, types)
    const compiled = layer.map((name) => [name, compileOne(cel, name, written, known)] as const)
    for (const [name, one] of compiled) {
      if (one === null) continue
      variables.set(name, one)
      types.set(name, one.type)
    }
  }
  const broken = [...written.keys()].filter((name) => !variables.has(name))
  for (const name of broken) known.broken.add(`variables.${name}`)
  return { environment: withVariables(base, types), variables }
}

function compileOne(
  cel: PolicyEnvironment['cel'],
  name: string,
  written: Written,
  known: KnownNames,
): Expression | null {
  const { text, report } = written.get(name) ?? { text: '', report: null }
  const compiled = compileExpression(cel, text, known, null)
  report?.expression(Array.isArray(compiled) ? compiled : paramsRead(compiled))
  return Array.isArray(compiled) ? null : compiled
}

/** The variables that read none, then those that read only them, and so on: each layer needs one environment. */
function layersOf(ordered: Iterable<string>, written: Written): readonly (readonly string[])[] {
  const depths = new Map<string, number>()
  const layers: string[][] = []
  for (const name of ordered) {
    const depth = Math.max(-1, ...needs(written, name).map((other) => depths.get(other) ?? -1)) + 1
    depths.set(name, depth)
    const layer = layers[depth] ?? []
    layer.push(name)
    layers[depth] = layer
  }
  return layers
}

function reportDepth(tooDeep: readonly string[], written: Written): void {
  for (const name of tooDeep) {
    const message = `\`${name}\` reads variables that read variables, over ${MAX_DEPTH} deep`
    written.get(name)?.report.keyError('variables-too-deep', message, 'write some of them out')
  }
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
function inOrder(written: Written): ReadonlySet<string> {
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
  return order.ordered
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
