import { fetchIntrospectionEndpoint } from './discover.ts'
import type { Fetch } from './fetch-json.ts'

/** Finds the address where an issuer is asked; it rejects while that cannot be found. */
export type FindEndpoint = () => Promise<string>

/** What it takes to find one. */
export type EndpointDeps = {
  /** The issuer's identifier, whose metadata name the endpoint. */
  readonly issuer: string
  readonly fetch: Fetch
  /** Milliseconds on a clock that never goes back. */
  readonly clock: () => number
}

/** Milliseconds for the metadata. */
const TIMEOUT = 5000

/** Milliseconds from a search that failed to the next one. */
const COOLDOWN = 1000

/**
 * Makes the function for an issuer whose metadata are to be asked. A search is shared by all who wait for it, what it
 * finds is kept for as long as the process runs, and one that failed is repeated after a cool-down.
 */
export function createFindEndpoint({ issuer, fetch, clock }: EndpointDeps): FindEndpoint {
  let search: Promise<string> | null = null
  let again = Number.POSITIVE_INFINITY
  return () => {
    if (search !== null && clock() < again) return search
    again = Number.POSITIVE_INFINITY
    search = fetchIntrospectionEndpoint(fetch, issuer, AbortSignal.timeout(TIMEOUT))
    search.catch(() => {
      again = clock() + COOLDOWN
    })
    return search
  }
}
