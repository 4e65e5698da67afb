import { z } from 'zod'
import { address, addressOrSocket, algorithm, issuerUrl, leeway, quotable, text } from './leaf.ts'

const claims = z.strictObject({
  roles: text.prefault('roles'),
  groups: text.prefault('groups'),
  scopes: text.prefault('scope'),
  tenant: text.prefault('tenant'),
  session: text.prefault('sid'),
})

const issuer = z.strictObject({
  issuer: issuerUrl,
  audiences: z.array(text).min(1),
  algorithms: z.array(algorithm).min(1).prefault(['ES256', 'RS256']),
  token: z.strictObject({ from: z.enum(['authorization']).prefault('authorization') }).prefault({}),
  proof: z.enum(['acr', 'amr', 'both']).prefault('acr'),
  claims: claims.prefault({}),
  workloads: z.strictObject({ clients: z.array(text).prefault([]) }).prefault({}),
  leeway: leeway.prefault('5s'),
  auth_time: z
    .strictObject({ ahead: leeway.prefault('10s'), leeway: leeway.prefault('0s') })
    .prefault({}),
})

const tracing = z.strictObject({ sample: z.number().min(0).max(1).prefault(1) })

/** `config/stepgate.yaml`: the one source of its validation, its defaults and its types. */
export const settingsSchema = z.strictObject({
  listen: z.strictObject({ grpc: addressOrSocket.prefault('127.0.0.1:9191') }).prefault({}),
  admin: z.strictObject({ http: address.prefault('127.0.0.1:9190') }).prefault({}),
  policy: text.prefault('config/policy.yaml'),
  client_address: z.strictObject({ trusted_hops: z.int().min(0).max(16).prefault(0) }).prefault({}),
  issuers: z.record(z.string(), issuer),
  challenge: z.strictObject({ realm: quotable.prefault('stepgate') }).prefault({}),
  telemetry: z.strictObject({ traces: tracing.prefault({}) }).prefault({}),
})

/** Keys of the design that a later version brings, by the place where they stand; `*` is any issuer. */
export const LATER_KEYS: ReadonlyMap<string, readonly string[]> = new Map([
  ['', ['state', 'data', 'audit', 'limits']],
  ['listen', ['tls']],
  ['issuers.*.token', ['header', 'cookie', 'metadata']],
  ['challenge', ['dialects', 'default', 'loop']],
])
