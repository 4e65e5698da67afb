import { z } from 'zod'
import { headerName } from './leaf.ts'
import { secretReference } from './secret.ts'

const NAMED = ['user-agent', 'accept-language', 'network'] as const

/** A name of ours, or a header that Envoy sets. */
const property = z.union([z.enum(NAMED), z.strictObject({ header: headerName })], {
  error: `write ${NAMED.join(', ')}, or { header: NAME }`,
})

const fingerprint = z.strictObject({
  of: z.array(property).min(1).prefault(['user-agent', 'accept-language']),
  key: secretReference,
})

/** What is compared within a session. */
export const session = z.strictObject({ fingerprint: fingerprint.optional() })
