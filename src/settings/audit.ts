import { z } from 'zod'
import { duration, mistake, text } from './leaf.ts'
import { secretReference } from './secret.ts'

const UNITS: Readonly<Record<string, number>> = { KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 }

/** A size in bytes, written as a whole number with a unit. */
const size = z.string().transform((value, context) => {
  const [, count, unit = ''] = /^(\d{1,6})(KiB|MiB|GiB)$/.exec(value) ?? []
  const bytes = Number(count) * (UNITS[unit] ?? Number.NaN)
  if (bytes >= 1024 ** 2) return bytes
  if (bytes >= 0)
    return mistake(context, 'out-of-range', `\`${value}\` is too small`, '1MiB is the least')
  const hint = 'write a whole number and KiB, MiB or GiB, such as 256MiB'
  return mistake(context, 'bad-value', `\`${value}\` is not a size`, hint)
})

type Records =
  | { readonly kind: 'complete' | 'challenged-and-denied' }
  | { readonly kind: 'sampled'; readonly share: number }

/** Which plain allows are recorded; everything else always is. */
const records = z
  .union(
    [
      z.enum(['complete', 'challenged-and-denied']),
      z.strictObject({ sampled: z.number().min(0).max(1) }),
    ],
    { error: 'write complete, challenged-and-denied, or { sampled: SHARE } with 0 to 1' },
  )
  .transform(
    (given): Records =>
      typeof given === 'string' ? { kind: given } : { kind: 'sampled', share: given.sampled },
  )

const rule = z.enum(['keep', 'truncate', 'hash', 'drop'])

/** The defaults identify nobody, and still say which resource was asked for. */
const mask = z.strictObject({
  subject: z.enum(['hash', 'drop']).prefault('hash'),
  client_id: rule.prefault('keep'),
  client_ip: rule.prefault('truncate'),
  device: rule.prefault('hash'),
  host: rule.prefault('keep'),
  path: rule.prefault('keep'),
  params: rule.prefault('hash'),
  acr: rule.prefault('keep'),
  request_id: rule.prefault('keep'),
  evidence: rule.prefault('keep'),
  inputs: z
    .record(z.string(), rule)
    .prefault({})
    .transform((given) => ({ '*': 'hash' as const, ...given })),
})

/** Texts of policies that explain records later: where, and how much at most. */
const policies = z.strictObject({
  folder: text.prefault('var/policies'),
  most: z.int().min(1).max(10_000).prefault(200),
  bytes: size.prefault('64MiB'),
})

/** The audit record; there is none where the settings do not speak of it. */
export const audit = z.strictObject({
  to: text,
  when_unwritable: z.enum(['stop', 'go-on']).prefault('stop'),
  pseudonym_key: secretReference,
  signing_key: secretReference.optional(),
  records: records.prefault('complete'),
  sync_every: duration('time', { least: '10ms', most: '10s' }).prefault('200ms'),
  rotate_bytes: size.optional(),
  mask: mask.prefault({}),
  policies: policies.prefault({}),
})
