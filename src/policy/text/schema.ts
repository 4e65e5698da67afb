import { z } from 'zod'
import { FIELD_TYPES } from '../expression/inputs.ts'

const NAME = /^[a-z][a-z0-9_]*$/
const ID = /^[a-z0-9][a-z0-9._-]*$/

const name = z.string().regex(NAME, 'a name is lower case letters, digits and `_`')
const id = z.string().max(100).regex(ID, 'an id is lower case letters, digits, `-`, `_` and `.`')
const duration = z
  .string()
  .regex(/^\d{1,9}(ms|s|m|h|d)$/, 'a duration is a number and a unit: `30s`, `5m`, `8h`')
const expression = z.string().min(1).max(4000).describe('A CEL expression that gives true or false')
const words = z.array(z.string().min(1)).min(1)
const field = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]{0,99}$/, 'a field is letters, digits and `_`')
  .refine((text) => !['constructor', 'prototype', '__proto__'].includes(text), 'a reserved name')
const fields = z.record(field, z.enum(FIELD_TYPES))
const dictionary = <T extends z.ZodType>(value: T) => z.record(name, value)

const level = z
  .strictObject({
    level: id,
    acr: z.record(z.string(), words).optional().describe('Issuer → its acr values, best first'),
    amr: z.array(words).min(1).optional().describe('Any of these sets of methods (RFC 8176)'),
    max_age: duration.optional(),
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
    hosts: words.optional(),
    not_hosts: words.optional(),
    methods: words.optional(),
    not_methods: words.optional(),
    paths: words.optional(),
    not_paths: words.optional(),
    headers: z.record(z.string(), z.string()).optional(),
    context: z.record(z.string(), z.string()).optional(),
  })
  .describe('All given keys must fit; each list holds alternatives')

const requirement = z
  .strictObject({
    level: id.optional(),
    max_age: duration.optional(),
    amr: z.array(words).min(1).optional(),
    scope: words.optional(),
    single_use: z.boolean().optional(),
  })
  .describe('What the login must prove')

const mode = z
  .enum(['enforce', 'shadow'])
  .describe('`shadow`: evaluated and reported, never enforced')

const signal = z.strictObject({
  id,
  description: z.string().max(500).optional(),
  match: match.optional(),
  when: expression.optional(),
  unless: expression.optional(),
  score: z.int().min(1).max(100).describe('Points that it adds to the risk'),
  mode: mode.optional(),
})

const counter = z.strictObject({
  match: match.optional(),
  per: z.string().min(1).max(4000).describe('A CEL expression that names what is counted apart'),
  window: duration,
  of: z.enum(['attempts', 'allowed', 'refused']).optional(),
  add: z.string().min(1).max(4000).optional().describe('Sums this instead of counting'),
})

const bounds = z
  .strictObject({ hosts: words.optional(), paths: words.optional() })
  .describe('Bounds every rule of this file; its other names are its own')

const rule = z.strictObject({
  id,
  description: z.string().max(500).optional(),
  match: match.optional(),
  when: expression.optional(),
  unless: expression.optional(),
  effect: z.enum(['allow', 'step_up', 'deny']),
  require: requirement.optional(),
  reason: id.optional().describe('Of a deny: what the client is told'),
  mode: mode.optional(),
  replaces: id.optional().describe('Of a shadow rule: the rule in whose place it is tried'),
})

/** One policy file as written: the source of validation, of the types and of the editor's schema. */
export const policySchema = z.strictObject({
  version: z.literal(1),
  bounds: bounds.optional(),
  assurance: z.array(level).min(1).optional(),
  inputs: z
    .strictObject({
      body: fields.optional(),
      claims: fields.optional(),
    })
    .optional(),
  networks: dictionary(z.union([words, z.strictObject({ file: z.string().min(1) })])).optional(),
  schedules: dictionary(schedule).optional(),
  counters: dictionary(counter).optional(),
  variables: dictionary(expression).optional(),
  signals: z.array(signal).optional(),
  risk: z
    .strictObject({ levels: z.record(id, z.int().min(1).max(100)) })
    .optional()
    .describe('Thresholds of the sum of scores'),
  rules: z.array(rule).optional(),
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
