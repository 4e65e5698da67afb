import type { LoopLimit } from './loop.ts'

/** How much of what a store keeps, and for how long; times in milliseconds. */
export type StoreLimits = {
  readonly loop: LoopLimit
  /** That a login may take which a challenge asks for. */
  readonly challengeLife: number
  /** That a first sight waits for a login to vouch for it: after it, the value is new again. */
  readonly sightLife: number
  /** Challenges of a subject that wait for a login each: one too many, and the oldest is forgotten. */
  readonly challenges: number
  /** That a device is known after its last accepted use. */
  readonly deviceLife: number
  /** That a session is remembered after its last use. */
  readonly sessionLife: number
  /** First sights a subject and kind that have not been learnt: one too many, and all of them are new again. */
  readonly sights: number
  /** As `sights`, for roles, of which a token has many. */
  readonly roleSights: number
  /** Devices, and fingerprints, that are known of a subject: one too many, and the one used longest ago is new again. */
  readonly known: number
  /** Fingerprints that are learnt within one session: one too many, and the oldest is forgotten. */
  readonly sessionFingerprints: number
}

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE

/** What holds where nothing else is said. */
export const STORE_LIMITS: Omit<StoreLimits, 'loop'> = {
  challengeLife: 10 * MINUTE,
  challenges: 64,
  sightLife: DAY,
  deviceLife: 180 * DAY,
  sessionLife: 30 * DAY,
  sights: 64,
  roleSights: 256,
  known: 16,
  sessionFingerprints: 4,
}

/** What a maker of a store is given: all but the loop has a default. */
export type GivenLimits = { readonly loop: LoopLimit } & Partial<StoreLimits>

/** Milliseconds that a subject is remembered after its last use: not less than anything that is remembered of it. */
export function subjectLife({ deviceLife, sessionLife }: StoreLimits): number {
  return Math.max(deviceLife, sessionLife)
}
