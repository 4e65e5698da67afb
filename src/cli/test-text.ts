import type { Coverage } from '../scenario/coverage.ts'
import type { TestResult } from '../scenario/run-tests.ts'
import { countIssues, paintIssues } from './issue-text.ts'
import { type Paint, plural, printable } from './paint.ts'
import type { PlacedResult, SuiteResult } from './run-suite.ts'

/** The results for a person: failures as a diff, then the counts, then what no test saw. */
export function suiteText(suite: SuiteResult, wanted: number, paint: Paint): string {
  const { policy, issues, tests, coverage } = suite
  if (issues.length > 0) {
    const no = paint('red', `${countIssues(issues)}, no test was run`)
    return `${paintIssues(issues, paint)}\n\n${policy}: ${no}\n`
  }
  const failures = tests.filter((one) => !one.passed)
  const lines = [
    ...failures.flatMap((one) => [...failureLines(one, paint), '']),
    `${policy}: ${counts(tests.length, failures.length, paint)}`,
    ...(coverage === null ? [] : coverageLines(coverage, wanted, paint)),
  ]
  return `${lines.join('\n')}\n`
}

/** What was expected and what came of it, detail by detail, and the rules behind it. */
export function failureDetails(result: TestResult): readonly string[] {
  if (result.kind === 'mistake') return [result.message]
  const { decision, differences } = result
  const undecided = decision.indeterminate.map(({ rule, missing }) => `${rule} (no ${missing})`)
  const diff = differences.flatMap(({ what, expected, got }) => [
    what,
    `  - ${expected}`,
    `  + ${got}`,
  ])
  const seen = [
    `applied: ${decision.rules.join(', ') || 'no rule'}`,
    ...(undecided.length > 0 ? [`undecided: ${undecided.join(', ')}`] : []),
  ]
  return [...diff, ...seen].map(printable)
}

function failureLines({ file, line, result }: PlacedResult, paint: Paint): readonly string[] {
  const head = `${file}:${line}: ${paint('red', 'failed')}: ${printable(result.name)}`
  return [head, ...failureDetails(result).map((text) => `    ${paintDiff(text, paint)}`)]
}

function paintDiff(text: string, paint: Paint): string {
  if (text.startsWith('  - ')) return paint('green', text)
  return text.startsWith('  + ') ? paint('red', text) : text
}

function counts(all: number, failed: number, paint: Paint): string {
  const passed = paint(failed > 0 ? 'yellow' : 'green', `${plural(all - failed, 'test')} passed`)
  return failed > 0 ? `${passed}, ${paint('red', `${failed} failed`)}` : passed
}

function coverageLines(coverage: Coverage, wanted: number, paint: Paint): readonly string[] {
  const { percent, seen, wanted: all, rules } = coverage
  const short = percent < wanted ? `, less than the ${wanted} % asked for` : ''
  const colour = short !== '' ? 'red' : percent === 100 ? 'green' : 'yellow'
  const unseen = rules.flatMap(({ rule, missing }) =>
    missing.length > 0 ? [`  ${rule}: no test saw it ${missing.map(inWords).join(', ')}`] : [],
  )
  return [`coverage: ${paint(colour, `${percent} % (${seen} of ${all})${short}`)}`, ...unseen]
}

function inWords(sight: Coverage['rules'][number]['missing'][number]): string {
  switch (sight) {
    case 'applies':
      return 'apply'
    case 'does not apply':
      return 'not apply'
    case 'met':
    case 'not met':
      return sight
  }
}
