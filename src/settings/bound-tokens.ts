import { z } from 'zod'
import { type Origin, parseOrigin } from '../domain/origin.ts'
import { algorithm, duration, leeway, mistake } from './leaf.ts'
import { secretReference } from './secret.ts'

/** What clients put in front of the path: scheme, host and perhaps a port. */
const origin = z.string().transform((value, context): Origin => {
  const hint = 'scheme, host and perhaps a port, such as https://licensing.example.com'
  return (
    parseOrigin(value) ??
    mistake(context, 'bad-value', `\`${value}\` is not the origin of a service`, hint)
  )
})

const nonce = z.strictObject({
  key: secretReference,
  life: duration('life', { least: '10s', most: '1h' }).prefault('5m'),
})

const dpop = z.strictObject({
  algorithms: z.array(algorithm).min(1).prefault(['ES256', 'PS256', 'EdDSA', 'Ed25519']),
  window: duration('window', { least: '1s', most: '10m' }).prefault('1m'),
  ahead: leeway.prefault('10s'),
  origins: z.array(origin).prefault([]),
  nonce: nonce.optional(),
})

/** How it is checked that a client holds what its token is bound to: a certificate (RFC 8705) or a key (RFC 9449). */
export const boundTokens = z.strictObject({
  certificate: z.enum(['source', 'x-forwarded-client-cert']).prefault('source'),
  dpop: dpop.prefault({}),
})
