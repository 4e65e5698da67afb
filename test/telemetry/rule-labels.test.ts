import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { Decision } from '../../src/domain/decision.ts'
import { valueIn } from './exposition.ts'
import { recordOf } from './fixtures.ts'
import { RULES, setUp } from './metrics-support.ts'

describe('the labels of rules', () => {
  it('stay bounded, however many rules the policy has', async () => {
    const { metrics, observe, scrape } = setUp({ ruleCap: 2 })
    metrics.policyLoaded('r2', ['a', 'b', 'c'])
    for (const rule of ['a', 'b', 'c', 'd', 'a']) observe().decided(recordOf('allow', { rule }))
    observe().decided(recordOf('deny', { indeterminate: [{ rule: 'c', missing: 'x' }] }))
    const samples = await scrape()
    const count = (rule: string) => valueIn(samples, 'stepgate_decisions_total', { rule })
    assert.deepEqual(['a', 'b', 'c', 'd', 'other', 'none'].map(count), [2, 1, 0, 0, 2, 1])
    assert.equal(valueIn(samples, 'stepgate_indeterminate_total', { rule: 'other' }), 1)
  })

  it('have no label that is not a rule of the policy', async () => {
    const name = fc.string({ unit: 'binary', maxLength: 20 })
    await fc.assert(
      fc.asyncProperty(fc.array(name), fc.array(name), async (rules, decided) => {
        const { metrics, observe, scrape } = setUp()
        metrics.policyLoaded('r2', rules)
        for (const rule of [...decided, ...rules]) {
          const shadow = { outcome: 'deny', rule, reason: 'x', risk: null } as const
          const indeterminate = [{ rule, missing: 'x' }]
          observe().decided(recordOf('allow', { rule, shadow, indeterminate } as Partial<Decision>))
        }
        const labels = new Set((await scrape()).flatMap(({ labels: { rule } }) => rule ?? []))
        const known = new Set([...RULES, ...rules, 'other', 'none'])
        assert.deepEqual(
          [...labels].filter((label) => !known.has(label)),
          [],
        )
      }),
      { numRuns: 50 },
    )
  })

  it('end with the rule that they count, one policy later', async () => {
    const { metrics, observe, scrape } = setUp()
    const counted = async () => {
      const rules = (await scrape()).flatMap(({ name, labels: { rule } }) =>
        name === 'stepgate_decisions_total' ? (rule ?? []) : [],
      )
      return [...new Set(rules)].toSorted()
    }
    metrics.policyLoaded('r2', ['old'])
    observe().decided(recordOf('allow', { rule: 'old' }))
    metrics.policyLoaded('r3', ['new'])
    observe().decided(recordOf('allow', { rule: 'old' }))
    observe().decided(recordOf('allow', { rule: 'new' }))
    assert.deepEqual(
      await counted(),
      ['new', 'old'],
      'decisions in flight are of the policy before',
    )
    metrics.policyLoaded('r4', ['new'])
    observe().decided(recordOf('allow', { rule: 'old' }))
    assert.deepEqual(await counted(), ['new', 'other'])
    for (let i = 0; i < 100; i++) {
      metrics.policyLoaded(`r${i}`, [`rule-${i}`])
      observe().decided(recordOf('allow', { rule: `rule-${i}` }))
    }
    assert.deepEqual(await counted(), ['other', 'rule-98', 'rule-99'])
  })
})
