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
  })
  .describe('What the login must prove')

const rule = z.strictObject({
  id,
  description: z.string().max(500).optional(),
  match: match.optional(),
  when: expression.optional(),
  unless: expression.optional(),
  effect: z.enum(['allow', 'step_up', 'deny']),
  require: requirement.optional(),
  reason: id.optional().describe('Of a deny: what the client is told'),
})

/** One policy file as written: the source of validation, of the types and of the editor's schema. */
export const policySchema = z.strictObject({
  version: z.literal(1),
  assurance: z.array(level).min(1).optional(),
  inputs: z
    .strictObject({
      body: fields.optional(),
      claims: fields.optional(),
    })
    .optional(),
  networks: dictionary(words).optional(),
  schedules: dictionary(schedule).optional(),
  variables: dictionary(expression).optional(),
  rules: z.array(rule).optional(),
})

/** A policy file that has the right shape; its names are not resolved yet. */
export type PolicyDocument = z.infer<typeof policySchema>
export type RuleDocument = z.infer<typeof rule>
export type LevelDocument = z.infer<typeof level>
export type ScheduleDocument = z.infer<typeof schedule>
export type MatchDocument = z.infer<typeof match>
export type RequirementDocument = z.infer<typeof requirement>

/** Keys of the language that this version does not have yet: refused by name, never ignored. */
export const LATER_KEYS: readonly string[] = [
  'bounds',
  'counters',
  'signals',
  'risk',
  'mode',
  'replaces',
  'single_use',
  'file',
]
