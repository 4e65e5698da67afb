import { z } from 'zod'
import { TOKEN_PROBLEMS, type TokenProblem } from '../domain/identity.ts'

const problems = Object.keys(TOKEN_PROBLEMS) as [TokenProblem, ...TokenProblem[]]
const values = z.union([z.string(), z.array(z.string())])
const duration = z
  .string()
  .regex(/^\d{1,9}(ms|s|m|h|d)$/, 'a duration is a number and a unit: `30s`, `5m`, `8h`')
const instant = z
  .string()
  .regex(
    /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/,
    'a date and time has a zone (RFC 3339): `2026-11-23T10:00:00+01:00`',
  )

const reported = z.boolean().nullable().describe('False unless said; null: unavailable')

/** One made-up request, as tests of a policy and `explain` write it. What is left out is not there. */
export const situationSchema = z.strictObject({
  request: z
    .strictObject({
      method: z.string(),
      host: z.string(),
      path: z.string().describe('As Envoy would send it, with the query'),
      scheme: z.string(),
      protocol: z.string(),
      headers: z.record(z.string(), values),
      context: z.record(z.string(), z.string()),
      body: z.unknown().describe('An object is sent as JSON; a text is sent as it is'),
      body_state: z.enum(['complete', 'missing', 'truncated']),
    })
    .partial(),
  source: z
    .strictObject({
      ip: z.string(),
      principal: z.string(),
      country: z.string().describe('Empty: in no file'),
      asn: z.int().describe('0: in no file'),
    })
    .partial(),
  device: z
    .strictObject({
      id: z.string().describe('Empty: no device'),
      known: z.boolean(),
      trusted: z.boolean(),
      reputation: z.number().min(0).max(100),
    })
    .partial(),
  travel: z
    .strictObject({
      distance_km: z.number().min(0),
      speed_kmh: z.number().min(0),
      country_changed: z.boolean(),
    })
    .partial()
    .describe('What is left out is 0 or false; without it, unavailable'),
  counters: z
    .record(z.string(), z.number())
    .describe('Name → value, with this request where the counter counts it'),
  now: instant.describe('Such as 2026-11-23T10:00:00+01:00; without it 1970-01-01T00:00:00Z'),
  token: z.enum(problems).describe('The token is refused for this'),
  subject: z
    .strictObject({
      issuer: z.string(),
      id: z.string(),
      client_id: z.string(),
      workload: z.boolean(),
      roles: z.array(z.string()),
      groups: z.array(z.string()),
      scopes: z.array(z.string()),
      tenant: z.string(),
      claims: z.record(z.string(), z.unknown()),
      roles_added: z.array(z.string()),
      disabled: reported,
    })
    .partial(),
  session: z
    .strictObject({
      id: z.string(),
      level: z.string().describe('Evidence for this level: its first acr and its first amr set'),
      acr: z.string(),
      amr: z.array(z.string()),
      auth_age: duration,
      auth_time: z.number(),
      proof: z.enum(['acr', 'amr', 'both']),
      age: duration.describe('Since the session was first seen'),
      fingerprint_changed: z.boolean(),
      revoked: reported,
      single_use: z.boolean().describe('Made for this very operation, and not spent yet'),
    })
    .partial(),
})

/** A situation in a file of its own, as `explain --request` reads it. */
export const situationFileSchema = situationSchema.partial()

const OUTCOMES = ['allow', 'step_up', 'deny', 'unauthenticated', 'fault'] as const
const outcome = z.enum(OUTCOMES)

const stepUp = z
  .strictObject({
    level: z.string(),
    max_age: duration,
    amr: z.array(z.array(z.array(z.string()))),
    scope: z.array(z.string()),
    single_use: z.boolean(),
    acr_values: z.array(z.string()),
    shortfalls: z.array(z.string()),
  })
  .partial()

const risk = z
  .strictObject({ score: z.number(), level: z.string().nullable(), signals: z.array(z.string()) })
  .partial()

const detailed = z
  .strictObject({
    allow: z.literal(true),
    step_up: stepUp,
    deny: z.string().describe('The reason'),
    unauthenticated: z.string().describe('The reason'),
    fault: z.string().describe('The reason'),
    rule: z.string().nullable(),
    rules: z.array(z.string()).describe('All applicable rules, in any order'),
    indeterminate: z.record(z.string(), z.string()).describe('Rule → what was missing'),
    risk,
    shadow: outcome.nullable().describe('The outcome with the shadow rules enforced'),
  })
  .partial()
  .refine(
    (expected) => OUTCOMES.filter((one) => expected[one] !== undefined).length <= 1,
    'a test expects one outcome',
  )

/** What a test expects: an outcome alone, or with its details. Only what is given is compared. */
export const expectationSchema = z.union([outcome, detailed])

/** A file of tests beside a policy. */
export const policyTestSchema = z.strictObject({
  defaults: situationSchema.partial().optional(),
  tests: z
    .array(
      situationSchema.partial().extend({
        name: z.string().min(1),
        source: situationSchema.shape.source.nullable().optional(),
        expect: expectationSchema,
      }),
    )
    .min(1),
})

export type Situation = z.infer<typeof situationSchema>
export type PartialSituation = { readonly [K in keyof Situation]?: Situation[K] | undefined }
/** As a test writes it: `source: null` takes the default address away. */
export type OwnSituation = Omit<PartialSituation, 'source'> & {
  readonly source?: Situation['source'] | null | undefined
}
export type Expectation = z.infer<typeof expectationSchema>
export type PolicyTests = z.infer<typeof policyTestSchema>
