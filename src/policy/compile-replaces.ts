import { nearest } from '../domain/nearest.ts'
import type { PolicyFile } from './compile-definitions.ts'
import type { Reporter } from './reporter.ts'
import type { RuleDocument } from './text/schema.ts'

/** Checks `replaces` of all rules, one a step: only a shadow rule has it, and it names another rule. */
export function* checkReplaces(
  files: readonly PolicyFile[],
  ids: ReadonlySet<string>,
): Generator<void, void> {
  for (const { document, report } of files) {
    for (const [index, rule] of (document.rules ?? []).entries()) {
      if (rule.replaces === undefined) continue
      checkReplacement(rule, ids, report.at('rules', index, 'replaces'))
      yield
    }
  }
}

function checkReplacement(
  { id, replaces, mode }: RuleDocument,
  ids: ReadonlySet<string>,
  report: Reporter,
): void {
  if (replaces === undefined) return
  if (mode !== 'shadow') {
    report.keyError(
      'replaces-without-shadow',
      'only a shadow rule replaces another',
      'add `mode: shadow`',
    )
  }
  if (replaces === id) {
    const hint = 'give this rule an id of its own'
    report.error('replaces-itself', 'a rule cannot stand in for itself', hint)
  }
  if (!ids.has(replaces)) {
    report.error('unknown-rule', `there is no rule \`${replaces}\``, nearest(replaces, ids))
  }
}
