import type { Issue } from '../domain/issue.ts'
import { checkAgainst } from '../policy/text/shape.ts'
import { type PolicySource, parseSource } from '../policy/text/source-file.ts'
import {
  type PartialSituation,
  type PolicyTests,
  policyTestSchema,
  situationFileSchema,
} from './scenario-schema.ts'

/** A file of tests that has the right shape, and the line on which each test begins. */
export type TestFile = {
  readonly file: string
  readonly tests: PolicyTests
  readonly lines: readonly number[]
}

/** What was read, or every mistake with its place. */
export type Read<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly issues: readonly Issue[] }

/** Reads a file of tests. */
export function readTests(source: PolicySource): Read<TestFile> {
  const { file, issues } = parseSource(source)
  if (!file) return { ok: false, issues }
  const shaped = checkAgainst(policyTestSchema, file)
  if (shaped.document === null) return { ok: false, issues: shaped.issues }
  const tests = shaped.document
  const lines = tests.tests.map((_, index) => {
    const at = file.spanOf(['tests', index])
    return file.issue(at, { code: 'test', message: '' }).line
  })
  return { ok: true, value: { file: source.file, tests, lines } }
}

/** Reads a made-up request out of a file of its own. */
export function readSituation(source: PolicySource): Read<PartialSituation> {
  const { file, issues } = parseSource(source)
  if (!file) return { ok: false, issues }
  const shaped = checkAgainst(situationFileSchema, file)
  if (shaped.document === null) return { ok: false, issues: shaped.issues }
  return { ok: true, value: shaped.document }
}
