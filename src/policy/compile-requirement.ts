import { containsAnySet, type Ladder, type Level } from '../domain/assurance.ts'
import { parseDuration } from '../domain/duration.ts'
import { nearest } from '../domain/nearest.ts'
import type { RuleRequirement } from './compiled-policy.ts'
import type { Reporter } from './reporter.ts'
import type { RequirementDocument } from './text/schema.ts'

/** Compiles `require` of a rule. */
export function compileRequirement(
  written: RequirementDocument,
  ladder: Ladder,
  report: Reporter,
): RuleRequirement {
  if (Object.values(written).every((value) => value === false))
    report.keyError('empty-require', '`require` asks for nothing', 'add `level` or `max_age`')
  const requirement = {
    rank: written.level === undefined ? 0 : rankOf(written.level, ladder, report.at('level')),
    maxAge: written.max_age === undefined ? null : parseDuration(written.max_age),
    amr: written.amr ?? [],
    scope: scopes(written.scope ?? [], report.at('scope')),
    singleUse: written.single_use ?? false,
  }
  checkReachable(requirement, ladder, report)
  return requirement
}

function rankOf(name: string, ladder: Ladder, report: Reporter): number {
  const level = ladder.find((candidate) => candidate.name === name)
  if (level) return level.rank
  const names = ladder.map((candidate) => candidate.name)
  const hint =
    nearest(name, names) ??
    `levels: ${names.slice(0, 20).join(', ') || 'none, write `assurance` first'}`
  report.error('unknown-level', `unknown level \`${name}\``, hint)
  return 0
}

/** Characters that `scope` of one rule may take in a challenge, which has room for 4 KiB in all. */
const MAX_SCOPE = 500

/** RFC 6750 §3: what may stand in `scope` of a challenge. */
function scopes(written: readonly string[], report: Reporter): readonly string[] {
  if (written.join(' ').length > MAX_SCOPE) {
    const message = `the scopes take over ${MAX_SCOPE} characters together`
    report.error('challenge-too-long', message, 'a challenge lists them all: require fewer')
  }
  for (const [index, scope] of written.entries()) {
    if (!/^[\x21\x23-\x5b\x5d-\x7e]+$/.test(scope)) {
      const message = 'a scope has no blanks, quotes, backslashes or non-ASCII'
      report.at(index).error('bad-scope', message, 'write one scope an entry: `[read, write]`')
    }
  }
  return written
}

/** A requirement that no issuer has an `acr` for ends in a refusal for everybody who falls short. */
function checkReachable({ rank, amr }: RuleRequirement, ladder: Ladder, report: Reporter): void {
  if (rank === 0 && amr.length === 0) return
  const offered = ladder.filter(
    (level) => level.rank >= Math.max(1, rank) && level.acr.size > 0 && alwaysUses(level, amr),
  )
  if (ladder.length > 0 && offered.length === 0) {
    report.keyWarning(
      'nobody-can-step-up',
      'no issuer has an `acr` that proves this, so whoever falls short is refused without a challenge',
      'give the level an `acr` of an issuer',
    )
  }
}

/** A method can only be asked for by a level that has it whatever way it is reached. */
function alwaysUses(level: Level, amr: RuleRequirement['amr']): boolean {
  if (amr.length === 0) return true
  return level.amr.length > 0 && level.amr.every((methods) => containsAnySet(methods, amr))
}
