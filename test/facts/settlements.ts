import assert from 'node:assert/strict'
import type { Settled, Settlement } from '../../src/domain/settlement.ts'
import type { Store } from '../../src/facts/store.ts'

export const NOW = 1_795_428_000_000
const SECOND = NOW / 1000
export const LOOP = { attempts: 3, window: 300_000 }
const OPERATION = 'DELETE licensing.example.com/v1/licenses/L-1'

/** A request that waits for a login for one operation; `login` is its `auth_time`, `at` seconds after `NOW`. */
export type Attempt = {
  readonly at: number
  readonly login?: number
  readonly subject?: string
  readonly issuer?: string
  readonly operation?: string
  readonly stream?: string | null
  readonly issued?: number
  readonly shortfalls?: number
  readonly about?: string
}

/** What settling it carries out. */
export function settlement(attempt: Attempt): Settlement {
  const { at, login, operation = OPERATION, stream = null, issued = login ?? -1 } = attempt
  return {
    subject: { issuer: attempt.issuer ?? 'idp', id: attempt.subject ?? 'ada' },
    now: NOW + at * 1000,
    stream,
    spend: login === undefined ? null : { authTime: SECOND + login, operation },
    challenge: {
      operation,
      authTime: login === undefined ? null : SECOND + login,
      about: attempt.about ?? '[null,{"level":"mfa"}]',
      issuedAt: SECOND + issued,
      shortfalls: attempt.shortfalls ?? 1,
    },
  }
}

/** What the store is to say to one attempt. */
export type Step = readonly [expected: Settled, attempt: Attempt]

/** Plays a sequence against a new store. */
export async function play(store: Store, steps: readonly Step[]): Promise<void> {
  for (const [at, [expected, attempt]] of steps.entries()) {
    assert.equal(await store.settle(settlement(attempt)), expected, `step ${at + 1}`)
  }
}
