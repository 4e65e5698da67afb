import fc from 'fast-check'
import type { City } from '../support/chain.ts'

const MINUTE = 60_000

/** Reads that look nothing up, reads that risk is computed for, and changes. */
export type What = 'plain' | 'read' | 'change'

/** A request of Ada's. */
export type AdaAsks = {
  readonly kind: 'ada'
  readonly what: What
  readonly device: 'laptop' | 'phone'
  readonly city: City
  readonly replica: number
  /** She logs in when she is asked to, so many milliseconds later, and tries again. */
  readonly answersAfter: number | null
}

/** A request of the thief's, with the stolen token. */
export type ThiefAsks = {
  readonly kind: 'thief'
  readonly what: What
  readonly device: 'own' | 'another' | 'none'
  readonly city: City
  readonly replica: number
  /** Renewed without a login, perhaps with other rights: more of them when the account was tampered with. */
  readonly roles: 'stolen' | 'more' | 'fewer'
  /** Envoy asks twice. */
  readonly retried: boolean
}

/** One thing that happens; `empty`: every store has lost everything. */
export type Act =
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'empty' }
  | { readonly kind: 'login'; readonly acr: 'pwd' | 'mfa' }
  | AdaAsks
  | ThiefAsks

/** A life of Ada's, whose last login `before` is stolen, and what happens `after`. */
export type Story = {
  readonly before: readonly Act[]
  readonly after: readonly Act[]
  /** Whether the signals watch all requests or only changes. */
  readonly policy: 'all' | 'changes'
  /** Milliseconds that the provider's clock is ahead of true time. */
  readonly ahead: number
  /** Milliseconds that the clock of each replica is. */
  readonly skews: readonly number[]
  /** False: each replica has a store of its own. */
  readonly shared: boolean
  /** The provider's sessions have names, which later logins keep. */
  readonly named: boolean
}

const what = fc.constantFrom<What[]>('plain', 'read', 'change')
const replica = fc.nat({ max: 2 })

const adas: fc.Arbitrary<Act> = fc.record({
  kind: fc.constant('ada'),
  what,
  device: fc.constantFrom('laptop', 'phone'),
  city: fc.constantFrom('berlin', 'berlin', 'paris'),
  replica,
  answersAfter: fc.constantFrom(null, 4_000, 30_000),
})

const thiefs: fc.Arbitrary<Act> = fc.record({
  kind: fc.constant('thief'),
  what,
  device: fc.constantFrom('own', 'own', 'another', 'none'),
  city: fc.constantFrom('berlin', 'paris', 'tokyo', 'tokyo'),
  replica,
  roles: fc.constantFrom('stolen', 'more', 'fewer'),
  retried: fc.boolean(),
})

const logins: fc.Arbitrary<Act> = fc.record({
  kind: fc.constant('login'),
  acr: fc.constantFrom('pwd', 'mfa'),
})

const waits: fc.Arbitrary<Act> = fc.record({
  kind: fc.constant('wait'),
  ms: fc.constantFrom(
    0,
    1,
    700,
    9_000,
    MINUTE,
    10 * MINUTE,
    600 * MINUTE,
    1_500 * MINUTE,
    400_000 * MINUTE,
  ),
})

const empties: fc.Arbitrary<Act> = fc.constant({ kind: 'empty' })

/** Any interleaving of the thief's requests with Ada's, with time, and with what happens to replicas and stores. */
export const stories: fc.Arbitrary<Story> = fc.record({
  before: fc.array(fc.oneof({ weight: 4, arbitrary: adas }, logins, waits), { maxLength: 12 }),
  after: fc.array(
    fc.oneof(
      { weight: 6, arbitrary: thiefs },
      { weight: 4, arbitrary: adas },
      { weight: 3, arbitrary: waits },
      logins,
      empties,
    ),
    { minLength: 1, maxLength: 40, size: 'max' },
  ),
  policy: fc.constantFrom('all', 'changes'),
  ahead: fc.constantFrom(0, 0, 900, 6_000),
  skews: fc.tuple(...[0, 1, 2].map(() => fc.constantFrom(0, 0, -3_000, 2_000))),
  shared: fc.boolean(),
  named: fc.boolean(),
})

/** True when the signals of the story look at such a request. */
export function isWatched({ policy }: Story, asked: What): boolean {
  return asked === 'change' || (policy === 'all' && asked === 'read')
}
