import { conflict, notFound, Problem } from './problem.ts'
import type { License, Store, Tier } from './store.ts'

/** A new licence of a pool, not active yet; the pool must have the seats left. */
export function provision(
  store: Store,
  wish: { readonly tier: Tier; readonly seats: number; readonly pool: string },
  by: string,
): License {
  const free = poolSize(store, wish.pool) - seatsTaken(store, wish.pool)
  if (wish.seats > free) throw conflict(`pool ${wish.pool} has ${Math.max(free, 0)} seats left`)
  const id = `L-${store.licenses.size + 1}`
  return put(store, { ...wish, id, status: 'provisioned', expires: inAYear(), changedBy: by })
}

/** The licence of that id. */
export function find(store: Store, id: string): License {
  const license = store.licenses.get(id)
  if (license === undefined) throw notFound('licence', id)
  return license
}

/** Changes a licence that has not been revoked. */
export function change(store: Store, id: string, changes: Partial<License>, by: string): License {
  const license = find(store, id)
  if (license.status === 'revoked') throw conflict(`licence ${id} has been revoked`)
  return put(store, { ...license, ...changes, changedBy: by })
}

/** Activates all of them or, when one cannot be, none. */
export function activateAll(store: Store, ids: readonly string[], by: string): readonly License[] {
  for (const id of ids) {
    if (find(store, id).status === 'revoked') throw conflict(`licence ${id} has been revoked`)
  }
  return ids.map((id) => change(store, id, { status: 'active' }, by))
}

/** One more year after the last valid day. */
export function renew(store: Store, id: string, by: string): License {
  const { expires } = find(store, id)
  return change(store, id, { expires: yearAfter(expires) }, by)
}

/** Seats of a pool that living licences hold. */
export function seatsTaken(store: Store, pool: string): number {
  return [...store.licenses.values()]
    .filter((license) => license.pool === pool && license.status !== 'revoked')
    .reduce((sum, license) => sum + license.seats, 0)
}

function poolSize(store: Store, id: string): number {
  const pool = store.pools.get(id)
  if (pool === undefined) throw new Problem(400, `there is no pool ${JSON.stringify(id)}`)
  return pool.size
}

function put(store: Store, license: License): License {
  store.licenses.set(license.id, license)
  return license
}

function inAYear(): string {
  return yearAfter(new Date().toISOString())
}

function yearAfter(date: string): string {
  const next = new Date(date)
  next.setUTCFullYear(next.getUTCFullYear() + 1)
  return next.toISOString().slice(0, 10)
}
