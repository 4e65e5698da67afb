import { z } from 'zod'
import { parseDuration } from '../../domain/duration.ts'
import { FIELD_TYPES } from '../expression/inputs.ts'

const NAME = /^[a-z][a-z0-9_]*$/
const ID = /^[a-z0-9][a-z0-9._-]*$/

const name = z
  .string()
  .max(100, 'a name has at most 100 characters')
  .regex(NAME, 'a name is lower case letters, digits and `_`')
  .refine((text) => text !== 'constructor', 'this name is reserved')
const id = z.string().max(100).regex(ID, 'an id is lower case letters, digits, `-`, `_` and `.`')
const duration = z
  .string()
  .regex(/^\d{1,9}(ms|s|m|h|d)$/, 'a duration is a number and a unit: `30s`, `5m`, `8h`')
  .describe('A number and a unit, such as 30s, 5m or 8h')
/** `auth_time` is in whole seconds, and an age that equals the limit is too old. */
const age = duration.refine(
  (text) => (parseDuration(text) ?? 1) >= 1,
  'no login is younger than a second: write at least `1s`, or `single_use: true` in a `require`',
)
const expression = z.string().min(1).max(4000).describe('A CEL expression that gives true or false')
const words = z.array(z.string().min(1)).min(1)
const field = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]{0,99}$/, 'a field is letters, digits and `_`')
  .refine(
    (text) => !['constructor', 'prototype', '__proto__'].includes(text),
    'this name is reserved',
  )
const fields = z.record(field, z.enum(FIELD_TYPES))
const dictionary = <T extends z.ZodType>(value: T) => z.record(name, value)

const level = z
  .strictObject({
    level: id,
    acr: z.record(z.string(), words).optional().describe('Issuer → its acr values, best first'),
    amr: z.array(words).min(1).optional().describe('Any of these sets of methods (RFC 8176)'),
    max_age: age.optional().describe('An older login no longer proves this level'),
  })
  .describe('One step of the ladder')

const schedule = z.strictObject({
  timezone: z.string().min(1).describe('IANA name, such as Europe/Berlin'),
  days: z.union([z.string(), words]).describe('`mon-fri`, or a list of days and ranges'),
  hours: z.union([z.string(), words]).describe('"08:00-18:00"; past midnight: "22:00-06:00"'),
  except: z.array(z.string()).optional().describe('Dates, such as 2026-12-25'),
})

const match = z
  .strictObject({
    hosts: words.optional().describe('Exact, or *.example.com; lower case, no port'),
    not_hosts: words.optional().describe('Other hosts than these'),
    methods: words.optional().describe('Upper case, such as GET'),
    not_methods: words.optional().describe('Other methods than these'),
    paths: words
      .optional()
      .describe('Templates: literals, {name} and * for one segment, ** for one or more'),
    not_paths: words.optional().describe('Other paths than these'),
    headers: z.record(z.string(), z.string()).optional().describe('Lower-case name → exact value'),
    context: z
      .record(z.string(), z.string())
      .optional()
      .describe('Key → exact value, from the context_extensions of the route in Envoy'),
  })
  .describe('All given keys must fit; each list holds alternatives')

const requirement = z
  .strictObject({
    level: id.optional().describe('At least this level of the ladder'),
    max_age: age.optional().describe('The login is younger than this'),
    amr: z.array(words).min(1).optional().describe('The login used any of these sets of methods'),
    scope: words.optional().describe('OAuth scopes that the token carries'),
    single_use: z.boolean().optional().describe('A login made for this very operation'),
  })
  .describe('What the login must prove')

const mode = z
  .enum(['enforce', 'shadow'])
  .describe('`shadow`: evaluated and reported, never enforced')

const signal = z.strictObject({
  id: id.describe('Names it in answers, logs and traces; unique across all files'),
  description: z.string().max(500).optional().describe('What it is for'),
  match: match.optional(),
  when: expression.optional().describe('CEL; it applies when this is true. Absent: always'),
  unless: expression.optional().describe('CEL; it does not apply when this is true'),
  score: z.int().min(1).max(100).describe('Points that it adds to the risk'),
  mode: mode.optional(),
})

const counter = z.strictObject({
  match: match.optional(),
  per: z.string().min(1).max(4000).describe('A CEL expression that names what is counted apart'),
  window: duration
    .refine((text) => (parseDuration(text) ?? 1) >= 1, 'nothing adds up within less than `1s`')
    .describe('How long a request counts'),
  of: z.enum(['attempts', 'allowed', 'refused']).optional().describe('attempts unless said'),
  add: z.string().min(1).max(4000).optional().describe('Sums this instead of counting'),
})

const bounds = z
  .strictObject({
    hosts: words.optional().describe('Rules of this file fit these hosts only'),
    paths: words.optional().describe('Rules of this file fit these paths only'),
  })
  .describe('Bounds every rule of this file; its other names are its own')

const rule = z.strictObject({
  id: id.describe('Names it in answers, logs and traces; unique across all files'),
  description: z.string().max(500).optional().describe('What it is for'),
  match: match.optional(),
  when: expression.optional().describe('CEL; it applies when this is true. Absent: always'),
  unless: expression.optional().describe('CEL; it does not apply when this is true'),
  effect: z
    .enum(['allow', 'step_up', 'deny'])
    .describe('allow grants; step_up and deny only ever tighten'),
  require: requirement.optional(),
  reason: id.optional().describe('Of a deny: what the client is told'),
  mode: mode.optional(),
  replaces: id.optional().describe('Of a shadow rule: the rule in whose place it is tried'),
})

/** One policy file as written: the source of validation, of the types and of the editor's schema. */
export const policySchema = z.strictObject({
  version: z.literal(1).describe('Of the language'),
  bounds: bounds.optional(),
  assurance: z.array(level).min(1).optional().describe('The ladder of levels, weakest first'),
  inputs: z
    .strictObject({
      body: fields.optional().describe('Fields of JSON or form bodies'),
      claims: fields.optional().describe('Claims of the token'),
    })
    .optional()
    .describe('What expressions may read, with its type'),
  networks: dictionary(z.union([words, z.strictObject({ file: z.string().min(1) })]))
    .optional()
    .describe('Name → addresses and prefixes, or a file with one a line'),
  schedules: dictionary(schedule).optional().describe('Name → times of the week'),
  counters: dictionary(counter).optional().describe('Name → what is counted, for rate and total'),
  variables: dictionary(expression)
    .optional()
    .describe('Name → CEL expression, read as variables.NAME'),
  signals: z.array(signal).optional().describe('What raises the risk of a request'),
  risk: z
    .strictObject({ levels: z.record(id, z.int().min(1).max(100)) })
    .optional()
    .describe('Thresholds of the sum of scores'),
  rules: z.array(rule).optional().describe('In any order: the strictest that applies wins'),
})

/** A policy file that has the right shape; its names are not resolved yet. */
export type PolicyDocument = z.infer<typeof policySchema>
export type RuleDocument = z.infer<typeof rule>
export type LevelDocument = z.infer<typeof level>
export type ScheduleDocument = z.infer<typeof schedule>
export type MatchDocument = z.infer<typeof match>
export type RequirementDocument = z.infer<typeof requirement>
export type SignalDocument = z.infer<typeof signal>
export type CounterDocument = z.infer<typeof counter>
