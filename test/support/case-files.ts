import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { formatIssues } from '../../src/domain/issue.ts'
import type { CompiledPolicy } from '../../src/policy/compiled-policy.ts'
import { loadPolicy } from '../../src/policy/load.ts'
import { buildScenario, type Scenario, withDefaults } from '../../src/scenario/scenario.ts'
import { type Expectation, policyTestSchema } from '../../src/scenario/scenario-schema.ts'

/** A folder of `test/cases`: a policy and made-up requests with what they should come to. */
export type CaseFolder = {
  readonly name: string
  readonly policy: CompiledPolicy
  readonly cases: readonly Case[]
}

export type Case = {
  readonly name: string
  readonly scenario: Scenario
  /** As Envoy would send it. */
  readonly rawPath: string
  readonly expect: Expectation
}

const CASES = join(import.meta.dirname, '../cases')

/** Every folder of `test/cases`; throws where one cannot be read, so that no case is ever skipped. */
export function readCaseFolders(): readonly CaseFolder[] {
  return readdirSync(CASES).map((name) =>
    readCases(name, join(CASES, name, 'policy.yaml'), join(CASES, name, 'cases.yaml')),
  )
}

/** A policy file and the file of tests beside it. */
export function readCases(name: string, policyFile: string, casesFile: string): CaseFolder {
  const policy = readPolicy(policyFile)
  const { defaults = {}, tests } = policyTestSchema.parse(parse(readFileSync(casesFile, 'utf8')))
  const cases = tests.map(({ name: title, expect, ...own }) => {
    const situation = withDefaults(defaults, own)
    const scenario = buildScenario(situation, policy.ladder)
    return { name: title, scenario, rawPath: situation.request?.path ?? '/', expect }
  })
  return { name, policy, cases }
}

export function readPolicy(file: string): CompiledPolicy {
  const sources = [{ file, text: readFileSync(file, 'utf8') }]
  const { policy, issues } = loadPolicy(sources, { issuers: ['idp', 'okta'], revision: 'test' })
  if (!policy) throw new Error(formatIssues(issues))
  return policy
}
