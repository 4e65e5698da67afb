import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { AccessRequest } from '../../src/domain/access-request.ts'
import type { TokenProblem } from '../../src/domain/identity.ts'
import type { DpopRules } from '../../src/identity/dpop.ts'
import { asking, BOUND, dpopWorld, outcomeOf } from './dpop-world.ts'

/** One request, and what comes of it. */
export type ProofCase = readonly [
  name: string,
  proofs: string | readonly string[],
  expected: TokenProblem | 'authenticated',
  other?: {
    readonly authorization?: string
    readonly request?: Partial<AccessRequest>
    readonly rules?: Partial<DpopRules>
  },
]

/** One test a request. */
export function proofTable(title: string, cases: readonly ProofCase[]): void {
  suite(title, () => {
    for (const [name, proofs, expected, other = {}] of cases) {
      test(`${name}: ${expected}`, async () => {
        const { authorization = `DPoP ${BOUND}`, request, rules } = other
        const values = typeof proofs === 'string' ? [proofs] : proofs
        const { identify, results } = dpopWorld(rules)
        const identity = await identify(asking(authorization, values, request))
        assert.equal(outcomeOf(identity), expected)
        assert.deepEqual(results, [expected === 'authenticated' ? 'ok' : expected])
      })
    }
  })
}
