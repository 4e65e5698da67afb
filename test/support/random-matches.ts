import fc from 'fast-check'
import type { AccessRequest } from '../../src/domain/access-request.ts'
import { formatIssues } from '../../src/domain/issue.ts'
import type { CompiledPolicy } from '../../src/policy/compiled-policy.ts'
import { loadPolicy } from '../../src/policy/load.ts'
import { buildScenario } from '../../src/scenario/scenario.ts'
import type { PartialSituation } from '../../src/scenario/scenario-schema.ts'

/** A rule as written, without its id. */
export type WrittenRule = { readonly effect: string; readonly match?: object | undefined }

const METHODS = ['GET', 'PUT', 'DELETE']
const HOSTS = ['api.test', '*.api.test', 'x.api.test', '*.test', 'other.test']

const segment = fc.constantFrom('a', 'B', 'bb', 'Items', 'é', 'a:go')
const pattern = fc.oneof({ weight: 3, arbitrary: segment }, fc.constantFrom('{x}', '*'))
const last = fc.oneof(pattern, fc.constantFrom('{x}:go', '*:Go', '*:stop', 'a:stop'))

/** Templates of every form: literals in both cases, one-segment wildcards, `**` anywhere, custom verbs. */
const template = fc
  .tuple(
    fc.array(pattern, { maxLength: 2 }),
    fc.constantFrom([], [], ['**']),
    fc.array(pattern, { maxLength: 1 }),
    fc.option(last, { nil: null }),
  )
  .map(([front, deep, middle, end]) => [...front, ...deep, ...middle, ...(end ? [end] : [])])
  .filter((parts) => parts.filter((part) => part.startsWith('{x}')).length < 2)
  .map((parts) => `/${parts.join('/')}`)

/** All templates of a rule capture the same names, so of several none captures. */
const templates = fc
  .array(template, { minLength: 1, maxLength: 3 })
  .map((all) => (all.length > 1 ? all.map((one) => one.replaceAll('{x}', '*')) : all))

const match = fc.record(
  {
    hosts: fc.subarray(HOSTS, { minLength: 1, maxLength: 2 }),
    not_hosts: fc.subarray(HOSTS, { minLength: 1, maxLength: 1 }),
    methods: fc.subarray(METHODS, { minLength: 1, maxLength: 2 }),
    not_methods: fc.subarray(METHODS, { minLength: 1, maxLength: 1 }),
    paths: templates,
    not_paths: fc.array(template, { minLength: 1, maxLength: 1 }),
    headers: fc.dictionary(fc.constantFrom('x-a', 'x-b'), fc.constantFrom('1', '2')),
    context: fc.dictionary(fc.constantFrom('k', 'l'), fc.constantFrom('1', '2')),
  },
  { requiredKeys: [] },
)

const rule: fc.Arbitrary<WrittenRule> = fc.record(
  { effect: fc.constantFrom('allow', 'deny'), match },
  { requiredKeys: ['effect'] },
)

/** So many that the rules which share a template are sorted out further. */
export const manyRules = fc.array(rule, { minLength: 1, maxLength: 80, size: 'max' })

export const bounds = fc.record(
  { hosts: fc.subarray(HOSTS, { minLength: 1, maxLength: 2 }), paths: templates },
  { requiredKeys: ['paths'] },
)

/** Requests near the templates: made from one, with other case, a trailing slash, more or fewer segments. */
export const nearRequest: fc.Arbitrary<PartialSituation> = fc.record({
  request: fc.record({
    method: fc.constantFrom(...METHODS),
    host: fc.constantFrom('api.test', 'x.api.test', 'y.x.api.test', 'test', 'other.test', '.test'),
    path: template.chain(nearPath),
    headers: fc.dictionary(fc.constantFrom('x-a', 'x-b'), fc.constantFrom('1', '2', ['1', '2'])),
    context: fc.dictionary(fc.constantFrom('k', 'l'), fc.constantFrom('1', '2')),
  }),
})

function nearPath(from: string): fc.Arbitrary<string> {
  const parts = from.slice(1).split('/').map(filled)
  const slash = fc.constantFrom('', '', '/')
  const recase = fc.constantFrom(
    (text: string) => text,
    (text: string) => text.toUpperCase(),
    (text: string) => text.toLowerCase(),
  )
  return fc.tuple(fc.tuple(...parts), slash, recase).map(([filledParts, end, change]) => {
    const path = `/${filledParts.flat().join('/')}`
    return encodeURI(change(path === '/' ? path : path + end))
  })
}

/** What could stand where a part of a template stands. */
function filled(part: string): fc.Arbitrary<readonly string[]> {
  const [wild, verb] = part.split(':')
  if (part === '**') return fc.array(segment, { maxLength: 3 })
  if (wild !== '*' && wild !== '{x}') return fc.constant(part === '' ? [] : [part])
  return segment.map((text) => [verb === undefined ? text : `${text}:${verb}`])
}

/** Loads rules, named in the order given, and others in a file of their own with bounds. */
export function loadMatches(
  rules: readonly WrittenRule[],
  bounded: readonly WrittenRule[] = [],
  within: object = { hosts: ['api.test'] },
): CompiledPolicy {
  const named = (prefix: string, some: readonly WrittenRule[]) =>
    some.map((one, at) => ({ id: `${prefix}${String(at).padStart(4, '0')}`, ...one }))
  const files = [
    { file: 'policy.yaml', document: { version: 1, rules: named('r', rules) } },
    { file: 'team.yaml', document: { version: 1, bounds: within, rules: named('b', bounded) } },
  ]
  const sources = files.map(({ file, document }) => ({ file, text: JSON.stringify(document) }))
  const { policy, issues } = loadPolicy(sources, { issuers: [], revision: 'r' })
  if (!policy) throw new Error(formatIssues(issues))
  return policy
}

/** The request of a made-up situation; null when its path is ambiguous and so reaches no rule. */
export function requestOf(situation: PartialSituation): AccessRequest | null {
  const scenario = buildScenario(situation, [])
  return scenario.kind === 'scenario' ? scenario.request : null
}
