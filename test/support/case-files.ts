import { readdirSync, readFileSync, statSync } from 'node:fs'
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
  return readdirSync(CASES).map((name) => {
    const folder = join(CASES, name)
    const policy = readPolicy(policyFiles(folder))
    return { name, policy, cases: readCases(join(folder, 'cases.yaml'), policy) }
  })
}

/** `policy.yaml`, or the files of the folder `policy`. */
function policyFiles(folder: string): readonly string[] {
  const several = join(folder, 'policy')
  if (!statSync(several, { throwIfNoEntry: false })) return [join(folder, 'policy.yaml')]
  return readdirSync(several).map((name) => join(several, name))
}

function readCases(file: string, policy: CompiledPolicy): readonly Case[] {
  const { defaults = {}, tests } = policyTestSchema.parse(parse(readFileSync(file, 'utf8')))
  return tests.map(({ name, expect, ...own }) => {
    const situation = withDefaults(defaults, own)
    const scenario = buildScenario(situation, policy.ladder)
    return { name, scenario, rawPath: situation.request?.path ?? '/', expect }
  })
}

function readPolicy(files: readonly string[]): CompiledPolicy {
  const sources = files.map((file) => ({ file, text: readFileSync(file, 'utf8') }))
  const { policy, issues } = loadPolicy(sources, { issuers: ['idp', 'okta'], revision: 'test' })
  if (!policy) throw new Error(formatIssues(issues))
  return policy
}
