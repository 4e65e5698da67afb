import type { PlacedResult, SuiteResult } from './run-suite.ts'

/** The results for a program: `{ passed, failed, suites: [{ policy, files, issues, tests, coverage }] }`. */
export function suiteJson(suites: readonly SuiteResult[]): string {
  const tests = suites.flatMap((suite) => suite.tests)
  const good = tests.filter(({ passed }) => passed).length
  const data = {
    passed: good,
    failed: tests.length - good,
    suites: suites.map(({ policy, files, issues, tests: of, coverage }) => ({
      policy,
      files,
      issues,
      tests: of.map(testData),
      coverage,
    })),
  }
  return `${JSON.stringify(data, null, 2)}\n`
}

function testData({ file, line, passed, result }: PlacedResult) {
  const test = { name: result.name, file, line, passed }
  if (result.kind === 'mistake') return { ...test, mistake: result.message }
  const { decision, differences } = result
  const { outcome, rule, rules, indeterminate } = decision
  const reason = 'reason' in decision ? decision.reason : null
  return { ...test, differences, outcome, reason, rule, rules, indeterminate }
}
