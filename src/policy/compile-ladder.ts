import type { Ladder, Level } from '../domain/assurance.ts'
import { parseDuration } from '../domain/duration.ts'
import { nearest } from '../domain/nearest.ts'
import type { Reporter } from './reporter.ts'
import type { LevelDocument } from './text/schema.ts'

/** Characters that `acr_values` may take in a challenge, which has room for 4 KiB in all. */
const MAX_ACR_VALUES = 2000

/**
 * Compiles `assurance`. A level without a `max_age` inherits that of the level below, and none may be longer:
 * a stronger login never stays good for longer than a weaker one.
 */
export function compileLadder(
  written: readonly LevelDocument[],
  issuers: readonly string[],
  report: Reporter,
): Ladder {
  const ladder: Level[] = []
  for (const [index, one] of written.entries()) {
    const place = report.at(index)
    const below = ladder.at(-1)?.maxAge ?? null
    ladder.push({
      name: one.level,
      rank: index + 1,
      acr: new Map(Object.entries(one.acr ?? {})),
      amr: one.amr ?? [],
      maxAge: levelAge(one.max_age, below, place),
    })
    checkLevel(one, ladder, issuers, place)
  }
  return ladder
}

function levelAge(
  written: string | undefined,
  below: number | null,
  report: Reporter,
): number | null {
  if (written === undefined) return below
  const age = parseDuration(written)
  if (age !== null && below !== null && age > below) {
    report
      .at('max_age')
      .error(
        'max-age-grows',
        '`max_age` is longer than that of the level below',
        'write at most that, or nothing to inherit it',
      )
  }
  return age
}

function checkLevel(
  one: LevelDocument,
  ladder: readonly Level[],
  issuers: readonly string[],
  report: Reporter,
): void {
  if (ladder.slice(0, -1).some((other) => other.name === one.level)) {
    const message = `the level \`${one.level}\` stands here twice`
    report.at('level').error('duplicate-level', message, 'join them, or rename one')
  }
  if (one.acr === undefined && one.amr === undefined) {
    report
      .at('level')
      .warning(
        'level-unprovable',
        `nothing proves the level \`${one.level}\``,
        'give it `acr` or `amr`',
      )
  }
  checkIssuers(Object.keys(one.acr ?? {}), issuers, report)
  for (const [issuer, acrs] of Object.entries(one.acr ?? {})) {
    checkAcrs(issuer, acrs, ladder, report.at('acr', issuer))
  }
}

function checkIssuers(
  named: readonly string[],
  issuers: readonly string[],
  report: Reporter,
): void {
  for (const issuer of named) {
    if (issuers.includes(issuer)) continue
    const hint = nearest(issuer, issuers) ?? `the service has: ${issuers.join(', ') || 'none'}`
    report
      .at('acr', issuer)
      .keyWarning('unknown-issuer', `the service has no issuer \`${issuer}\``, hint)
  }
}

function checkAcrs(
  issuer: string,
  acrs: readonly string[],
  ladder: readonly Level[],
  report: Reporter,
): void {
  if (acrs.join(' ').length > MAX_ACR_VALUES) {
    const message = `the \`acr\` of \`${issuer}\` take over ${MAX_ACR_VALUES} characters together`
    report.error('challenge-too-long', message, 'a challenge lists them all: name fewer')
  }
  for (const [index, acr] of acrs.entries()) {
    const mistake = acrMistake(issuer, acr, ladder.slice(0, -1))
    if (mistake) report.at(index).error(...mistake)
  }
}

/** An `acr` that stands for two levels would prove the higher one to whoever reached the lower. */
function acrMistake(
  issuer: string,
  acr: string,
  below: readonly Level[],
): [string, string, string] | null {
  const other = below.find((level) => level.acr.get(issuer)?.includes(acr))
  if (other)
    return [
      'ambiguous-acr',
      `\`${acr}\` of \`${issuer}\` proves \`${other.name}\` already`,
      'an `acr` of an issuer proves one level: remove it from the other',
    ]
  if (acr === '0')
    return [
      'acr-proves-nothing',
      'an `acr` of "0" proves nothing (OpenID Connect Core §2)',
      'remove it',
    ]
  if (/[\s"\\]|[^\x20-\x7e]/.test(acr))
    return [
      'bad-acr',
      'an `acr` has no blanks, quotes, backslashes or non-ASCII',
      'write one value an entry: `[silver, gold]`',
    ]
  return null
}
