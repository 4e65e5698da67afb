import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { PartialSituation } from '../../src/scenario/scenario-schema.ts'
import {
  compile,
  decided,
  load,
  named,
  passes,
  rules,
  situation,
  tightening,
  withoutMethods,
} from '../support/random-policies.ts'

describe('the laws of the policy language, for the same facts', () => {
  it('decides whatever it is asked, with the rules sorted and the revision named', () => {
    holds(fc.tuple(rules, situation), ([some, now]) => {
      const decision = decided(compile(some), now)
      assert.deepEqual(decision.rules, decision.rules.toSorted())
      assert.equal(decision.revision, 'r')
    })
  })

  it('does not depend on the order of the rules', () => {
    const shuffled = rules.chain((some) =>
      fc
        .shuffledSubarray(named(some), { minLength: some.length })
        .map((other) => ({ some, other })),
    )
    holds(fc.tuple(shuffled, situation), ([{ some, other }, now]) => {
      assert.deepEqual(decided(compile(some), now), decided(load(other), now))
    })
  })

  it('lets nothing more through for another step_up or deny', () => {
    holds(fc.tuple(rules, tightening, situation), ([some, more, now]) => {
      if (passes(compile([...some, more]), now)) assert.ok(passes(compile(some), now))
    })
  })

  it('lets nothing more through for an older login', () => {
    const ages = ['1s', '30m', '2h', '10h']
    holds(
      fc.tuple(rules, situation, fc.subarray(ages, { minLength: 2, maxLength: 2 })),
      ([some, now, [young, old]]) => {
        const policy = compile(some)
        const aged = (auth_age: string | undefined) =>
          ({ ...now, session: { ...now.session, auth_age } }) as PartialSituation
        if (passes(policy, aged(old))) assert.ok(passes(policy, aged(young)))
      },
    )
  })

  it('lets nothing more through for a weaker login', () => {
    const levels = fc.subarray(['mfa', 'password'], { minLength: 2, maxLength: 2 })
    const plain = rules.map((some) => some.map(withoutMethods))
    holds(fc.tuple(plain, situation, levels), ([some, now, [strong, weak]]) => {
      const policy = compile(some)
      const at = (level: string | undefined) =>
        ({ ...now, session: { ...now.session, level } }) as PartialSituation
      if (passes(policy, at(weak))) assert.ok(passes(policy, at(strong)))
    })
  })

  it('lets nothing more through for a body that cannot be read', () => {
    holds(fc.tuple(rules, situation), ([some, now]) => {
      const policy = compile(some)
      const cut = { ...now, request: { ...now.request, body_state: 'truncated' as const } }
      if (passes(policy, cut))
        assert.ok(passes(policy, { ...now, request: { ...now.request, body: { seats: 1 } } }))
    })
  })

  it('lets nobody through who is not allowed by some rule', () => {
    holds(fc.tuple(fc.array(tightening, { maxLength: 6 }), situation), ([some, now]) => {
      assert.equal(passes(compile(some), now), false)
    })
  })
})

function holds<T>(arbitrary: fc.Arbitrary<T>, check: (value: T) => void): void {
  fc.assert(fc.property(arbitrary, check), { numRuns: 300 })
}
