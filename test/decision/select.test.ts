import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { selectCandidates } from '../../src/decision/select.ts'
import type { AccessRequest } from '../../src/domain/access-request.ts'
import type { CompiledPolicy } from '../../src/policy/compiled-policy.ts'
import {
  bounds,
  loadMatches,
  manyRules,
  nearRequest,
  requestOf,
  type WrittenRule,
} from '../support/random-matches.ts'

const REQUEST = {
  request: {
    method: 'M123',
    host: 'h123.test',
    path: '/v1/S123/x:verb123',
    headers: { 'x-a': '123' },
    context: { api: '123' },
  },
}

const SINGLED_OUT: readonly { title: string; match: (at: number) => object }[] = [
  { title: 'first segment', match: (at) => ({ paths: [`/v1/s${at}/**`] }) },
  { title: 'segment after a wildcard', match: (at) => ({ paths: [`/*/s${at}/*:verb${at}`] }) },
  { title: 'verb', match: (at) => ({ paths: [`/v1/*/{x}:verb${at}`] }) },
  { title: 'segment after `**`', match: (at) => ({ paths: [`/**/s${at}/*:verb${at}`] }) },
  { title: 'method', match: (at) => ({ methods: [`M${at}`] }) },
  { title: 'host', match: (at) => ({ hosts: [`h${at}.test`] }) },
  {
    title: 'host on a shared path',
    match: (at) => ({ hosts: [`h${at}.test`], paths: ['/v1/**'] }),
  },
  {
    title: 'host and method',
    match: (at) => ({ hosts: [`h${at % 2 === 1 ? 123 : 0}.test`], methods: [`M${at}`] }),
  },
  { title: 'context', match: (at) => ({ context: { api: `${at}` } }) },
  { title: 'header', match: (at) => ({ headers: { 'x-a': `${at}` }, methods: ['M123'] }) },
]

/** Whether a deny, which reads loosely, and an allow, which reads exactly, fit. */
const NAMED: readonly {
  title: string
  paths: readonly string[]
  path: string
  loose: boolean
  exact: boolean
}[] = [
  { title: 'the root', paths: ['/'], path: '/', loose: true, exact: true },
  { title: 'the root', paths: ['/'], path: '/a', loose: false, exact: false },
  { title: 'no segment', paths: ['/{x}'], path: '/', loose: false, exact: false },
  { title: 'everything', paths: ['/**'], path: '/', loose: true, exact: true },
  { title: 'everything', paths: ['/**'], path: '/a/b', loose: true, exact: true },
  { title: 'below', paths: ['/a/**'], path: '/a/b', loose: true, exact: true },
  { title: 'below with a slash', paths: ['/a/**'], path: '/a/b/', loose: true, exact: true },
  { title: 'the base', paths: ['/a/**'], path: '/a', loose: true, exact: false },
  { title: 'the base with a slash', paths: ['/a/**'], path: '/a/', loose: true, exact: false },
  { title: 'below a wildcard', paths: ['/{x}/**'], path: '/a', loose: true, exact: false },
  { title: 'nothing between', paths: ['/**/b'], path: '/b', loose: false, exact: false },
  { title: 'between', paths: ['/a/**/b'], path: '/a/x/y/b', loose: true, exact: true },
  { title: 'nothing between', paths: ['/a/**/b'], path: '/a/b', loose: false, exact: false },
  { title: 'a trailing slash', paths: ['/a/{x}'], path: '/a/b/', loose: true, exact: false },
  { title: 'case', paths: ['/Tier'], path: '/tIER', loose: true, exact: false },
  { title: 'case beyond ASCII', paths: ['/é'], path: '/%C3%89', loose: false, exact: false },
  { title: 'a Kelvin sign', paths: ['/k'], path: '/%E2%84%AA', loose: false, exact: false },
  { title: 'a verb', paths: ['/a/{x}:go'], path: '/a/b:go', loose: true, exact: true },
  {
    title: 'a verb in another case',
    paths: ['/a/*:go'],
    path: '/a/b:GO',
    loose: true,
    exact: false,
  },
  { title: 'a verb with a slash', paths: ['/a/*:go'], path: '/a/b:go/', loose: true, exact: false },
  { title: 'another verb', paths: ['/a/{x}:go'], path: '/a/b:stop', loose: false, exact: false },
  { title: 'a verb on a wildcard', paths: ['/a/{x}'], path: '/a/b:go', loose: false, exact: false },
  { title: 'a colon before the end', paths: ['/*/a'], path: '/b:go/a', loose: true, exact: true },
  { title: 'a literal verb', paths: ['/a:go'], path: '/a:go', loose: true, exact: true },
  { title: 'two that fit', paths: ['/a/**', '/a/*'], path: '/a/b', loose: true, exact: true },
]

describe('the candidates of a request', () => {
  it('are the rules that fit, with their parameters, sorted by id, as if every rule were asked', () => {
    let hits = 0
    const situations = fc.array(nearRequest, { minLength: 10, maxLength: 20 })
    fc.assert(
      fc.property(manyRules, manyRules, bounds, situations, (rules, bounded, within, near) => {
        const policy = loadMatches(rules, bounded, within)
        for (const request of near.map(requestOf)) {
          if (request === null) continue
          const candidates = selected(policy, request)
          assert.deepEqual(candidates, everyRuleAsked(policy, request))
          hits += candidates.length
        }
      }),
      { numRuns: 100 },
    )
    assert.ok(hits > 5000, `the requests are near enough to the rules to tell: ${hits}`)
  })

  for (const { title, paths, path, loose, exact } of NAMED) {
    it(`${title}: ${paths.join(', ')} at ${path}`, () => {
      const policy = loadMatches([
        { effect: 'allow', match: { paths } },
        { effect: 'deny', match: { paths } },
      ])
      const [allow, deny] = ['r0000', 'r0001']
      const fits = [...(exact ? [allow] : []), ...(loose ? [deny] : [])]
      assert.deepEqual(ids(policy, get(path)), fits)
    })
  }
})

describe('the index', () => {
  for (const { title, match } of SINGLED_OUT) {
    it(`singles out one rule of 500 by its ${title}`, () => {
      const rules = Array.from({ length: 500 }, (_, at) => ({ effect: 'deny', match: match(at) }))
      const policy = loadMatches(rules)
      const request = requestOf(REQUEST)
      assert.ok(request)
      assert.deepEqual(ids(policy, request), ['r0123'])
      assert.deepEqual(policy.index(request), [123])
    })
  }

  it('singles out the rules of one bounded file', () => {
    const own: WrittenRule[] = Array.from({ length: 20 }, () => ({ effect: 'deny' }))
    const policy = loadMatches([{ effect: 'deny' }], own, { hosts: ['elsewhere.test'] })
    assert.deepEqual(policy.index(get('/a')).length, 1)
  })

  it('finds rules with very long lists and very long templates', () => {
    const long = `/${Array.from({ length: 200 }, (_, at) => `s${at}`).join('/')}`
    const hosts = Array.from({ length: 100 }, (_, at) => `h${at}.test`)
    const methods = Array.from({ length: 100 }, (_, at) => `M${at}`)
    const rules = ['allow', 'deny'].flatMap((effect) =>
      Array.from({ length: 10 }, () => ({ effect, match: { hosts, methods, paths: [long] } })),
    )
    const request = { method: 'M99', host: 'h99.test', path: long }
    assert.equal(ids(loadMatches(rules), made(request)).length, 20)
    const shorter = { ...request, path: long.replace('/s199', '') }
    assert.equal(ids(loadMatches(rules), made(shorter)).length, 0)
  })

  it('walks a path of thousands of segments', () => {
    const rules = ['/**', '/{x}/**', '/**/{x}', '/*/*/**', '/**/a/a/a/{x}'].map((path) => ({
      effect: 'deny',
      match: { paths: [path] },
    }))
    assert.equal(ids(loadMatches(rules), get('/a'.repeat(4000))).length, rules.length)
  })
})

function everyRuleAsked(policy: CompiledPolicy, request: AccessRequest): readonly object[] {
  return policy.rules
    .map((rule) => ({ id: rule.id, params: rule.fits(request) }))
    .filter(({ params }) => params !== null)
}

function selected(policy: CompiledPolicy, request: AccessRequest): readonly object[] {
  return selectCandidates(policy, request).map(({ rule, params }) => ({ id: rule.id, params }))
}

function ids(policy: CompiledPolicy, request: AccessRequest): readonly string[] {
  return selectCandidates(policy, request).map(({ rule }) => rule.id)
}

function get(path: string): AccessRequest {
  return made({ method: 'GET', host: 'api.test', path })
}

function made(request: { method: string; host: string; path: string }): AccessRequest {
  const found = requestOf({ request })
  assert.ok(found, 'the path is not ambiguous')
  return found
}
