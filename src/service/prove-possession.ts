import type { UseOnce } from '../identity/dpop.ts'
import { createNonces, type Nonces } from '../identity/dpop-nonce.ts'
import { createProvePossession, type ProvePossession } from '../identity/possession.ts'
import type { Secrets } from '../settings/read-secrets.ts'
import type { Settings } from '../settings/read-settings.ts'

/** What proofs of possession need of the world around the service. */
export type PossessionDeps = {
  readonly settings: Settings
  readonly secrets: Pick<Secrets, 'nonceKey'>
  readonly useOnce: UseOnce
  /** Milliseconds since the epoch. */
  readonly now: () => number
  readonly failed: (error: unknown) => void
}

/** What judges whether clients hold what their tokens are bound to, and the nonces that it asks for; null for none. */
export type Possession = { readonly prove: ProvePossession; readonly nonces: Nonces | null }

/** Makes it as the settings say. */
export function createPossession(deps: PossessionDeps): Possession {
  const { settings, secrets, useOnce, now, failed } = deps
  const { certificate, dpop } = settings.bound_tokens
  const nonces =
    dpop.nonce && secrets.nonceKey
      ? createNonces({ key: secrets.nonceKey, life: dpop.nonce.life * 1000, now })
      : null
  const { algorithms, window, ahead, origins } = dpop
  const rules = { algorithms, window, ahead, origins }
  const prove = createProvePossession({
    certificate,
    dpop: { ...rules, nonces, useOnce, now, failed },
  })
  return { prove, nonces }
}
