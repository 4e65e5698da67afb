import type { Identity } from '../../src/domain/identity.ts'
import { createIdentify, type VerificationResult } from '../../src/identity/identify.ts'
import type { Issuer } from '../../src/identity/issuer.ts'
import type { KeySet } from '../../src/identity/key-set.ts'
import { EC, ISSUER, keySet, NOW, RSA, RSA_SHORT, request } from './tokens.ts'

/** The keys of the issuer, an unusable one among them. */
export const KEYS = await keySet(EC, RSA, RSA_SHORT)

/** An identify with its own clock, keys and a record of what it reported. */
export function world(more: { issuers?: Issuer[]; keys?: KeySet | null } = {}) {
  const state = { now: NOW * 1000, keys: more.keys === undefined ? KEYS : more.keys }
  const results: VerificationResult[] = []
  const missed: string[] = []
  const identify = createIdentify({
    issuers: more.issuers ?? [ISSUER],
    keysOf: () => state.keys,
    missed: (issuer) => missed.push(issuer),
    now: () => state.now,
    onVerified: (result) => results.push(result),
  })
  return { state, results, missed, identify }
}

/** For tests that look at one token each. */
export const shared = world()

/** Who the bearer of a token is, by a fresh look when the issuer is a special one. */
export async function identityOf(bearer: string, issuer?: Issuer): Promise<Identity> {
  const { identify } = issuer ? world({ issuers: [issuer] }) : shared
  return identify(request(`Bearer ${bearer}`))
}
