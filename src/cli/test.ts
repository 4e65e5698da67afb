import { findTests } from './find-tests.ts'
import { junit } from './junit.ts'
import { policyPaths } from './load.ts'
import { painter } from './paint.ts'
import { runSuite, type SuiteResult } from './run-suite.ts'
import { usableSettings } from './settings.ts'
import { suiteJson } from './test-json.ts'
import { suiteText } from './test-text.ts'
import { type CliWorld, type ExitCode, UsageError } from './world.ts'

/** Options of `stepgate test`. */
export type TestOptions = {
  readonly config?: string
  readonly policy?: string
  readonly filter?: string
  /** Percent. */
  readonly coverage?: number
  readonly format: 'text' | 'json' | 'junit'
}

/** `stepgate test`: runs the tests beside a policy, and says what they never saw of it. */
export async function test(
  paths: readonly string[],
  options: TestOptions,
  world: CliWorld,
): Promise<ExitCode> {
  const settings = usableSettings(options.config, world)
  const policy = options.policy === undefined ? policyPaths(paths, settings) : paths
  if (options.policy !== undefined && paths.length === 0)
    throw new UsageError('--policy wants the files of tests to be named')
  const suites = findTests(policy, options.policy)
  const results: SuiteResult[] = []
  for (const suite of suites) results.push(await runSuite(suite, settings, options.filter, world))
  if (!results.some(ran)) throw new UsageError(`no test has \`${options.filter}\` in its name`)
  world.out(show(results, options, world))
  if (results.some(({ unreadable }) => unreadable)) return 2
  return results.every((one) => isFine(one, options.coverage ?? 0)) ? 0 : 1
}

function ran({ tests, issues }: SuiteResult): boolean {
  return tests.length > 0 || issues.length > 0
}

function isFine({ issues, tests, coverage }: SuiteResult, percent: number): boolean {
  if (issues.length > 0 || tests.some((one) => !one.passed)) return false
  return coverage === null || coverage.percent >= percent
}

function show(
  results: readonly SuiteResult[],
  { format, coverage }: TestOptions,
  world: CliWorld,
): string {
  switch (format) {
    case 'json':
      return suiteJson(results)
    case 'junit':
      return junit(results)
    case 'text':
      return results.map((one) => suiteText(one, coverage ?? 0, painter(world))).join('\n')
  }
}
