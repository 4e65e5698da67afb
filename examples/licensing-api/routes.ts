import { z } from 'zod'
import { activateAll, change, find, provision, renew, seatsTaken } from './licenses.ts'
import { conflict, notFound, Problem } from './problem.ts'
import { type Store, TIERS } from './store.ts'

/** One operation: a method on a path template of `openapi.yaml`, and what it does. */
export type Route = {
  readonly method: string
  readonly path: string
  readonly status: number
  readonly handle: (call: Call) => Record<string, unknown>
}

/** What a handler gets: the state, the values of the template, the JSON body and who is asking. */
export type Call = {
  readonly store: Store
  readonly param: (name: string) => string
  readonly body: unknown
  /** The subject that Stepgate vouched for. */
  readonly by: string
}

const seats = z.int().min(1).max(100_000)
const NewLicense = z.strictObject({ tier: z.enum(TIERS), seats, pool: z.string() })
const NewTier = z.strictObject({ tier: z.enum(TIERS), seats: seats.optional() })
const Batch = z.strictObject({ licenses: z.array(z.string()).min(1).max(100) })
const NewSize = z.strictObject({ size: z.int().min(0).max(1_000_000) })
const NewRole = z.strictObject({
  role: z.enum(['license-viewer', 'license-manager', 'license-admin']),
})

/** Every operation of the API. */
export const ROUTES: readonly Route[] = [
  route('GET', '/healthz', () => ({ status: 'ok' })),
  route('GET', '/v1/licenses', ({ store }) => ({ licenses: [...store.licenses.values()] })),
  route('GET', '/v1/licenses/{license}', ({ store, param }) => ({
    license: find(store, param('license')),
  })),
  route(
    'POST',
    '/v1/licenses',
    ({ store, body, by }) => ({
      license: provision(store, parse(NewLicense, body), by),
    }),
    201,
  ),
  route('POST', '/v1/licenses/{license}:activate', ({ store, param, by }) => ({
    license: change(store, param('license'), { status: 'active' }, by),
  })),
  route('POST', '/v1/licenses:batchActivate', ({ store, body, by }) => ({
    licenses: activateAll(store, parse(Batch, body).licenses, by),
  })),
  route('POST', '/v1/licenses/{license}/renew', ({ store, param, by }) => ({
    license: renew(store, param('license'), by),
  })),
  route('PUT', '/v1/licenses/{license}/tier', ({ store, param, body, by }) => ({
    license: change(store, param('license'), withoutUndefined(parse(NewTier, body)), by),
  })),
  route('DELETE', '/v1/licenses/{license}', ({ store, param, by }) => ({
    license: change(store, param('license'), { status: 'revoked' }, by),
  })),
  route('PUT', '/v1/pools/{pool}/size', resizePool),
  route('PUT', '/v1/users/{user}/role', changeRole),
]

function resizePool({ store, param, body }: Call): Record<string, unknown> {
  const id = param('pool')
  if (!store.pools.has(id)) throw notFound('pool', id)
  const { size } = parse(NewSize, body)
  const taken = seatsTaken(store, id)
  if (size < taken) throw conflict(`${taken} seats of pool ${id} are in use`)
  store.pools.set(id, { id, size })
  return { pool: { id, size } }
}

function changeRole({ store, param, body }: Call): Record<string, unknown> {
  const id = param('user')
  if (!store.users.has(id)) throw notFound('user', id)
  const user = { id, ...parse(NewRole, body) }
  store.users.set(id, user)
  return { user }
}

function route(method: string, path: string, handle: Route['handle'], status = 200): Route {
  return { method, path, handle, status }
}

function parse<T>(schema: z.ZodType<T>, body: unknown): T {
  const result = schema.safeParse(body)
  if (result.success) return result.data
  throw new Problem(400, `the body is not valid: ${z.prettifyError(result.error)}`)
}

/** `exactOptionalPropertyTypes`: an absent field must not overwrite one with undefined. */
function withoutUndefined<T extends object>(
  value: T,
): { [K in keyof T]: Exclude<T[K], undefined> } {
  const entries = Object.entries(value).filter(([, field]) => field !== undefined)
  return Object.fromEntries(entries) as { [K in keyof T]: Exclude<T[K], undefined> }
}
