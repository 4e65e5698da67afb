import { z } from 'zod'
import { badChoice, duration, mistake, text } from './leaf.ts'
import { secretReference } from './secret.ts'

/** What every key begins with; braces would change in which slot of a cluster it is. */
const prefix = z.string().transform((value, context) => {
  if (/^[\w:.-]{1,50}$/.test(value)) return value
  const hint = 'letters, digits and `_:.-`, at most 50'
  return mistake(context, 'bad-value', `\`${value}\` is not a prefix for keys`, hint)
})

const redis = z.strictObject({
  url: secretReference,
  prefix: prefix.prefault('stepgate:'),
  // PEM, in place of the authorities of the system.
  ca: text.optional(),
  cluster: z.boolean().prefault(false),
  deadline: duration('deadline', { least: '1ms', most: '1s' }).prefault('20ms'),
})

type State = { readonly store: 'memory' } | { readonly redis: z.output<typeof redis> }

/** Where what is remembered is kept: in this process, which is the default, or in Redis for all replicas. */
export const state = z
  .strictObject({ store: z.enum(['memory']).optional(), redis: redis.optional() })
  .transform((given, context): State => {
    const { store, redis: server } = given
    if (store !== undefined && server !== undefined)
      return badChoice(context, 'where state is kept', { store, redis: server })
    return server === undefined ? { store: 'memory' } : { redis: server }
  })
