import { z } from 'zod'
import { address, text } from './leaf.ts'
import { secretReference } from './secret.ts'

/** A certificate and its private key, for whoever connects. */
export const tls = z.strictObject({
  // PEM, with the certificates that lead to an authority.
  cert: text,
  key: secretReference,
})

/** Where operators ask. Everything but probes needs the token, where there is one. */
export const admin = z.strictObject({
  http: address.prefault('127.0.0.1:9190'),
  token: secretReference.optional(),
  tls: tls.optional(),
})
