import { z } from 'zod'
import { admin } from './admin.ts'
import { audit } from './audit.ts'
import { boundTokens } from './bound-tokens.ts'
import { challenge } from './challenge.ts'
import { data } from './data.ts'
import { device } from './device.ts'
import { introspection } from './introspection.ts'
import { keys } from './keys.ts'
import { addressOrSocket, algorithm, issuerUrl, leeway, text } from './leaf.ts'
import { session } from './session.ts'
import { sharedSignals } from './shared-signals.ts'
import { spiffe, trustDomain } from './spiffe.ts'
import { state } from './state.ts'
import { claims, token, tokenType } from './token.ts'

const issuer = z.strictObject({
  issuer: issuerUrl,
  audiences: z.array(text).min(1),
  algorithms: z.array(algorithm).min(1).prefault(['ES256', 'RS256']),
  keys: keys.prefault({}),
  token: token.prefault({}),
  types: z.array(tokenType).min(1).prefault(['at+jwt', 'jwt']),
  proof: z.enum(['acr', 'amr', 'both']).prefault('acr'),
  claims: claims.prefault({}),
  workloads: z
    .strictObject({ clients: z.array(text).prefault([]), trust_domain: trustDomain.optional() })
    .prefault({}),
  leeway: leeway.prefault('5s'),
  introspection: introspection.optional(),
  auth_time: z
    .strictObject({ ahead: leeway.prefault('10s'), leeway: leeway.prefault('0s') })
    .prefault({}),
})

/** `kept_per_second`: of decisions that are no plain allow, beyond the sample. */
const tracing = z.strictObject({
  sample: z.number().min(0).max(1).prefault(1),
  kept_per_second: z.int().min(0).max(10_000).prefault(100),
})

/** `config/stepgate.yaml`: the one source of its validation, its defaults and its types. */
export const settingsSchema = z.strictObject({
  listen: z.strictObject({ grpc: addressOrSocket.prefault('127.0.0.1:9191') }).prefault({}),
  admin: admin.prefault({}),
  policy: text.prefault('config/policy.yaml'),
  client_address: z.strictObject({ trusted_hops: z.int().min(0).max(16).prefault(0) }).prefault({}),
  issuers: z.record(z.string(), issuer),
  audit: audit.optional(),
  bound_tokens: boundTokens.prefault({}),
  challenge: challenge.prefault({}),
  data: data.prefault({}),
  device: device.prefault({}),
  session: session.prefault({}),
  shared_signals: sharedSignals.optional(),
  spiffe: spiffe.prefault({}),
  state: state.prefault({}),
  telemetry: z.strictObject({ traces: tracing.prefault({}) }).prefault({}),
})

/** Keys of the design that a later version brings, by the place where they stand; `*` is any issuer. */
export const LATER_KEYS: ReadonlyMap<string, readonly string[]> = new Map([
  ['', ['limits']],
  ['listen', ['tls']],
])
