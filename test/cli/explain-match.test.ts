import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { AccessRequest } from '../../src/domain/access-request.ts'
import { explainMatch } from '../../src/policy/match/explain-match.ts'
import { type PathTemplate, parsePathTemplate } from '../../src/policy/match/path-template.ts'
import { compileMatch, type RequestMatch } from '../../src/policy/match/request-matcher.ts'
import { buildScenario } from '../../src/scenario/scenario.ts'

const some = <T>(...values: readonly T[]) => fc.subarray([...values])
const templates = some('/a', '/a/{x}', '/a/**', '/B').map((texts) =>
  texts.map((text) => parsePathTemplate(text) as PathTemplate),
)
const match: fc.Arbitrary<RequestMatch> = fc.record({
  hosts: some('api.test', '*.test'),
  notHosts: some('old.test'),
  methods: some('GET', 'PUT'),
  notMethods: some('GET', 'POST'),
  paths: templates,
  notPaths: templates,
  headers: some(['x-a', '1'] as const, ['x-b', '2'] as const),
  context: some(['tier', 'gold'] as const),
})
const request = fc
  .record({
    method: fc.constantFrom('GET', 'PUT', 'POST'),
    host: fc.constantFrom('api.test', 'old.test', 'test'),
    path: fc.constantFrom('/a', '/A/', '/a/b', '/b', '/c'),
    headers: fc.record(
      { 'x-a': fc.constantFrom('1', ['1', '2']), 'x-b': fc.constant('2') },
      { requiredKeys: [] },
    ),
    context: fc.record({ tier: fc.constantFrom('gold', 'iron') }, { requiredKeys: [] }),
  })
  .map((written): AccessRequest => {
    const scenario = buildScenario({ request: written }, [])
    assert.equal(scenario.kind, 'scenario')
    return scenario.request
  })

describe('the explanation of a match', () => {
  it('finds a reason exactly when the matcher does not fit', () => {
    fc.assert(
      fc.property(match, fc.boolean(), request, (one, tightens, asked) => {
        const fits = compileMatch(one, tightens)(asked) !== null
        assert.equal(explainMatch(one, tightens, asked).length === 0, fits)
      }),
      { numRuns: 2000 },
    )
  })
})
