import { parseDuration } from '../domain/duration.ts'
import { compileRuleMatch } from './compile-match.ts'
import type { CompiledVariables } from './compile-variables.ts'
import type { CompiledCounter } from './compiled-policy.ts'
import { compileExpression, type Expression } from './expression/expression.ts'
import type { ExpressionProblem, KnownNames } from './expression/known-names.ts'
import { isOfParams, placeOf } from './expression/walk.ts'
import { factGroups } from './fact-groups.ts'
import { readsThrough } from './reads-through.ts'
import type { Reporter } from './reporter.ts'
import type { CounterDocument } from './text/schema.ts'

/** A counter as written, and where. */
export type WrittenCounter = { readonly written: CounterDocument; readonly report: Reporter }

/** Compiles the counters of a scope; those of the bounded file `own` get ids that no other file's have. */
export function compileCounters(
  counters: ReadonlyMap<string, WrittenCounter>,
  own: string | null,
  compiledVariables: CompiledVariables,
  known: KnownNames,
): ReadonlyMap<string, CompiledCounter> {
  const compiled = new Map<string, CompiledCounter>()
  const operand = operandCompiler(compiledVariables, known)
  for (const [name, { written, report }] of counters) {
    const id = report.file === own ? `${own} ${name}` : name
    const { fits } = compileRuleMatch(written.match ?? {}, true, null, report.at('match'))
    const per = operand(written.per, 'string', report.at('per'))
    const add = written.add === undefined ? null : operand(written.add, 'double', report.at('add'))
    const window = (parseDuration(written.window) ?? 0) * 1000
    if (per !== null)
      compiled.set(name, { id, name, fits, per, add, window, of: written.of ?? 'attempts' })
  }
  return compiled
}

/** Makes the function that compiles `per` and `add`. */
function operandCompiler({ environment, variables }: CompiledVariables, known: KnownNames) {
  return (text: string, wanted: string, report: Reporter): Expression | null => {
    const compiled = compileExpression(environment.cel, text, known, wanted)
    if (Array.isArray(compiled)) {
      report.expression(compiled)
      return null
    }
    for (const name of compiled.reads) {
      const mistake = [...readsThrough([name], { variables })].map(misread).find((one) => one)
      if (mistake) report.expression([{ ...placeOf(compiled.ast, name), ...mistake }])
    }
    return compiled
  }
}

/** What depends on rules, or on counters, cannot be counted by: that would be a circle. */
function misread(name: string): Omit<ExpressionProblem, 'start' | 'end'> | null {
  if (/^(rate|total)\(|^risk\./.test(name)) {
    const message = 'a counter cannot read counters or risk'
    return { code: 'cycle', message, hint: 'both may depend on this counter' }
  }
  if (factGroups(new Set([name])).length > 0) {
    const message = `\`${name}\` is looked up together with the counters`
    return { code: 'cycle', message, hint: 'count by what the request and its token say' }
  }
  if (!isOfParams(name)) return null
  const message = '`request.params` belong to one rule and cannot be read in a counter'
  return { code: 'params-in-counter', message, hint: 'read `request.path`' }
}
