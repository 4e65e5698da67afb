import type { Environment } from '@marcbachmann/cel-js'
import { compileRuleMatch } from './compile-match.ts'
import { compileExpression } from './expression/expression.ts'
import type { ExpressionProblem, KnownNames } from './expression/known-names.ts'
import { isOfParams, placeOf } from './expression/walk.ts'
import type { Reporter } from './reporter.ts'
import type { CounterDocument } from './text/schema.ts'

/** A counter as written, and where. */
export type WrittenCounter = { readonly written: CounterDocument; readonly report: Reporter }

/**
 * Checks `counters`. There is no store for them in this version, so nothing is kept: `rate` and `total` are
 * unavailable, and whoever reads them falls to the stricter side.
 */
export function compileCounters(
  counters: ReadonlyMap<string, WrittenCounter>,
  cel: Environment,
  known: KnownNames,
): void {
  for (const { written, report } of counters.values()) {
    if (written.match) compileRuleMatch(written.match, true, null, report.at('match'))
    checkExpression(cel, written.per, known, 'string', report.at('per'))
    if (written.add !== undefined)
      checkExpression(cel, written.add, known, 'double', report.at('add'))
  }
}

function checkExpression(
  cel: Environment,
  text: string,
  known: KnownNames,
  wanted: string,
  report: Reporter,
): void {
  const compiled = compileExpression(cel, text, known, wanted)
  if (Array.isArray(compiled)) {
    report.expression(compiled)
    return
  }
  for (const name of compiled.reads) {
    const mistake = misread(name)
    if (mistake) report.expression([{ ...placeOf(compiled.ast, name), ...mistake }])
  }
}

/** What depends on rules, or on counters, cannot be counted by: that would be a circle. */
function misread(name: string): Omit<ExpressionProblem, 'start' | 'end'> | null {
  if (/^(rate|total)\(|^risk\./.test(name)) {
    const message = 'a counter cannot read counters or risk'
    return { code: 'cycle', message, hint: 'both may depend on this counter' }
  }
  if (!isOfParams(name)) return null
  const message = '`request.params` belong to one rule and cannot be read in a counter'
  return { code: 'params-in-counter', message, hint: 'read `request.path`' }
}
