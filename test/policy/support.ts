import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatIssues } from '../../src/domain/issue.ts'
import type { CompiledPolicy } from '../../src/policy/compiled-policy.ts'
import { type LoadedPolicy, loadPolicy } from '../../src/policy/load.ts'

/** The first line of a policy. */
export const V = 'version: 1\n'

/** Milliseconds of CPU, with room for a slow machine; what is quadratic or worse takes minutes. */
export const SMALL = 2000
export const BIG = 8000

/** A name, a file, the code of its first error or null for a policy, and milliseconds. */
export type Hostile = readonly [string, string, string | null, number]

/** Holds that each file is answered soon, and with no more text than anybody reads. */
export function holdHostile(files: readonly Hostile[]): void {
  loadText(`${V}rules: [{ id: a, when: subject.authenticated, effect: allow }]`)
  for (const [name, text, code, limit] of files) {
    test(name, () => {
      const start = process.cpuUsage()
      const { policy, issues } = loadText(text)
      const shown = formatIssues(issues)
      const { user, system } = process.cpuUsage(start)
      const took = (user + system) / 1000
      assert.equal(issues.find(({ severity }) => severity === 'error')?.code ?? null, code)
      assert.equal(policy !== null, code === null)
      assert.ok(issues.length <= 201 && shown.length < 200_000, `${shown.length} characters`)
      assert.ok(took < limit, `${Math.round(took)} ms`)
    })
  }
}

/** Loads one file with one issuer, `idp`. */
export function loadText(text: string): LoadedPolicy {
  return loadPolicy([{ file: 'policy.yaml', text }], {
    issuers: ['idp'],
    revision: 'r',
    today: '2026-11-23',
  })
}

/** The policy of a text that has no error. */
export function policyOf(text: string): CompiledPolicy {
  const { policy, issues } = loadText(text)
  assert.ok(policy, formatIssues(issues))
  return policy
}

/** `n` pieces of text in a row. */
export function repeated(n: number, piece: (index: number) => string): string {
  return Array.from({ length: n }, (_, index) => piece(index)).join('')
}
