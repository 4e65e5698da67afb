import { compileWhenUnless } from './compile-condition.ts'
import { onlyOne, type PolicyFile } from './compile-definitions.ts'
import { compileRuleMatch } from './compile-match.ts'
import { checkSignals, type RuleContext, readsCaller, takeId } from './compile-rules.ts'
import type { NameScope } from './compile-scopes.ts'
import type { CompiledSignal, RiskModel } from './compiled-policy.ts'
import { evidenceNames } from './evidence.ts'
import type { Reporter } from './reporter.ts'
import type { SignalDocument } from './text/schema.ts'

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
      .error(
        'duplicate-threshold',
        `\`${name}\` begins where \`${sorted[at - 1]?.name}\` does`,
        'give each level a threshold of its own',
      )
  }
  return sorted
}

/** Compiles `signals`; they stand in unbounded files, and their ids are unique among rules and signals. */
export function compileSignals(
  files: readonly PolicyFile[],
  context: Pick<RuleContext, 'scopes' | 'ids' | 'sharedSignals'>,
): readonly CompiledSignal[] {
  const signals = files.flatMap((file) =>
    (file.document.signals ?? []).map((written, index) => {
      const place = file.report.at('signals', index)
      takeId(written.id, context.ids, place)
      return compileSignal(written, context.scopes.of(file), context, place)
    }),
  )
  return signals.toSorted((a, b) => (a.id < b.id ? -1 : 1))
}

function compileSignal(
  written: SignalDocument,
  scope: NameScope,
  known: Pick<RuleContext, 'sharedSignals'>,
  report: Reporter,
): CompiledSignal {
  const { match, fits } = compileRuleMatch(written.match ?? {}, true, null, report.at('match'))
  const context = { scope, params: null, may: 'on' } as const
  const { reads, ...compiled } = compileWhenUnless(written, context, report)
  if (reads.has('risk.at_least')) {
    const hint = 'read what the other signals read'
    const place = report.at(written.when === undefined ? 'unless' : 'when')
    place.error('cycle', 'a signal makes the risk and cannot read it', hint)
  }
  checkSignals(compiled.when, reads, { ...known, scope }, report)
  return {
    id: written.id,
    description: written.description ?? null,
    shadow: written.mode === 'shadow',
    match,
    bounds: null,
    fits,
    scope,
    ...compiled,
    score: written.score,
    evidence: evidenceNames(reads),
    concernsCaller: readsCaller(reads),
  }
}
