import { compileWhenUnless } from './compile-condition.ts'
import { onlyOne, type PolicyFile } from './compile-definitions.ts'
import { compileRuleMatch } from './compile-match.ts'
import { readsCaller, takeId } from './compile-rules.ts'
import type { NameScope, Scopes } from './compile-scopes.ts'
import type { CompiledSignal, RiskModel } from './compiled-policy.ts'
import type { Reporter } from './reporter.ts'
import type { SignalDocument } from './text/schema.ts'

/** Signals, compiled, and whether some of them reads the caller. */
export type CompiledSignals = {
  readonly signals: readonly CompiledSignal[]
  readonly concernCaller: boolean
}

/** Compiles `risk`: the thresholds, from the lowest. */
export function compileRiskLevels(files: readonly PolicyFile[]): RiskModel['levels'] {
  const found = onlyOne(files, 'risk')
  const levels = Object.entries(found?.written.levels ?? {}).map(([name, threshold]) => ({
    name,
    threshold,
  }))
  const sorted = levels.toSorted((a, b) => a.threshold - b.threshold)
  for (const [at, { name, threshold }] of sorted.entries()) {
    if (sorted[at - 1]?.threshold !== threshold) continue
    found?.report
      .at('levels', name)
      .error('duplicate-threshold', `\`${name}\` and \`${sorted[at - 1]?.name}\` are the same`)
  }
  return sorted
}

/** Compiles `signals`; they stand in unbounded files, and their ids are unique among rules and signals. */
export function compileSignals(
  files: readonly PolicyFile[],
  scopes: Scopes,
  ids: Set<string>,
): CompiledSignals {
  let concernCaller = false
  const signals = files.flatMap((file) => {
    const scope = scopes.of(file)
    return (file.document.signals ?? []).map((written, index) => {
      const place = file.report.at('signals', index)
      takeId(written.id, ids, place)
      const { signal, reads } = compileSignal(written, scope, place)
      concernCaller ||= readsCaller(reads)
      return signal
    })
  })
  return { signals: signals.toSorted((a, b) => (a.id < b.id ? -1 : 1)), concernCaller }
}

function compileSignal(
  written: SignalDocument,
  scope: NameScope,
  report: Reporter,
): { signal: CompiledSignal; reads: ReadonlySet<string> } {
  const { match, fits } = compileRuleMatch(written.match ?? {}, true, null, report.at('match'))
  const context = { scope, params: null, tightens: true }
  const { condition, when, unless, reads } = compileWhenUnless(written, context, report)
  if (reads.has('risk.at_least')) {
    report.error(
      'cycle',
      'a signal makes the risk and cannot read it',
      'read what the other signals read',
    )
  }
  const signal = {
    id: written.id,
    description: written.description ?? null,
    shadow: written.mode === 'shadow',
    match,
    fits,
    scope,
    when,
    unless,
    condition,
    score: written.score,
  }
  return { signal, reads }
}
