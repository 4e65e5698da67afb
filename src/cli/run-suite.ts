import type { Issue } from '../domain/issue.ts'
import { type Coverage, measureCoverage } from '../scenario/coverage.ts'
import { readTests, type TestFile } from '../scenario/read-tests.ts'
import { passed, runTests, type TestResult } from '../scenario/run-tests.ts'
import type { Suite } from './find-tests.ts'
import { hasErrors } from './issue-text.ts'
import { loadFiles } from './load.ts'
import { readSource } from './read-source.ts'
import type { CliSettings } from './settings.ts'
import type { CliWorld } from './world.ts'

/** A test that ran, and where it stands. */
export type PlacedResult = {
  readonly file: string
  readonly line: number
  readonly passed: boolean
  readonly result: TestResult
}

/** What the tests of one policy came to; with `issues` none was run. */
export type SuiteResult = {
  readonly policy: string
  readonly files: readonly string[]
  readonly issues: readonly Issue[]
  readonly unreadable: boolean
  readonly tests: readonly PlacedResult[]
  /** Null when only some tests were run. */
  readonly coverage: Coverage | null
}

/** Loads a policy and its tests, and runs those whose name has the `filter` in it. */
export async function runSuite(
  { policy: path, files }: Suite,
  settings: CliSettings,
  filter: string | undefined,
  world: CliWorld,
): Promise<SuiteResult> {
  const loaded = await loadFiles([path], settings, world)
  const read = files.map((file) => readSource(file, readTests))
  const issues = [...loaded.issues, ...read.flatMap((one) => (one.ok ? [] : one.issues))]
  const { unreadable } = loaded
  const failed = { policy: path, files, unreadable, tests: [], coverage: null }
  const { policy } = loaded
  if (policy === null || hasErrors(issues)) return { ...failed, issues }
  const tests = read.flatMap((one) =>
    one.ok ? place(one.value, runTests(policy, one.value.tests)) : [],
  )
  const results = tests.map(({ result }) => result)
  return {
    ...failed,
    issues: [],
    tests: tests.filter(({ result }) => result.name.includes(filter ?? '')),
    coverage: filter === undefined ? measureCoverage(policy, results) : null,
  }
}

function place({ file, lines }: TestFile, results: readonly TestResult[]): PlacedResult[] {
  return results.map((result, index) => ({
    file,
    line: lines[index] ?? 0,
    passed: passed(result),
    result,
  }))
}
