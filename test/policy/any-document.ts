import fc from 'fast-check'

/** Scraps of the language: what a person, or an attacker, may put at any place. */
export const SCRAPS = [
  ...[
    'a',
    'mfa',
    'GET',
    '/a/**',
    '/{x}',
    '*',
    '**',
    '10.0.0.0/8',
    '::/0',
    'mon-fri',
    '08:00-18:00',
  ],
  ...['allow', 'step_up', 'deny', 'shadow', 'enforce', '5m', '1d', 'number', 'list<string>', 'idp'],
  ...['subject.authenticated', 'request.body.a > 1', '"a" in source.networks', 'variables.a'],
  ...['risk.at_least("a")', '!session.at_least("mfa")', 'rate("a") > 3', 'request.params.x == ""'],
  ...[
    'has(subject.claims.a)',
    '(',
    '[]',
    '1',
    '""',
    'x ? y : z',
    'subject.roles.exists(r, r == "a")',
  ],
  ...['__proto__', 'constructor', '', ' ', '\n', '\u0000', '\ud800', '😀', 'UTC', '2026-12-25'],
]
export const KEYS = [
  ...['version', 'bounds', 'assurance', 'inputs', 'networks', 'schedules', 'counters', 'variables'],
  ...['signals', 'risk', 'rules', 'id', 'match', 'when', 'unless', 'effect', 'require', 'reason'],
  ...[
    'mode',
    'replaces',
    'level',
    'acr',
    'amr',
    'max_age',
    'scope',
    'single_use',
    'hosts',
    'paths',
  ],
  ...['methods', 'headers', 'context', 'body', 'claims', 'file', 'timezone', 'days', 'hours', 'a'],
  ...['except', 'per', 'window', 'of', 'add', 'score', 'levels', 'description', '__proto__', '<<'],
]

const scrap = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(...SCRAPS) },
  fc.constantFrom<unknown>(
    1,
    0,
    -1,
    2.5,
    Number.POSITIVE_INFINITY,
    Number.NaN,
    true,
    false,
    null,
    undefined,
  ),
  fc.string({ unit: 'binary', maxLength: 20 }),
)
export const { anything } = fc.letrec<{ anything: unknown }>((tie) => ({
  anything: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    scrap,
    fc.array(tie('anything'), { maxLength: 4 }),
    fc.dictionary(fc.constantFrom(...KEYS), tie('anything'), { maxKeys: 6 }),
  ),
}))

/** A policy that is nearly right: each part is as it should be, or anything at all. */
const near = <T>(right: fc.Arbitrary<T>) => fc.oneof({ weight: 40, arbitrary: right }, anything)
const EXPRESSIONS = [
  ...['subject.authenticated', 'subject.workload', 'request.body.a > 1', 'variables.a', 'true'],
  ...['"a" in source.networks', '"a" in subject.roles', 'request.path.matches("^/a")'],
]
const expression = near(fc.constantFrom(...EXPRESSIONS))
const words = (...right: string[]) =>
  near(fc.array(near(fc.constantFrom(...right)), { minLength: 1, maxLength: 3 }))
const match = fc.record(
  {
    methods: words('GET', 'PUT'),
    paths: words('/a', '/a/**'),
    not_paths: words('/b', '/{x}'),
    hosts: words('*.example.com'),
    headers: near(fc.constant({ 'x-a': 'b' })),
  },
  { requiredKeys: [] },
)
const requirement = fc.record(
  {
    level: near(fc.constant('mfa')),
    max_age: near(fc.constant('5m')),
    amr: near(fc.constant([['pwd']])),
    scope: words('read'),
  },
  { requiredKeys: ['level'] },
)
const conditional = {
  id: near(fc.stringMatching(/^[a-z]{3}$/)),
  match: near(match),
  when: expression,
  unless: expression,
  mode: near(fc.constantFrom('enforce', 'shadow')),
}
const rule = fc.record(
  {
    ...conditional,
    effect: near(fc.constantFrom('allow', 'step_up', 'deny')),
    require: near(requirement),
    reason: near(fc.constant('because')),
    replaces: near(fc.constant('a')),
  },
  { requiredKeys: ['id', 'effect'] },
)
const signal = fc.record({ ...conditional, score: near(fc.integer({ min: 1, max: 100 })) })
const list = (of: fc.Arbitrary<unknown>) => near(fc.array(near(of), { maxLength: 4 }))
const named = (of: fc.Arbitrary<unknown>) =>
  near(
    fc.dictionary(
      fc.oneof({ weight: 20, arbitrary: fc.constantFrom('a', 'b') }, fc.constantFrom(...KEYS)),
      of,
      { maxKeys: 3 },
    ),
  )
/** Documents near the schema: each part is as it should be, or anything at all. */
export const document = fc.record(
  {
    version: near(fc.constant(1)),
    bounds: near(fc.constant({ paths: ['/a/**'] })),
    assurance: near(fc.constant([{ level: 'mfa', acr: { idp: ['mfa'] }, max_age: '8h' }])),
    inputs: near(fc.constant({ body: { a: 'number' }, claims: { a: 'string' } })),
    networks: named(words('10.0.0.0/8')),
    schedules: named(near(fc.constant({ timezone: 'UTC', days: 'mon', hours: '08:00-09:00' }))),
    counters: named(near(fc.constant({ per: 'subject.id', window: '5m' }))),
    variables: named(expression),
    signals: list(signal),
    risk: near(fc.constant({ levels: { a: 50 } })),
    rules: list(rule),
  },
  { requiredKeys: ['version'] },
)
