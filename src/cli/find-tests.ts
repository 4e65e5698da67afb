import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { UsageError } from './world.ts'

/** A policy, a file or a directory, and the files of tests that are run on it. */
export type Suite = { readonly policy: string; readonly files: readonly string[] }

const TESTS = '.test.yaml'

/**
 * The tests at these paths, by the policy that they test: `X.test.yaml` tests `X.yaml` beside it, and in a directory
 * every `*.test.yaml` tests the directory as one policy. A `policy` that is named is tested by all of them.
 */
export function findTests(paths: readonly string[], policy: string | undefined): readonly Suite[] {
  const suites = new Map<string, string[]>()
  for (const path of paths) {
    const found = testsAt(path, policy)
    suites.set(found.policy, [...(suites.get(found.policy) ?? []), ...found.files])
  }
  return [...suites].map(([of, files]) => ({ policy: of, files: [...new Set(files)] }))
}

function testsAt(path: string, policy: string | undefined): Suite {
  if (isDirectory(path)) return { policy: policy ?? path, files: inDirectory(path) }
  if (policy !== undefined) return { policy, files: [path] }
  if (path.endsWith(TESTS)) return { policy: beside(path), files: [path] }
  const tests = path.replace(/\.ya?ml$/, '') + TESTS
  if (existsSync(tests)) return { policy: path, files: [tests] }
  throw new UsageError(`${path} has no tests: they stand beside it in ${tests}`)
}

function inDirectory(path: string): readonly string[] {
  const names = readdirSync(path).filter((name) => name.endsWith(TESTS) && !name.startsWith('.'))
  if (names.length === 0) throw new UsageError(`${path} has no *${TESTS}`)
  return names.sort().map((name) => join(path, name))
}

function beside(tests: string): string {
  const policy = `${tests.slice(0, -TESTS.length)}.yaml`
  if (existsSync(policy)) return policy
  throw new UsageError(`${tests} stands beside no ${policy}: name what it tests by --policy`)
}

function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory()
  } catch {
    throw new UsageError(`${path} does not exist, or cannot be read`)
  }
}
