/** A licence: so many seats of a tier until a date, drawn from a pool. */
export type License = {
  readonly id: string
  readonly tier: Tier
  readonly seats: number
  readonly pool: string
  readonly status: 'provisioned' | 'active' | 'revoked'
  /** ISO date of the last valid day. */
  readonly expires: string
  /** Who changed it last, as Stepgate told us; null when it never was. */
  readonly changedBy: string | null
}

/** Seats that licences are provisioned from. */
export type Pool = { readonly id: string; readonly size: number }

/** Someone in the customer's licence administration. */
export type User = { readonly id: string; readonly role: string }

/** Tiers from the smallest to the largest. */
export const TIERS = ['team', 'business', 'enterprise'] as const

/** What a licence entitles to. */
export type Tier = (typeof TIERS)[number]

/** Everything the API knows, in memory only: a restart starts afresh. */
export type Store = {
  readonly licenses: Map<string, License>
  readonly pools: Map<string, Pool>
  readonly users: Map<string, User>
}

/** A store with a few licences, pools and users to try things on. */
export function createStore(): Store {
  return {
    licenses: byId([
      license('L-1', 'team', 50, 'active'),
      license('L-2', 'business', 400, 'active'),
      license('L-3', 'team', 10, 'provisioned'),
      license('L-4', 'enterprise', 2500, 'provisioned'),
    ]),
    pools: byId([
      { id: 'P-1', size: 5000 },
      { id: 'P-2', size: 200 },
    ]),
    users: byId([
      { id: 'ada', role: 'license-manager' },
      { id: 'bob', role: 'license-viewer' },
      { id: 'carol', role: 'license-admin' },
    ]),
  }
}

function license(id: string, tier: Tier, seats: number, status: License['status']): License {
  return { id, tier, seats, pool: 'P-1', status, expires: '2027-12-31', changedBy: null }
}

function byId<T extends { readonly id: string }>(things: readonly T[]): Map<string, T> {
  return new Map(things.map((thing) => [thing.id, thing]))
}
