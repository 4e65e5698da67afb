import fc from 'fast-check'
import { DEFAULT_TOLERANCE } from '../../src/domain/assurance.ts'
import type { AuthorReason, Decision, Grounds } from '../../src/domain/decision.ts'
import { type Identity, TOKEN_PROBLEMS, type TokenProblem } from '../../src/domain/identity.ts'
import type { Answer } from '../../src/envoy/write.ts'

/** What an attacker or a careless author could get into a field. */
export const hostile = fc.oneof(
  fc.constantFrom(
    'a\r\nSet-Cookie: x=1',
    'a\nb',
    'a\u0000b',
    'a"b\\c',
    'grüße',
    '\ud800',
    ' a ',
    '',
    '💥',
  ),
  fc.constantFrom('x'.repeat(5000), 'mfa', 'urn:example:acr:mfa', 'L-1', 'a,b', 'a b', '%0d%0a'),
  fc.string({ unit: 'binary', maxLength: 20 }),
)
const words = fc.array(hostile, { maxLength: 4 })
const seconds = fc.oneof(fc.constant(null), fc.nat(), fc.double(), fc.constant(-1))

const grounds: fc.Arbitrary<Grounds> = fc.record({
  rule: fc.option(hostile),
  rules: words,
  indeterminate: fc.array(fc.record({ rule: hostile, missing: hostile }), { maxLength: 2 }),
  candidates: fc.nat(),
  presented: fc.option(fc.record({ level: fc.option(hostile), authAge: fc.option(fc.nat()) })),
  revision: fc.option(hostile),
  risk: fc.constant(null),
  shadow: fc.constant(null),
})

const requirement = fc.record({
  level: fc.option(hostile),
  rank: fc.nat(9),
  singleUse: fc.boolean(),
  maxAge: seconds,
  amr: fc.array(fc.array(words, { maxLength: 3 }), { maxLength: 3 }),
  scope: words,
})

const outcomes = fc.oneof(
  fc.record({ outcome: fc.constant('allow' as const), requirement }),
  fc.record({
    outcome: fc.constant('step_up' as const),
    reason: fc.constantFrom('insufficient_user_authentication', 'insufficient_scope'),
    requirement,
    shortfalls: fc.subarray(['missing', 'too-weak', 'too-old', 'wrong-method', 'scope'] as const),
    challenge: fc.record({ acrValues: words, maxAge: seconds, scope: words }),
  }),
  fc.record({
    outcome: fc.constant('deny' as const),
    reason: fc.oneof(
      fc.constantFrom(
        'no-rule',
        'denied',
        'ambiguous-path',
        'ambiguous-method',
        'step-up-impossible',
      ),
      hostile.map((reason) => reason as AuthorReason),
    ),
  }),
  fc.record({
    outcome: fc.constant('unauthenticated' as const),
    reason: fc.constantFrom('unauthenticated', 'invalid_token'),
    problem: fc.option(fc.constantFrom(...(Object.keys(TOKEN_PROBLEMS) as TokenProblem[]))),
  }),
  fc.record({
    outcome: fc.constant('fault' as const),
    reason: fc.constantFrom(
      'evaluation-failed',
      'source-unavailable',
      'audit-unavailable',
      'overloaded',
      'not-ready',
    ),
  }),
)

/** Any decision, with anything in its texts. */
export const decisions = fc
  .tuple(grounds, outcomes)
  .map(([ground, outcome]) => ({ ...ground, ...outcome }) as Decision)

const identities: fc.Arbitrary<Identity> = fc.oneof(
  fc.constant<Identity>({ kind: 'anonymous' }),
  fc.record({
    kind: fc.constant('authenticated' as const),
    subject: fc.record({
      issuer: hostile,
      id: hostile,
      workload: fc.boolean(),
      claims: fc.constant({}),
    }),
    login: fc.constant({ proof: 'acr' as const, tolerance: DEFAULT_TOLERANCE }),
  }),
)

const headerName = fc.oneof(
  fc.constantFrom(
    'x-stepgate-subject',
    'X-Stepgate-Subject',
    'x_stepgate_subject',
    'X-StepGate_other',
    'x-stepgate-decision-id',
    'x_http_method_override',
    'accept',
    'x-stepgate-\ud800',
  ),
  hostile,
)

/** Any answer to be written. */
export const answers: fc.Arbitrary<Answer> = fc.record({
  decision: decisions,
  id: fc.oneof(fc.uuid(), fc.uuid(), hostile),
  identity: fc.option(identities),
  headerNames: fc.array(headerName, { maxLength: 6 }),
  grpc: fc.boolean(),
  realm: fc.oneof(fc.constant(null), fc.constant('licensing'), hostile),
})
