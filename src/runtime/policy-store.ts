import type { Issue } from '../domain/issue.ts'

/** A policy that was refused. `at` in milliseconds since the epoch. */
export type Rejection = { readonly issues: readonly Issue[]; readonly at: number }

/** Holds the policy that decides; the last good one stays until a better one is there. */
export type PolicyStore<Policy> = {
  /** The policy that decides now; null before the first good one. A request takes it once and keeps it. */
  current(): Policy | null
  /** Why the newest version of the policy is not live; null when it is. */
  rejection(): Rejection | null
  accept(policy: Policy): void
  reject(rejection: Rejection): void
}

/** Creates an empty store. */
export function createPolicyStore<Policy>(): PolicyStore<Policy> {
  let current: Policy | null = null
  let rejection: Rejection | null = null
  return {
    current: () => current,
    rejection: () => rejection,
    accept: (policy) => {
      current = policy
      rejection = null
    },
    reject: (latest) => {
      rejection = latest
    },
  }
}
